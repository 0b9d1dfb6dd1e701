"""The fairness audit of the champion: who gets on lists, by protected attribute, and where a difference enters.

Sources: the four-fifths rule (Uniform Guidelines on Employee Selection Procedures, 29 CFR 1607.4 D, EEOC 1978);
exposure (Singh & Joachims 2018, "Fairness of exposure in rankings"); equal opportunity (Hardt, Price & Srebro 2016).
What it gives is aggregated: no id, no person, no group that fewer than ten people share. It is the only code that reads
the audit vault besides a person's own export.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from core.errors import NotFound
from core.records import Vacancy
from core.settings import Settings
from core.store import KeptShortlist, Store
from core.vocabulary import VacancyStatus
from embeddings.encoder import Encoder
from embeddings.indexer import load_index
from ranking.model import RankingModel
from ranking.outcomes import label_definition, placements, utc_instant
from ranking.pool import TalentPool, load_pool
from training.audit_cases import Ballot, Bench, ballot, given, ranked_now
from training.audit_groups import K_ANONYMITY, MIN_GROUP, POOLED, Attribute, attributes_of
from training.audit_outcomes import Past, calibration, opportunity, past_of
from training.audit_proxies import Looks, looks_of, proxies
from training.dataset import FeatureBuilder
from training.disparity import SEED, Figure, figure, ratio_to, shares
from training.retrieval import Reach, good_pairs
from training.shown import shown_pairs

Floats = npt.NDArray[np.float64]

FOUR_FIFTHS = 0.8
MIN_VACANCIES, MAX_VACANCIES = 100, 200
"""Vacancies ranked for the audit: the open ones, made up to the first with the latest earlier ones, never more than the
second."""


class Verdict(StrEnum):
    """What the impact ratios of an attribute's groups say; the worst group counts."""

    FLAGGED = "below four-fifths"
    UNSURE = "below four-fifths, perhaps by chance"
    OPEN = "four-fifths met, not yet certain"
    HELD = "four-fifths met"
    TOO_FEW = "too few to say"


