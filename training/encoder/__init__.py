"""The encoder: training from ESCO, measuring, and writing the model folder."""
