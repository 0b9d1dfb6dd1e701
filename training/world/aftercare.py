"""What happens after a signature: support, calls, timecards, and the end of the job or of our view of it."""

from dataclasses import dataclass

import numpy as np

RETAINED_HOURS = 1_040
TIMECARD_SHARE = 0.8  # of placements; of the others only contract hours are known
WEEKLY_SHARE = 0.4  # of timecards; the others come every four weeks
MAX_CARDS = 80
SUPPORTS = ("job_coach", "travel", "training", "wage_subsidy", "work_trial", "other")
NOTES = {
    "job_coach": "Jobcoach, een uur per week", "travel": "Reiskosten eerste maanden", "training": "Cursus vergoed",
    "wage_subsidy": "Loonkostensubsidie", "work_trial": "Proefplaatsing vooraf", "other": "Werkkleding vergoed",
}  # fmt: skip
LEFT = {
    "early": (
        "Niet meer verschenen", "Werk viel tegen", "Reistijd te lang", "Geen klik met de collega's",
        "Rooster lukt niet met thuis",
    ),
    "later": (
        "Contract niet verlengd", "Zelf opgezegd", "Te weinig uren", "Ander werk gevonden",
        "Voldeed niet aan de verwachting",
    ),
    "kept": ("Ander werk gevonden", "Contract afgelopen", "Doorgegroeid naar een andere werkgever", "Verhuisd"),
}  # fmt: skip


@dataclass(frozen=True)
class Stay:
    """One appointment. Days count from the start of history; ``ends`` may lie beyond it.

    ``rate`` is the hours truly worked a week: with timecards people work a little less than the contract says.
    """

    starts: int
    contract_hours: float
    contract_ends: int | None
    retained: bool
    rate: float
    ends: int
    cards_every: int  # days; 0 without timecards


def weeks_to_retain(rate: float) -> int:
    """Whole weeks after which the 1,040 hours are there."""
    return int(np.ceil(RETAINED_HOURS / rate - 1e-9))


def draw_stay(rng: np.random.Generator, starts: int, hours: float, p_retained: float) -> Stay:
    """Draws whether and until when a person stays. Who leaves mostly leaves early."""
    carded = rng.random() < TIMECARD_SHARE
    every = (7 if rng.random() < WEEKLY_SHARE else 28) if carded else 0
    rate = hours * float(np.clip(rng.normal(0.975, 0.015), 0.93, 1.0)) if carded else hours
    needed = weeks_to_retain(rate) * 7
    retained = bool(rng.random() < p_retained)
    early, longer = rng.beta(0.8, 1.5), rng.exponential(300.0)
    ends = starts + (needed + 28 + int(longer) if retained else int(early * (needed - 8)))
    term = int(rng.choice([0, 182, 212, 365], p=[0.15, 0.25, 0.3, 0.3]))
    return Stay(starts, hours, starts + term if term else None, retained, rate, ends, every)


def draw_support(rng: np.random.Generator, *, newcomer: bool) -> str:
    """Which arrangement is given, or none. Newcomers get more: a treatment that follows need, not chance."""
    given = rng.random() < (0.32 if newcomer else 0.16)
    kind = str(rng.choice(SUPPORTS, p=[0.3, 0.15, 0.2, 0.15, 0.1, 0.1]))
    return kind if given else ""


def follow(rng: np.random.Generator, stay: Stay, n_days: int) -> list[tuple[int, str, dict[str, object]]]:
    """The aftercare events of a stay up to the end of history: (day, kind, fields)."""
    told = stay.ends + int(rng.integers(0, 5))
    events: list[tuple[int, str, dict[str, object]]] = []
    moments = {"first_day": stay.starts, "first_week": stay.starts + 7, "first_month": stay.starts + 30}
    if stay.contract_ends is not None:
        moments["before_contract_end"] = stay.contract_ends - 21
    for moment, day in moments.items():
        if rng.random() < 0.85 and day <= told:
            events.append((day, "checkpoint", {"moment": moment, "still_working": day < stay.ends}))
    events += [(day, "hours", {"total_hours": worked}) for day, worked in _cards(stay, n_days)]
    days = stay.ends - stay.starts
    phase = "kept" if stay.retained else ("early" if days < 60 else "later")
    events.append((told, "ended", {"ended_on": stay.ends, "reason": str(rng.choice(LEFT[phase]))}))
    return [event for event in events if event[0] <= n_days]


def _cards(stay: Stay, n_days: int) -> list[tuple[int, float]]:
    """Timecards: cumulative hours, rounded down to the quarter, the last one on the last day."""
    if not stay.cards_every:
        return []
    days = list(range(stay.starts + stay.cards_every, min(stay.ends, n_days + 1), stay.cards_every))[:MAX_CARDS]
    if stay.starts < stay.ends <= n_days:
        days.append(stay.ends)
    return [(day, int(4 * stay.rate * (day - stay.starts) / 7) / 4) for day in days]
