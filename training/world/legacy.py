"""The matchmaker of the past: who was shown, in which order, who was proposed and who was signed.

She looks for titles and experience, likes a well-written text, schooling, her own municipality and people she saw
lately, and starts at the top of her list. History is what these habits left, not what was possible.
"""

from dataclasses import dataclass

import numpy as np

from training.world.content import Floats
from training.world.firms import Job
from training.world.outcomes import Market
from training.world.people import Ints
from training.world.requirements import eligible

CASELOAD = 3_000  # nobody searches through more people than this for one vacancy
RECENT_DAYS = 90.0


@dataclass(frozen=True)
class Showing:
    """One talent on one shortlist and how far it went. Days count from the start of history.

    ``reached`` is one of shown, proposed, refused (by the talent), interviewed, placed, late (filled before the turn).
    """

    job: int
    talent: int
    shortlist: int
    rank: int
    day: int
    reached: str
    by: str
    reason: str


REASONS = {
    "matchmaker": (
        "Past minder bij het profiel", "Te weinig ervaring", "Al elders voorgesteld", "Geen beeld bij",
        "Cv is erg mager",
    ),
    "talent": ("Te ver reizen", "Past niet bij wat ik zoek", "Uren komen niet uit", "Ik wil liever iets anders"),
    "employer": (
        "Andere kandidaat gekozen", "Ervaring sluit niet aan", "Geen klik", "Twijfel over motivatie",
        "Niet op de afspraak verschenen",
    ),
}  # fmt: skip


class Desk:
    """The matchmaker's desk over the whole history; holds who is at work until when."""

    def __init__(self, market: Market, rng: np.random.Generator, n_days: int) -> None:
        self.market, self.rng, self.n_days = market, rng, n_days
        self.people = market.people
        self.busy_until = np.full(len(self.people), -10_000)
        self.last_seen = self.people.published.copy()
        self.n_shortlists = 0
        self.towns = np.array([area.municipality for area in market.content.areas])
        self.town = self.towns[self.people.area]

    def search(self, job: Job, day: int, seen: set[int]) -> Ints:
        """Picks 8 to 20 people for a job as of a day, best first by habit."""
        free = (
            (self.people.published <= day) & (self.busy_until < day) & eligible(self.people, job, self.market.content)
        )
        drawer = np.flatnonzero(free)
        drawer = drawer[~np.isin(drawer, list(seen))]
        if len(drawer) > CASELOAD:
            drawer = np.sort(self.rng.choice(drawer, CASELOAD, replace=False))
        habit = self._habit(job, day)[drawer] + self.rng.gumbel(0.0, 0.75, len(drawer))
        n_shown = int(self.rng.integers(8, 21))
        return np.asarray(drawer[np.argsort(-habit, kind="stable")[:n_shown]])

    def _habit(self, job: Job, day: int) -> Floats:
        people = self.people
        home = people.area == job.area
        own_town = self.town == self.towns[job.area]
        recent = np.exp(-np.maximum(0, day - self.last_seen) / RECENT_DAYS)
        return np.asarray(1.3 * self.market.appeal(job) + 0.5 * own_town + 0.3 * home + 0.7 * recent)

    def handle(self, job: Job, day: int, seen: set[int], open_positions: int) -> list[Showing]:
        """Opens one shortlist and follows everybody on it, best rank first, while positions are open."""
        chosen = self.search(job, day, seen)
        self.n_shortlists += 1
        chances = self._chances(job, chosen)
        showings = []
        for rank, talent in enumerate(chosen.tolist(), start=1):
            reached, by = self._course(chances[rank - 1], filled=open_positions <= 0)
            open_positions -= reached == "placed"
            reason = str(self.rng.choice(REASONS[by])) if by else ""
            showings.append(Showing(job.number, talent, self.n_shortlists, rank, day, reached, by, reason))
        self.last_seen[chosen] = day
        seen.update(chosen.tolist())
        return showings

    def _chances(self, job: Job, chosen: Ints) -> Floats:
        """(chosen, 3): P(proposed at this rank), P(accepts), P(hired)."""
        shown = self.market.rows(chosen)
        fit = shown.fit(job)
        rank = np.arange(1, len(chosen) + 1)
        return np.stack([shown.p_proposed(job, fit, rank), shown.p_accepts(job, fit), shown.p_hired(job, fit)], axis=1)

    def _course(self, chance: Floats, *, filled: bool) -> tuple[str, str]:
        """Draws how far one showing goes and who said no. A filled position stops the rest of the list."""
        proposed, accepts, hired, speaks, met = self.rng.random(5)
        if filled:
            return "late", ""
        if proposed >= chance[0]:
            return "shown", "matchmaker" if speaks < 0.25 else ""
        if accepts >= chance[1]:
            return "refused", "talent"
        if hired >= chance[2]:
            return ("interviewed" if met < 0.6 else "proposed"), "employer"
        return "placed", ""
