"""The list of people as a matchmaker looks through it: searched and filtered, in order of id and of nothing else."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.store import TalentLine, folded
from core.vocabulary import Route


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    """What is looked for; None or an empty text asks nothing.

    Attributes:
        search: an id or a part of it, or words that must all stand somewhere in someone's own words.
        municipality: where people live.
        route: which brought them here.
        active: whether they look for work now.
    """

    search: str = ""
    municipality: str | None = None
    route: Route | None = None
    active: bool | None = None


def select_people(lines: Iterable[TalentLine], wanted: PeopleFilter) -> list[TalentLine]:
    """The people that fit, whoever is named by id first, then in the order given."""
    words, town = folded(wanted.search).split(), (wanted.municipality or "").casefold()
    fitting = [
        line
        for line in lines
        if (wanted.active is None or line.active is wanted.active)
        and (wanted.route is None or line.route is wanted.route)
        and (not town or (line.municipality or "").casefold() == town)
    ]
    if not words:
        return fitting
    named = [line for line in fitting if len(words) == 1 and words[0] in line.talent_id.casefold()]
    told = [line for line in fitting if all(word in line.words for word in words)]
    return list(dict.fromkeys([*named, *told]))
