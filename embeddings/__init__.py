"""Which words of a record count, encoders, the cache of vectors and the index: text → unit vectors → nearest rows."""
