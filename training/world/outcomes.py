"""Why people are placed, and why they stay: two different things.

Being placed hangs on the matchmaker's and the employer's habits: experience, titles, a well-written text, schooling,
one's place in the list, and prejudice. Staying hangs on taste for the work as it is, on what one can do or is
taught, on conduct, on the road and the hours, and on how an employer treats people. Both are logistic in the true
columns of :mod:`people` and :mod:`firms`, with interactions; ``steadiness`` shows in no record.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from training.world.content import BEHAVIOUR_INDEX, FAMILY_CREDIT, Content, Floats
from training.world.firms import Job
from training.world.people import LICENCES, NOTHING, TASTE_SD, Bools, Ints, People
from training.world.requirements import travel_km, travel_minutes

NEUTRAL_RANK = 3.0  # the place in the list at which ``p_placed`` is told
RANK_SLOPE = 0.07  # logit of being proposed lost with each place further down
SUPPORT_EFFECT = 0.6  # logit of staying gained by a job coach, travel money and the like
CARE_AND_SERVICE = frozenset({"zorg", "schoonmaak", "detailhandel"})
TRADES = frozenset({"bouw", "installatietechniek", "haven", "logistiek", "energietransitie"})


def sigmoid(x: Floats) -> Floats:
    """Logistic function."""
    return np.asarray(1.0 / (1.0 + np.exp(-x)))


@dataclass(frozen=True)
class Fit:
    """How people fit one job, each (n,): the terms that both placement and retention are made of.

    Attributes:
        interest: taste for the work and its climate, standardised.
        cover: share of the job's skills that one has, kin skills counting half, before teaching; 0 to 1.
        taught: share of what lacks that the employer teaches and this person picks up; 0 to 1.
        conduct: mean of the behaviours asked, about N(0, 0.6).
        minutes, km: one way. hours: contract hours a week that the two would agree on.
    """

    interest: Floats
    cover: Floats
    taught: Floats
    conduct: Floats
    minutes: Floats
    km: Floats
    hours: Floats


class Market:
    """People and the quantities that every job needs of them, computed once."""

    def __init__(self, people: People, content: Content) -> None:
        self.people, self.content = people, content

    @cached_property
    def near(self) -> Floats:
        """(n, skills): 1 where one has the skill, ``FAMILY_CREDIT`` where one has kin of it, else 0."""
        families = [skill.family for skill in self.content.skills]
        names = sorted(set(families))
        member = np.array([[family == name for name in names] for family in families])
        any_kin = (self.people.skills.astype(np.float32) @ member.astype(np.float32)) > 0
        credit = FAMILY_CREDIT * any_kin[:, [names.index(family) for family in families]]
        return np.asarray(np.maximum(self.people.skills, credit), dtype=np.float32)

    @cached_property
    def months(self) -> Ints:
        """(n,) months in the longest job."""
        return np.asarray(self.people.months.max(axis=1))

    def rows(self, chosen: Ints) -> "Market":
        """The same market with some talents only."""
        return Market(self.people.rows(chosen), self.content)

    def fit(self, job: Job) -> Fit:
        """Measures everybody against one job."""
        people = self.people
        skills = list(job.skills)
        weight = np.where(np.arange(len(skills)) < job.n_core, 1.0, 0.5)
        weight /= weight.sum()
        have = self.near[:, skills]
        picks_up = 0.35 + 0.4 * sigmoid(1.5 * people.behaviours[:, BEHAVIOUR_INDEX[24116]])
        teaches = np.array([self.content.skills[s].key in job.taught for s in skills])
        gap = (1.0 - have) * weight
        lacking = gap.sum(axis=1)
        taught = picks_up * (gap * teaches).sum(axis=1) / np.maximum(lacking, 1e-9)
        km = travel_km(people, job, self.content)
        return Fit(
            interest=people.themes @ np.array(job.themes) / TASTE_SD,
            cover=have @ weight,
            taught=np.where(lacking > 0, taught, 0.0),
            conduct=people.behaviours[:, list(job.behaviours)].mean(axis=1),
            minutes=travel_minutes(people, km, job),
            km=km,
            hours=np.clip(people.hours_wish, job.hours[0], job.hours[1]).astype(np.float64),
        )

    def kinship(self, job: Job) -> tuple[Floats, Bools]:
        """How near earlier work lies to the job (0 to 1), and whether a title in the record is the job's own."""
        related = np.append(self.content.related[job.occupation], 0.0)
        experience = self.people.experience
        nearest = related[experience].max(axis=1)
        same = (experience == job.occupation).any(axis=1) | (self.people.preferred == job.occupation).any(axis=1)
        return nearest, same

    def p_retained(self, job: Job, fit: Fit, *, support: bool | Bools = False) -> Floats:
        """P(1,040 hours worked | placed), (n,); without support unless told."""
        people = self.people
        able = fit.cover + (1.0 - fit.cover) * fit.taught
        newcomer = people.experience[:, 0] == NOTHING
        short = np.maximum(0.0, people.hours_wish - fit.hours)
        over = np.maximum(0.0, fit.hours - people.hours_wish)
        strain = fit.minutes / people.max_minutes
        z = 2.2 + 0.9 * fit.interest + 3.0 * (able - 0.5) + 1.15 * fit.conduct
        z += 0.35 * fit.interest * np.clip((able - 0.45) / 0.25, -1.5, 1.5)
        z += np.where(newcomer, 0.5 if job.newcomers and job.taught else -0.3, 0.0)
        z -= 1.1 * sigmoid((fit.minutes - 42.0) / 6.0) + 1.3 * np.clip((strain - 0.7) / 0.3, 0.0, 1.5)
        z -= 0.055 * short + 0.09 * over + 0.04 * np.maximum(0.0, 24.0 - fit.hours)
        z += (-1.1 + 1.3 * people.irregular) if job.irregular else 0.0
        z -= 0.6 * np.maximum(0, job.dutch - people.dutch)
        z -= 0.5 * np.maximum(0, people.education - job.education - 1)
        z -= 0.2 * np.maximum(0, job.education - people.education)
        z += 0.8 * job.quality + 0.4 * people.steadiness
        return sigmoid(z + SUPPORT_EFFECT * np.asarray(support, dtype=np.float64))

    def appeal(self, job: Job) -> Floats:
        """What a matchmaker and an employer see in a record, (n,): work done, titles, wording, schooling, prejudice."""
        people = self.people
        nearest, same = self.kinship(job)
        seen = 1.0 * nearest**2 + 0.4 * same + 0.08 * np.minimum(self.months, 60) / 12
        seen = job.rigour * seen + 0.9 * (people.polish - 0.45)
        seen += 0.22 * np.clip(people.education - job.education, -2, 2)
        return np.asarray(seen + self.prejudice(job))

    def prejudice(self, job: Job) -> Floats:
        """The part of the appeal that no one should have, (n,); 0 or less."""
        people, sector = self.people, self.content.occupations[job.occupation].sector
        age = 2026 - people.birth_year
        unfair = 0.8 * (age >= 55) + 0.55 * (people.background == 2) + 0.25 * (people.background == 1)
        if sector in TRADES:
            unfair = unfair + 0.8 * (people.gender == 1)
        elif sector in CARE_AND_SERVICE:
            unfair = unfair + 0.5 * (people.gender == 0)
        return np.asarray(-job.bias * unfair)

    def p_proposed(self, job: Job, fit: Fit, rank: float | Ints | Floats = NEUTRAL_RANK) -> Floats:
        """P(proposed to the employer | shown at this rank), (n,): habit, and what a talk of ten minutes brings out."""
        z = 0.1 + 0.3 * (self.appeal(job) - 0.8) - RANK_SLOPE * (np.asarray(rank, dtype=np.float64) - NEUTRAL_RANK)
        z = z + 0.5 * fit.interest + 1.0 * fit.conduct + 1.2 * (fit.cover - 0.4)
        z -= 0.05 * np.maximum(0.0, fit.minutes - 30.0) + 0.05 * np.abs(self.people.hours_wish - fit.hours)
        return sigmoid(z - (0.7 * ~self.people.irregular if job.irregular else 0.0))

    def p_accepts(self, job: Job, fit: Fit) -> Floats:
        """P(the talent says yes to being proposed), (n,)."""
        z = 1.5 + 0.15 * fit.interest - 0.05 * np.maximum(0.0, fit.minutes - 35.0)
        z -= 0.04 * np.abs(self.people.hours_wish - fit.hours)
        return sigmoid(z - (0.7 * ~self.people.irregular if job.irregular else 0.0))

    def p_hired(self, job: Job, fit: Fit) -> Floats:
        """P(the employer signs | proposed and willing), (n,). Without the papers hardly anybody is."""
        z = -0.55 + 0.36 * (self.appeal(job) - 0.8) + 0.15 * (fit.cover - 0.4)
        z -= 0.5 * np.maximum(0, job.dutch - self.people.dutch)
        for licence in job.licences:
            z = z - 1.6 * ~self.people.licences[:, LICENCES.index(licence)]
        names = list(self.content.certificates)
        for key in job.certificates:
            if key not in job.taught:
                z = z - 0.9 * ~self.people.certificates[:, names.index(key)]
        return sigmoid(z)

    def p_placed(self, job: Job, fit: Fit, rank: float | Ints | Floats = NEUTRAL_RANK) -> Floats:
        """P(placed | shown at this rank while a position is open), (n,)."""
        return self.p_proposed(job, fit, rank) * self.p_accepts(job, fit) * self.p_hired(job, fit)
