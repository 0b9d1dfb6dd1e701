"""Hard requirements: a talent who is known not to meet one is off the list; an unknown answer excludes nobody."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from core.records import Language, Vacancy
from core.vocabulary import KnockOut
from ranking.columns import LANGUAGE_ORDER, TalentColumns
from ranking.qualifications import certificate_satisfies, licence_categories, licences_held
from ranking.travel import TRANSPORT_ORDER, distance_km, travel_minutes

Bools = npt.NDArray[np.bool_]

# What a course, a travel card or a talk could still bridge, so that the person is worth showing as a near miss.
BRIDGE_HOURS = 8.0
BRIDGE_DAYS = 42
BRIDGE_TRAVEL = 1.6  # times their own limit
# Times their own limit in minutes before a journey is surely too long: our minutes are modelled, no planner's.
MINUTES_MARGIN = 1.15
BRIDGE_LANGUAGE_LEVELS = 1


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Answers for n talents.

    Attributes:
        blocked: per knock-out, (n,) true where the requirement is known not to be met.
        bridgeable: (n,) true where every knock-out of that talent could be bridged (and there is at least one).
    """

    blocked: dict[KnockOut, Bools]
    bridgeable: Bools

    @property
    def eligible(self) -> Bools:
        """(n,) true where nothing is known to stand in the way."""
        eligible: Bools = ~np.logical_or.reduce(list(self.blocked.values()))
        return eligible

    def reasons(self, row: int) -> list[KnockOut]:
        """The knock-outs of one talent, in a fixed order."""
        return [code for code, mask in self.blocked.items() if mask[row]]


def check_eligibility(
    vacancy: Vacancy, talents: TalentColumns, at: tuple[float | None, float | None], today: date
) -> Eligibility:
    """Applies every hard requirement of a vacancy to all talents at once.

    Args:
        vacancy: the job.
        talents: n talents.
        at: latitude and longitude of the work, or None when unknown.
        today: the day on which the question is asked.
    """
    checks = {
        KnockOut.INACTIVE: _nothing_bridges(~talents.active),
        KnockOut.LICENCE: _licence(vacancy, talents),
        KnockOut.CERTIFICATE: _certificate(vacancy, talents),
        KnockOut.HOURS: _hours(vacancy, talents),
        KnockOut.AVAILABILITY: _availability(vacancy, talents, today),
        KnockOut.LANGUAGE: _language(vacancy.languages_required, talents),
        KnockOut.TRAVEL: _travel(talents, at),
        KnockOut.TRANSPORT: _transport(vacancy, talents),
    }
    hopeless = np.logical_or.reduce([blocked & ~bridge for blocked, bridge in checks.values()])
    anything = np.logical_or.reduce([blocked for blocked, _ in checks.values()])
    return Eligibility({code: blocked for code, (blocked, _) in checks.items()}, anything & ~hopeless)


Check = tuple[Bools, Bools]  # (blocked, could be bridged), each (n,)


def _nothing_bridges(blocked: Bools) -> Check:
    return blocked, np.zeros(len(blocked), dtype=bool)


def _licence(vacancy: Vacancy, talents: TalentColumns) -> Check:
    needed = frozenset().union(*(licence_categories(text) for text in vacancy.licences_required))
    if not needed:
        return _nothing_bridges(np.zeros(len(talents), dtype=bool))
    blocked = _judge(talents.licences, lambda held: not needed <= licences_held(held))
    return blocked, np.ones(len(talents), dtype=bool)  # driving lessons


def missing_certificates(vacancy: Vacancy, held: Sequence[str] | None) -> list[str]:
    """Required certificates that a talent is known not to have, whether or not the employer teaches them."""
    if held is None:
        return []
    return [
        need for need in vacancy.certificates_required if not any(certificate_satisfies(have, need) for have in held)
    ]


def is_taught(vacancy: Vacancy, certificate: str) -> bool:
    """Whether the employer offers to train for a certificate."""
    return any(certificate_satisfies(offered, certificate) for offered in vacancy.training_offered)


