"""What would close a gap: learning on the job, a course, or another trade. The one place for this rule.

- *Inwerken* when the employer says to train this very thing: a certificate by name, a skill by meaning. That an
  employer trains something else says nothing of this gap.
- *Omscholing* for a skill when the work itself is new: what is known of someone's earlier and wished-for work comes
  nowhere near it. Where nothing is known of earlier work, nothing is called new.
- *Bijscholing* for every other skill, and for a certificate, a driving licence or a language, which are courses.

A level of education has no bridge: it takes years, not a course.
"""

import numpy as np

from core.records import Vacancy
from core.vocabulary import Bridge
from embeddings.phrases import PhraseKind
from ranking.eligibility import is_taught
from ranking.features import CLOSE, WORK
from ranking.matching import PhraseMatch


def certificate_bridge(vacancy: Vacancy, certificate: str) -> Bridge:
    """What would give a certificate that the vacancy asks for."""
    return Bridge.ON_THE_JOB if is_taught(vacancy, certificate) else Bridge.COURSE


def skill_bridge(match: PhraseMatch, asked: int, *, new_trade: bool) -> Bridge:
    """What would teach an asked skill.

    Args:
        match: the vacancy's phrases beside those of candidates.
        asked: number of the skill among the vacancy's phrases.
        new_trade: whether the work is new to the person, see :func:`is_new_trade`.
    """
    training = match.asked([PhraseKind.TRAINING])
    taught = match.asked_vectors[training] @ match.asked_vectors[asked]
    if len(taught) and float(taught.max()) >= CLOSE:
        return Bridge.ON_THE_JOB
    return Bridge.RETRAINING if new_trade else Bridge.COURSE


def is_new_trade(match: PhraseMatch, candidate: int, experience_months: float) -> bool:
    """Whether nothing in a person's known work, done or wished for, comes near the vacancy's occupation.

    Args:
        match: the vacancy's phrases beside those of candidates.
        candidate: number of the person in ``match``.
        experience_months: of that person; 0 is known to have none, NaN unknown.
    """
    work = match.asked(WORK)
    done = [match.nearest(candidate, int(phrase), (PhraseKind.EXPERIENCE,)) for phrase in work]
    wished = [match.nearest(candidate, int(phrase), (PhraseKind.OCCUPATION,)) for phrase in work]
    is_known = any(hit is not None for hit in done) or experience_months == 0
    nearest = max((hit[1] for hit in (*done, *wished) if hit is not None), default=-np.inf)
    return bool(len(work)) and is_known and nearest < CLOSE
