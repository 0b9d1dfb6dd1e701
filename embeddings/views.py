"""What of a record is text for the encoder: talents first, and nothing of who a person is.

Read from a talent: presentation (redacted), behaviours that are mastered, skills, interests, preferred
occupations, experience, certificates. Never read: identifiers, location, municipality, languages, education,
route, dates, ``extra``. Languages are matched by features of their own; as text they tell where someone comes
from.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from core.records import Talent, Vacancy
from core.vocabulary import BEHAVIOURS_NL, BehaviourLevel
from embeddings.phrases import Phrase, PhraseGroup, PhraseKind, bounded
from embeddings.redaction import redact
from embeddings.sentences import clean, sentences, task_sentences

__all__ = [
    "ASKED_CONDUCT_WEIGHT",
    "BEHAVIOUR_WEIGHT",
    "OWN_CONDUCT_WEIGHT",
    "TALENT_WEIGHTS",
    "VACANCY_WEIGHTS",
    "Phrase",
    "PhraseKind",
    "conduct",
    "talent_phrases",
    "talent_text",
    "vacancy_phrases",
    "vacancy_text",
]

# How much each kind of phrase weighs in a record's own vector. Found on synthetic worlds with seeds 11 and 12 and
# confirmed on others (docs/encoder.md): what someone can and has done, and the tasks of a job, count most. The optimum
# is flat, so the weights are round.
TALENT_WEIGHTS: Final[Mapping[PhraseKind, float]] = {
    PhraseKind.SKILL: 1.0,
    PhraseKind.EXPERIENCE: 1.0,
    PhraseKind.OCCUPATION: 0.5,
    PhraseKind.INTEREST: 0.5,
    PhraseKind.CERTIFICATE: 0.5,
    PhraseKind.SENTENCE: 0.5,
}
VACANCY_WEIGHTS: Final[Mapping[PhraseKind, float]] = {
    PhraseKind.SENTENCE: 1.0,
    PhraseKind.SKILL_REQUIRED: 0.75,
    PhraseKind.TITLE: 0.5,
    PhraseKind.OCCUPATION: 0.5,
    PhraseKind.CERTIFICATE: 0.5,
    PhraseKind.SKILL_DESIRED: 0.25,
    PhraseKind.TRAINING: 0.25,
}
OWN_CONDUCT_WEIGHT: Final = 1.0
ASKED_CONDUCT_WEIGHT: Final = 1.5
BEHAVIOUR_WEIGHT: Final[Mapping[BehaviourLevel, float]] = {
    BehaviourLevel.GOOD: 1.0,
    BehaviourLevel.SUFFICIENT: 0.6,
    BehaviourLevel.INSUFFICIENT: -0.5,
    BehaviourLevel.ABSENT: -1.0,
}
"""What a level is worth when a vacancy asks for the behaviour; levels that are not here are unknown."""


def talent_text(talent: Talent) -> str:
    """One text of what a person can, likes and has done; empty when the record says nothing of it.

    Behaviours count only when mastered: those at level good are named first, those at sufficient after them.
    """
    good, sufficient = _mastered(talent, BehaviourLevel.GOOD), _mastered(talent, BehaviourLevel.SUFFICIENT)
    return _joined(
        redact(talent.presentation),
        _listed("Sterk in", good),
        _listed("Ook goed in", sufficient),
        _listed("Kan", _own(talent.skills)),
        _listed("Interesse in", _own(talent.interests)),
        _listed("Zoekt werk als", _own(talent.preferred_occupations)),
        *(
            _joined(_listed("Werkte als", _own([work.occupation])), redact(work.text))
            for work in talent.experience or ()
        ),
    )


def vacancy_text(vacancy: Vacancy) -> str:
    """One text of what the work and its demands are, without terms of employment and the employer's name."""
    return _joined(
        vacancy.title,
        vacancy.occupation or "",
        _listed("Nodig", _lines(vacancy.skills_required)),
        _listed("Handig", _lines(vacancy.skills_desired)),
        _listed("Sterk in", [BEHAVIOURS_NL[one.code] for one in vacancy.behaviours if one.code in BEHAVIOURS_NL]),
        ". ".join(task_sentences(vacancy.description)),
        _listed("Je leert", _lines(vacancy.training_offered)),
    )


def talent_phrases(talent: Talent) -> list[Phrase]:
    """The things a talent offers, at most ``MAX_PHRASES``, most telling kinds first."""
    worked = talent.experience or []
    occupations = _own(work.occupation for work in worked)
    told = [sentence for work in worked for sentence in sentences(redact(work.text))]
    return bounded(
        [
            PhraseGroup(PhraseKind.SKILL, _own(talent.skills), 24),
            PhraseGroup(PhraseKind.EXPERIENCE, occupations + told, 14),
            PhraseGroup(PhraseKind.OCCUPATION, _own(talent.preferred_occupations), 6),
            PhraseGroup(PhraseKind.INTEREST, _own(talent.interests), 6),
            PhraseGroup(PhraseKind.CERTIFICATE, _own(talent.certificates or []), 6),
            PhraseGroup(PhraseKind.SENTENCE, sentences(redact(talent.presentation))[:16], 8),
        ]
    )


def vacancy_phrases(vacancy: Vacancy) -> list[Phrase]:
    """The things a vacancy asks for and offers, at most ``MAX_PHRASES``, most telling kinds first."""
    return bounded(
        [
            PhraseGroup(PhraseKind.SKILL_REQUIRED, _lines(vacancy.skills_required), 24),
            PhraseGroup(PhraseKind.SKILL_DESIRED, _lines(vacancy.skills_desired), 10),
            PhraseGroup(PhraseKind.OCCUPATION, _lines([vacancy.occupation or ""]), 1),
            PhraseGroup(PhraseKind.TITLE, _lines([vacancy.title]), 1),
            PhraseGroup(PhraseKind.CERTIFICATE, _lines(vacancy.certificates_required), 8),
            PhraseGroup(PhraseKind.TRAINING, _lines(vacancy.training_offered), 8),
            PhraseGroup(PhraseKind.SENTENCE, task_sentences(vacancy.description)[:32], 12),
        ]
    )


def conduct(record: Talent | Vacancy) -> list[tuple[int, float]]:
    """The behaviours that a talent shows or lacks, or that a vacancy asks for: code and worth, -1 to 1."""
    if isinstance(record, Vacancy):
        return [(asked.code, 1.0) for asked in record.behaviours]
    return [(own.code, BEHAVIOUR_WEIGHT[own.level]) for own in record.behaviours if own.level in BEHAVIOUR_WEIGHT]


def _mastered(talent: Talent, level: BehaviourLevel) -> list[str]:
    return [
        BEHAVIOURS_NL[behaviour.code]
        for behaviour in talent.behaviours
        if behaviour.level is level and behaviour.code in BEHAVIOURS_NL
    ]


def _own(texts: Iterable[str]) -> list[str]:
    """Items that a person listed; people put contact data there too."""
    return [clean(redact(text)) for text in texts]


def _lines(texts: Iterable[str]) -> list[str]:
    return [clean(text) for text in texts]


def _listed(label: str, lines: list[str]) -> str:
    told = ", ".join(line for line in lines if line)
    return f"{label}: {told}" if told else ""


def _joined(*parts: str) -> str:
    cleaned = (clean(part) for part in parts)
    return " ".join(part if part[-1] in ".!?…" else f"{part}." for part in cleaned if part)