ADVICE = {
    Verdict.FLAGGED: "look at the step and the features named below; leave out or replace a feature that stands for "
    "the attribute without saying anything on lasting, train again and audit again before the champion stays in force",
    Verdict.UNSURE: "audit again when there are more vacancies; look at the step with the lowest ratio meanwhile",
    Verdict.OPEN: "audit again when there are more vacancies",
    Verdict.HELD: "nothing now; audit again after every promotion",
    Verdict.TOO_FEW: f"import audit attributes of more people: nothing is said of groups under {MIN_GROUP}",
}
_WORST_FIRST = (Verdict.FLAGGED, Verdict.UNSURE, Verdict.OPEN, Verdict.HELD)


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is looked at, by group.

    Attributes:
        now: vacancies ranked by the champion now.
        given: lists as they were given by this champion; None when there are none.
        past: people whose outcome is known.
        looks: how people look to the ranker.
    """

    now: Ballot
    given: Ballot | None
    past: Past
    looks: Looks


def audit_champion(
    store: Store, encoder: Encoder, settings: Settings, model: RankingModel | None, *, k: int, moment: datetime
) -> dict[str, object]:
    """Audits the champion on the vacancies and the lists in the store.

    Args:
        store: records, events, shortlists and the vault.
        encoder: the one in force.
        settings: where the index is, and how many talents serving retrieves.
        model: the champion; None when there is none.
        k: places that count as being selected.
        moment: of asking.

    Returns:
        JSON values: model_version, k, people, vacancies, lists_given, attributes (each with verdict, advice and
        groups), limits.

    Raises:
        NotFound: there is no champion, no audit attribute of anyone, or no vacancy.
        ArtifactError: the index is missing or made by another encoder, or the champion was.
    """
    if model is None:
        raise NotFound("there is no champion to audit; run kansrijk train, or kansrijk promote VERSION")
    model.check_encoder(encoder.version)
    pool = load_pool(store, encoder, load_index(settings.index_dir, encoder))
    attributes = attributes_of(store.iter_audit(), pool.ids, year=moment.year)
    if not attributes:
        raise NotFound("the audit vault holds nothing on these people; run kansrijk import audit FILE first")
    vacancies, n_open = _vacancies(store)
    if not vacancies:
        raise NotFound("there is no vacancy to rank for; run kansrijk import vacancies FILE first")
    lists = [item for item in store.iter_shortlists() if item.shortlist.model_version == model.info.version]
    evidence = _evidence(Source(store, encoder, pool, model), vacancies, lists, Reach(settings.retrieve, k), moment)
    return {
        "model_version": model.info.version,
        "k": k,
        "people": len(pool),
        "vacancies": {"open": n_open, "earlier": len(vacancies) - n_open},
        "lists_given": len(lists),
        "learned_from": round(evidence.past.learned_from, 3),
        "attributes": [judged(attribute, evidence) for attribute in attributes],
        "limits": {
            "smallest_group_named": K_ANONYMITY,
            "smallest_group_judged": MIN_GROUP,
            "impact_ratio": FOUR_FIFTHS,
        },
    }


@dataclass(frozen=True, slots=True)
class Source:
    """What the audit reads beside the vault."""

    store: Store
    encoder: Encoder
    pool: TalentPool
    model: RankingModel


def _evidence(
    source: Source, vacancies: Sequence[Vacancy], lists: Sequence[KeptShortlist], reach: Reach, moment: datetime
) -> Evidence:
    """Ranks vacancies, finds back lists, and looks at the people whose outcome is known."""
    pool, model, active = source.pool, source.model, source.pool.candidates.columns.active
    label, events = label_definition(model.info.label), source.store.event_columns(until=moment)
    hired = placements(events, as_of=moment, label=label)
    shown = shown_pairs(events, as_of=moment, label=label)
    shown = shown[shown["list_id"].isin(set(good_pairs(shown)["list_id"]))].reset_index(drop=True)
    builder = FeatureBuilder(source.store, source.encoder, shown)
    history = builder.history(events, as_of=moment)
    bench = Bench(pool, source.encoder, history, model, max(reach.retrieve, reach.k))
    cases, kept = ranked_now(vacancies, bench, moment), given(lists, pool, source.encoder)
    rows = builder.rows(shown, history)
    return Evidence(
        now=ballot(cases, active, reach.k),
        given=ballot(kept, active, reach.k) if kept else None,
        past=past_of(rows, hired, model, pool.candidates.corpus.row_of, as_of=utc_instant(moment)),
        looks=looks_of(cases, model.ranker),
    )


def judged(attribute: Attribute, evidence: Evidence) -> dict[str, object]:
    """One attribute's part of the report.

    Groups are compared with the group that is selected most, among those that are large enough. The intervals of an
    attribute hold for all its groups at once (Bonferroni).
    """
    large = [
        number
        for number, (name, size) in enumerate(zip(attribute.names, attribute.sizes, strict=True))
        if size >= attribute.minimum and name != POOLED
    ]
    groups: list[dict[str, object]] = [
        {"group": name, "n": size, "verdict": Verdict.TOO_FEW.value}
        for name, size in zip(attribute.names, attribute.sizes, strict=True)
    ]
    verdict = Verdict.TOO_FEW
    if len(large) > 1:
        figures = _Figures.of(evidence.now, attribute, large)
        verdicts = {}
        for number in large:
            ratio = figures.impact(number)
            verdicts[number] = verdict_of(ratio, is_reference=number == figures.reference)
            groups[number] |= figures.of_group(number) | _outcomes(attribute, number, evidence)
            groups[number]["verdict"] = verdicts[number].value
            if evidence.given is not None:
                groups[number]["given"] = _Figures.of(evidence.given, attribute, large).brief(number)
        verdict = next(one for one in _WORST_FIRST if one in verdicts.values())
    return {
        "attribute": attribute.name,
        "verdict": verdict.value,
        "advice": ADVICE[verdict],
        "groups": groups,
    }


def verdict_of(ratio: Figure, *, is_reference: bool = False) -> Verdict:
    """What an impact ratio says: below four-fifths counts when the groups demonstrably differ at all."""
    if is_reference:
        return Verdict.HELD
    if np.isnan(ratio.value) or np.isnan(ratio.low):
        return Verdict.TOO_FEW
    if ratio.value < FOUR_FIFTHS:
        return Verdict.FLAGGED if ratio.high < 1.0 else Verdict.UNSURE
    return Verdict.HELD if ratio.low >= FOUR_FIFTHS else Verdict.OPEN


@dataclass(frozen=True, slots=True)
class _Figures:
    """Draws (1 + resamples, g) of every measure, of the groups in the order of the attribute."""

    selected: Floats
    exposure: Floats
    score: Floats
    steps: dict[str, Floats]
    reference: int
    level: float

    @classmethod
    def of(cls, lists: Ballot, attribute: Attribute, large: Sequence[int]) -> "_Figures":
        members = attribute.members
        selected = shares(lists.selected, lists.eligible, members)
        steps = {  # the three make up the selection rate, but for who is active
            "eligible": shares(lists.eligible, lists.active, members),
            "retrieved": shares(lists.ranked, lists.eligible, members),
            "ranked": shares(lists.selected, lists.ranked, members),
        }
        best = max(large, key=lambda number: np.nan_to_num(selected[0, number], nan=-1.0))
        return cls(
            selected=selected,
            exposure=shares(lists.exposure, lists.eligible, members),
            score=shares(lists.score, lists.ranked, members),
            steps=steps,
            reference=best,
            level=1.0 - 0.05 / max(len(large) - 1, 1),
        )

    def impact(self, number: int) -> Figure:
        return self._ratio(self.selected, number)

    def of_group(self, number: int) -> dict[str, object]:
        """Everything of one group."""
        score = figure(self.score[:, number] - self.score[:, self.reference], level=self.level)
        return {
            **self.brief(number),
            "score_difference": score.to_json(),
            "steps": {name: self._ratio(draws, number).to_json() for name, draws in self.steps.items()},
        }

    def brief(self, number: int) -> dict[str, object]:
        """Being selected and seen, of one group."""
        return {
            "reference": number == self.reference,
            "selection_rate": figure(self.selected[:, number]).to_json(),
            "impact_ratio": self.impact(number).to_json(),
            "exposure_ratio": self._ratio(self.exposure, number).to_json(),
        }

    def _ratio(self, draws: Floats, number: int) -> Figure:
        return figure(ratio_to(draws, self.reference)[:, number], level=self.level)


def _outcomes(attribute: Attribute, number: int, evidence: Evidence) -> dict[str, object]:
    """Equal opportunity, calibration and proxies of one group."""
    members = attribute.members[:, number]
    n, rate, gap = opportunity(evidence.past, members)
    found = None if attribute.crossed else proxies(evidence.looks, members, attribute.minimum)
    return {
        "equal_opportunity": {
            "n": n,
            "first_five": None if rate is None else rate.to_json(),
            "minus_others": None if gap is None else gap.to_json(),
        },
        "calibration": calibration(evidence.past, members),
        "proxies": None if found is None else found.to_json(),
    }


def _vacancies(store: Store) -> tuple[list[Vacancy], int]:
    """The open vacancies, made up with the latest others; and how many are open."""
    rng = np.random.default_rng(SEED)
    stored = [item.record for item in store.iter_vacancies()]
    wanted = [one for one in stored if one.status is VacancyStatus.OPEN]
    if len(wanted) > MAX_VACANCIES:
        drawn = sorted(rng.choice(len(wanted), size=MAX_VACANCIES, replace=False).tolist())
        wanted = [wanted[number] for number in drawn]
    earlier = sorted(
        (one for one in stored if one.status is not VacancyStatus.OPEN),
        key=lambda one: (one.updated_at is not None, one.updated_at, one.vacancy_id),
        reverse=True,
    )
    return wanted + earlier[: max(MIN_VACANCIES - len(wanted), 0)], len(wanted)
