"""Records, vocabulary, errors, settings, store, exchange, artifacts: what every other package stands on."""
