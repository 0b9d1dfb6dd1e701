"""Reads a free Dutch vacancy text into the fields of a record, each reading with its place and its confidence."""

from ranking.reading.completion import completed
from ranking.reading.findings import Finding, ReadField
from ranking.reading.lexicon import PhraseLexicon
from ranking.reading.reader import read_vacancy

__all__ = ["Finding", "PhraseLexicon", "ReadField", "completed", "read_vacancy"]
