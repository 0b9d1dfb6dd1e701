"""Adapts the encoder with a customer's own retained placements: learn from the past, judge on what came later.

The recipe is that of the ranker (``training.learning``): what is learned from is what was known when the judged
period began; every text is as it was when the talent was shown, redacted as for indexing; the result is kept only
when it is demonstrably better than the encoder that it started from, and has not forgotten what that one knew.

Who takes part: the talents whom a matchmaker looked at in the four weeks up to the list (any list). Someone who was
shown and did not stay *here* may well fit: that is a weak sign against, and no proof. People who were never shown
take no part, in learning or in judging.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from core.errors import TrainingRefused
from core.settings import Settings
from core.store import EventColumns, Store
from embeddings.encoder import Encoder
from embeddings.hashed import HashedNgramEncoder
from embeddings.loading import shipped_model
from embeddings.views import talent_text, vacancy_text
from ranking.outcomes import DEFAULT_LABEL, PAIR, LabelDefinition, label_definition, utc_instant
from ranking.reading import VacancyReader
from training.dataset import Revisions
from training.encoder.export import write_model
from training.encoder.placements_gate import compare, forgetting, judge
from training.encoder.placements_report import PlacementsReport, started_from
from training.encoder.words import Question, ShiftPlan, fold, learn_shifts
from training.learning import cutoff
from training.registry import Registry
from training.shown import Grade, shown_pairs
from training.tracking import RunRecord

MIN_LEARNED = 50
"""Retained placements that were known before the judged period; below this the shifts are noise."""
MIN_JUDGED = 50
"""Retained placements to judge on; below this an interval says nothing."""
JUDGED_SHARE = 0.2
"""The latest shown of the retained placements. More would leave too few known before them: 1,040 hours take months."""
MAX_PLACEMENTS = 5_000
"""The latest are learned from: each costs about 50 ms."""
MAX_POOL = 1_000
"""Others among whom a talent is to be found, the latest shown."""
WINDOW = np.timedelta64(28, "D")
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ShownTexts:
    """The texts of all shown pairs, each as of the moment it was shown.

    Attributes:
        frame: as :func:`training.shown.shown_pairs`, with ``vacancy_row`` and ``talent_row``; without pairs of
            which a record is gone (erased people).
        texts: of vacancies and talents, as they are indexed.
        owners: whose each is.
    """

    frame: pd.DataFrame
    texts: list[str]
    owners: list[str]

    def graded(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The pairs with the grades of another cut-off; those that were not shown by then go."""
        return self.frame.drop(columns="grade").merge(frame[[*PAIR, "grade"]], on=PAIR)


def adapt_encoder(
    store: Store,
    encoder: HashedNgramEncoder,
    settings: Settings,
    out: Path,
    *,
    as_of: date | datetime | None = None,
    progress: Progress | None = None,
) -> PlacementsReport:
    """Learns, judges, logs to MLflow, and writes the folder if the gate lets it pass.

    Args:
        store: records and events.
        encoder: where to start from; see :func:`encoder_to_adapt`.
        settings: where MLflow is.
        out: folder for the encoder; left alone when the gate says no.
        as_of: nothing after this moment is looked at; a date means its end. None means now.
        progress: gets a line per step.

    Raises:
        TrainingRefused: there are too few retained placements.
    """
    say = progress or (lambda _: None)
    moment, definition, plan = cutoff(as_of), label_definition(DEFAULT_LABEL), ShiftPlan()
    say("labels")
    events = store.event_columns(until=moment)
    shown = read_shown(store, shown_pairs(events, as_of=moment, label=definition))
    judged_from, earlier = _split(shown, events, definition)
    known, judged = questions(earlier), questions(shown.frame, since=judged_from)
    _check(len(known), len(judged))
    say(f"learn from {len(known)} placements, judge on {len(judged)} later ones")
    trial = fold(encoder, learn_shifts(encoder, shown.texts, shown.owners, known, plan))
    metrics, difference = compare(encoder, trial, shown.texts, judged)
    say("learn from everything that is known")
    every = questions(shown.frame)
    shifts = learn_shifts(encoder, shown.texts, shown.owners, every, plan)
    adapted = fold(encoder, shifts)
    kept = forgetting(encoder, adapted)
    verdict = judge(difference, metrics["beside_difference"], kept)
    report = PlacementsReport(
        version=adapted.version,
        started_from=encoder.version,
        label=definition.name,
        trained_as_of=moment.isoformat(),
        judged_from=pd.Timestamp(judged_from, tz="UTC").isoformat(),
        placements=len(every),
        learned_before_judging=len(known),
        words=len(shifts.words),
        metrics=metrics,
        forgetting=kept,
        promoted=verdict.passed,
        reasons=verdict.reasons,
    )
    say("register")
    Registry.open(settings).record_encoder(_run(report, plan))
    if verdict.passed:
        write_model(out, adapted, report)
    return report


def encoder_to_adapt(encoder: Encoder, settings: Settings) -> HashedNgramEncoder:
    """The encoder to start from: the one in force, or the shipped one when that in force was itself adapted from it.

    Never an adapted one: what it learned from people who have been erased since would stay.

    Raises:
        TrainingRefused: it is of another kind, or what it was adapted from is not there.
    """
    if not isinstance(encoder, HashedNgramEncoder):
        raise TrainingRefused(
            "training on placements can adapt only Kansrijk's own encoder; unset KANSRIJK_ENCODER, or let it name a "
            "folder that kansrijk encoder train --esco made"
        )
    origin = started_from(Path(settings.encoder)) if settings.encoder else None
    if origin is None:
        return encoder
    shipped = shipped_model()
    if shipped is not None:
        start = HashedNgramEncoder.load(shipped)
        if start.version == origin:
            return start
    raise TrainingRefused(
        f"KANSRIJK_ENCODER names an encoder that was adapted already, from {origin}; let it name that one, so that "
        "nothing of people who were erased since stays in it"
    )


