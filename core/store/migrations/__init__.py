"""Schema migrations; run by ``core.store.migrate``."""
