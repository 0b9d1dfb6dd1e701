"""Reads a free Dutch vacancy text into the fields of a record, each reading with its place and its confidence."""

from ranking.reading.completion import completed
from ranking.reading.findings import Finding, ReadField
from ranking.reading.proposal import Mention, Proposal, Proposed, Quote, Sureness, propose
from ranking.reading.reader import read_vacancy
from ranking.reading.vacancies import ToldVacancy, VacancyReader

__all__ = [
    "Finding",
    "Mention",
    "Proposal",
    "Proposed",
    "Quote",
    "ReadField",
    "Sureness",
    "ToldVacancy",
    "VacancyReader",
    "completed",
    "propose",
    "read_vacancy",
]