def read_shown(store: Store, shown: pd.DataFrame) -> ShownTexts:
    """Reads the texts behind shown pairs; pairs of which a record is gone are left out."""
    talents = Revisions(store.talent_revisions(shown["talent_id"].unique()))
    vacancies = Revisions(store.vacancy_revisions(shown["vacancy_id"].unique()))
    reader = VacancyReader(store.places())  # as where a shortlist is made: what its text tells of a vacancy counts
    asked = [reader.told(one).record for one in vacancies.records]
    known = shown["talent_id"].isin(talents.ids) & shown["vacancy_id"].isin(vacancies.ids)
    frame = shown[known].reset_index(drop=True)
    moments = frame["shown_at"].to_numpy()
    first = len(vacancies.records)
    return ShownTexts(
        frame.assign(
            vacancy_row=[vacancies.row(key, at) for key, at in zip(frame["vacancy_id"], moments, strict=True)],
            talent_row=[first + talents.row(key, at) for key, at in zip(frame["talent_id"], moments, strict=True)],
        ),
        [vacancy_text(one) for one in asked] + [talent_text(one) for one in talents.records],
        [f"v {one.vacancy_id}" for one in vacancies.records] + [f"t {one.talent_id}" for one in talents.records],
    )


def questions(frame: pd.DataFrame, *, since: np.datetime64 | None = None) -> list[Question]:
    """One question per retained placement, the latest ``MAX_PLACEMENTS``.

    Args:
        frame: of :class:`ShownTexts`, in order of time.
        since: leave out placements shown before it.
    """
    retained = (frame["grade"] == Grade.RETAINED).to_numpy()
    at = frame["shown_at"].to_numpy()
    if since is not None:
        retained = retained & (at >= since)
    hired = frame[frame["grade"].isin([Grade.UNKNOWN, Grade.PLACED, Grade.RETAINED])]
    hired_for = hired.groupby("vacancy_id")["talent_id"].agg(set)
    asked = []
    for number in np.flatnonzero(retained)[-MAX_PLACEMENTS:]:
        one = frame.iloc[number]
        # Neither the talent in other versions, nor who was hired for the same vacancy: they are no wrong answers.
        taken = hired_for[one["vacancy_id"]]
        span = slice(*np.searchsorted(at, [at[number] - WINDOW, at[number] + np.timedelta64(1, "us")]))
        part = frame.iloc[span]
        part = part[~part["talent_id"].isin(taken)].drop_duplicates("talent_id", keep="last").iloc[-MAX_POOL:]
        beside = part["talent_row"][part["list_id"] == one["list_id"]]
        if len(part):
            asked.append(
                Question(
                    str(one["list_id"]),
                    int(one["vacancy_row"]),
                    int(one["talent_row"]),
                    part["talent_row"].to_numpy(dtype=np.int64),
                    beside.to_numpy(dtype=np.int64),
                )
            )
    return asked


def _split(shown: ShownTexts, events: EventColumns, definition: LabelDefinition) -> tuple[np.datetime64, pd.DataFrame]:
    """When the judged period begins, and the pairs before it, graded by what was known then."""
    at = shown.frame["shown_at"][shown.frame["grade"] == Grade.RETAINED].to_numpy()
    if not len(at):
        _check(0, 0)
    judged_from = at[int(len(at) * (1.0 - JUDGED_SHARE))]
    then = pd.Timestamp(judged_from).to_pydatetime().replace(tzinfo=UTC)
    earlier = shown.graded(shown_pairs(events, as_of=then, label=definition))
    return judged_from, earlier[earlier["shown_at"].to_numpy() < utc_instant(then)].reset_index(drop=True)


def _check(learned: int, judged: int) -> None:
    """Refuses a history that cannot carry an adapted encoder."""
    reasons = [
        f"{found} retained placements of talents who were shown {what}, at least {least} are needed; "
        "import more events, or wait"
        for found, least, what in (
            (learned, MIN_LEARNED, "were known before the judged period"),
            (judged, MIN_JUDGED, "are there to judge on"),
        )
        if found < least
    ]
    if reasons:
        raise TrainingRefused("too few retained placements to adapt the encoder: " + "; ".join(reasons), tuple(reasons))


def _run(report: PlacementsReport, plan: ShiftPlan) -> RunRecord:
    parts = {f"{name}_{part}": getattr(value, part) for name, value in report.metrics.items()
             for part in ("value", "low", "high")}  # fmt: skip
    return RunRecord(
        parameters={"pull": plan.pull, "temperature": plan.temperature, "min_owners": plan.min_owners,
                    "placements": report.placements, "words": report.words, "judged_from": report.judged_from},
        metrics={name: value for name, value in (parts | report.forgetting).items() if np.isfinite(value)},
        curve=(),
        tags={"label": report.label, "started_from": report.started_from, "encoder_version": report.version,
              "trained_as_of": report.trained_as_of},
        reports={"report.md": report.card()},
        promotable=report.promoted,
    )  # fmt: skip