def _certificate(vacancy: Vacancy, talents: TalentColumns) -> Check:
    untaught = [need for need in vacancy.certificates_required if not is_taught(vacancy, need)]
    if not untaught:
        return _nothing_bridges(np.zeros(len(talents), dtype=bool))
    strict = vacancy.model_copy(update={"certificates_required": untaught})
    blocked = _judge(talents.certificates, lambda held: bool(missing_certificates(strict, held)))
    return blocked, np.ones(len(talents), dtype=bool)  # a course


def _judge(lists: npt.NDArray[np.object_], lacks: Callable[[tuple[str, ...]], bool]) -> Bools:
    """Asks once per distinct list, for lists repeat; None is unknown and lacks nothing."""
    verdicts = {held: held is not None and lacks(held) for held in set(lists)}
    return np.fromiter((verdicts[held] for held in lists), dtype=bool, count=len(lists))


def _hours(vacancy: Vacancy, talents: TalentColumns) -> Check:
    """The two ranges of hours per week must overlap; an open end reaches as far as needed."""
    low, high = _or_nan(vacancy.hours_min), _or_nan(vacancy.hours_max)
    gap = np.fmax(np.fmax(talents.hours_min - high, low - talents.hours_max), 0.0)
    blocked = gap > 0
    return blocked, gap <= BRIDGE_HOURS


def _availability(vacancy: Vacancy, talents: TalentColumns, today: date) -> Check:
    start = np.datetime64(max(vacancy.starts_on or today, today), "D")  # a start that has passed is now
    gone = talents.available_until < start  # comparisons with NaT are false: unknown excludes nobody
    late = (talents.available_from > start) if vacancy.starts_on else np.zeros(len(talents), dtype=bool)
    soon = (talents.available_from - start) <= np.timedelta64(BRIDGE_DAYS, "D")
    return gone | late, late & soon & ~gone


def _language(required: Sequence[Language], talents: TalentColumns) -> Check:
    gap = language_gap(required, talents)
    return gap > 0, gap <= BRIDGE_LANGUAGE_LEVELS


def language_gap(required: Sequence[Language], talents: TalentColumns) -> npt.NDArray[np.float64]:
    """The largest known shortfall in levels over all required languages (n,); 0 is met, NaN is unknown."""
    shortfalls = []
    unknown = np.full(len(talents), np.nan)
    for language in required:
        column = LANGUAGE_ORDER.index(language.code) if language.code in LANGUAGE_ORDER else None
        for need, have in ((language.spoken, talents.spoken), (language.written, talents.written)):
            if need is not None:
                shortfalls.append(unknown if column is None else np.maximum(need - have[:, column], 0.0))
    if not shortfalls:
        return np.zeros(len(talents))
    largest: npt.NDArray[np.float64] = np.fmax.reduce(shortfalls)
    return largest


def _travel(talents: TalentColumns, at: tuple[float | None, float | None]) -> Check:
    """Too far when even the crow flies further than the talent's own limit, or it takes clearly longer."""
    if at[0] is None or at[1] is None:
        return _nothing_bridges(np.zeros(len(talents), dtype=bool))
    km = distance_km(talents.lat, talents.lon, at[0], at[1])
    minutes = travel_minutes(km, talents.transport) / MINUTES_MARGIN
    beyond = (km > talents.max_km) | (minutes > talents.max_minutes)
    near = ~(km > talents.max_km * BRIDGE_TRAVEL) & ~(minutes > talents.max_minutes * BRIDGE_TRAVEL)
    return beyond, near


def _transport(vacancy: Vacancy, talents: TalentColumns) -> Check:
    """One of the ways that the vacancy names is enough."""
    wanted = [TRANSPORT_ORDER.index(way) for way in vacancy.transport_required]
    if not wanted:
        return _nothing_bridges(np.zeros(len(talents), dtype=bool))
    has_one = talents.transport[:, wanted].any(axis=1)
    return talents.transport_known & ~has_one, np.ones(len(talents), dtype=bool)  # a travel card, a loan bicycle


def _or_nan(value: float | None) -> float:
    return np.nan if value is None else float(value)
