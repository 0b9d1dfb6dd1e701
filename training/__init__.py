"""Learning from past placements: labels, data, models, evaluation, gate and registry."""
