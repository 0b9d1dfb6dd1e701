"""Figures that people rely on, each from a command: ``python -m benchmarks.<name>``."""
