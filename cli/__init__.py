"""The command line and the composition: the only package that sees everything."""
