"""The HTTP service: contract §3 over :mod:`ranking` and :mod:`core.store`."""
