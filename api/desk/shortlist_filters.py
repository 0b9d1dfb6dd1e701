"""Which of the people on a shortlist are looked at, and in whose order: read from the address, and written into it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Final
from urllib.parse import parse_qsl, urlencode

from core.records import Talent
from core.shortlists import Entry
from core.vocabulary import Route
from ranking.standing import Standing, Step

MAX_KM: Final = 500
MAX_HOURS: Final = 100
MAX_QUERY: Final = 500
YES: Final = "ja"
OF_THE_LIST: Final = "lijst"


@dataclass(frozen=True, slots=True)
class Filters:
    """What stands in the address of a shortlist; everything may be left out.

    Attributes:
        km: at most so far; who lives we do not know where stays.
        uren: wants to work at least so many hours a week; who did not say stays.
        route: came by this trajectory.
        compleet: only people without a gap.
        nieuw: only people who were not proposed yet.
        zonder_nee: without people who were declined.
        volgorde: ``lijst`` for the order that the list gave, whatever was moved.
        pagina: from 1.
        wrong: names of what could not be read; it then does not count.
    """

    km: float | None = None
    uren: float | None = None
    route: Route | None = None
    compleet: bool = False
    nieuw: bool = False
    zonder_nee: bool = False
    volgorde: str = ""
    pagina: int = 1
    wrong: frozenset[str] = field(default=frozenset())

    @property
    def active(self) -> bool:
        """Whether anybody may be left out."""
        return any((self.km is not None, self.uren is not None, self.route, self.compleet, self.nieuw, self.zonder_nee))

    def keeps(self, entry: Entry, talent: Talent | None, standing: Standing) -> bool:
        """Whether this person is looked at. Unknown is not no: whoever might fit stays."""
        far = self.km is not None and entry.travel_km is not None and entry.travel_km > self.km
        most = talent.hours_max if talent is not None else None
        few = self.uren is not None and most is not None and most < self.uren
        elsewhere = self.route is not None and (talent is None or talent.route is not self.route)
        known = self.nieuw and standing.step is not Step.NEW
        refused = self.zonder_nee and standing.step is Step.DECLINED
        return not (far or few or elsewhere or known or refused or (self.compleet and bool(entry.gaps)))

    def query(self, **changes: object) -> str:
        """The part of an address after the question mark, with what is changed; empty when nothing is chosen."""
        values = {name: value for name, value in (asdict(self) | changes).items() if name != "wrong"}
        shown = {name: _written(value) for name, value in values.items() if value not in (None, False, "")}
        if shown.get("pagina") == "1":
            del shown["pagina"]
        return urlencode(shown)

    def written(self, name: str) -> str:
        """A value as it stands in its field."""
        value = getattr(self, name)
        return "" if value is None else _written(value)

    def address(self, path: str, **changes: object) -> str:
        """A path with these filters behind it."""
        query = self.query(**changes)
        return f"{path}?{query}" if query else path


def filters_of(query: str) -> Filters:
    """What :meth:`Filters.query` wrote, as a form carries it; anything else counts for nothing."""
    return read_filters(dict(parse_qsl(query[:MAX_QUERY])))


def read_filters(given: Mapping[str, str]) -> Filters:
    """What an address says; what cannot be read is named in ``wrong``."""
    km, wrong_km = _number(given.get("km", ""), MAX_KM)
    hours, wrong_hours = _number(given.get("uren", ""), MAX_HOURS)
    page = given.get("pagina", "")
    route = given.get("route", "")
    return Filters(
        km=km,
        uren=hours,
        route=Route(route) if route in set(Route) else None,
        compleet=given.get("compleet") == YES,
        nieuw=given.get("nieuw") == YES,
        zonder_nee=given.get("zonder_nee") == YES,
        volgorde=OF_THE_LIST if given.get("volgorde") == OF_THE_LIST else "",
        pagina=int(page) if page.isascii() and page.isdigit() and int(page[:4]) >= 1 else 1,
        wrong=frozenset(name for name, is_wrong in (("km", wrong_km), ("uren", wrong_hours)) if is_wrong),
    )


def _number(text: str, most: int) -> tuple[float | None, bool]:
    """A number as a Dutch reader types it, and whether there was something else."""
    plain = text.strip().replace(",", ".")
    if not plain:
        return None, False
    try:
        value = float(plain)
    except ValueError:
        return None, True
    return (value, False) if 0 <= value <= most else (None, True)


def _written(value: object) -> str:
    if value is True:
        return YES
    return f"{value:g}".replace(".", ",") if isinstance(value, float) else str(value)
