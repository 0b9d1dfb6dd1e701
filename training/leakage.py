"""Leak checks as code: no feature may see anything after the moment the talent was shown.

Three ways in which the future could come in, each with its own check:

1. a record of which only a later version is known: what it says may have been written after the placement;
2. an outcome of the pair itself from before it was shown: the list then knew how it ended;
3. any other way: features are computed again from nothing but what the store held at that moment, and must be the
   same to the last bit.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.errors import TrainingRefused
from core.store import EventColumns, Store
from core.vocabulary import EventKind
from embeddings.corpus import EmbeddedCorpus
from embeddings.encoder import Encoder
from ranking.columns import TalentColumns
from ranking.features import FEATURE_NAMES, Candidates, compute_features
from ranking.history import read_history
from ranking.matching import gridded
from ranking.outcomes import OUTCOME_KINDS, PAIR, utc_instant
from ranking.query import build_queries
from ranking.reading import VacancyReader
from training.dataset import FeatureBuilder, FeatureRows
from training.shown import list_sizes

Floats = npt.NDArray[np.float64]

LISTS_COMPUTED_AGAIN, LISTS_OF_MANY = 12, 4
"""Lists of the third check, and the same of more than ``MANY_ROWS`` shown pairs: each costs a reading of all outcomes
up to its moment, and a fault in how features are made shows in every list."""
MANY_ROWS = 200_000
NAMED = 10
"""Rows of each kind that a refusal names; more would not be read."""
SEED = 20_241_101  # of the choice of lists; any fixed number would do

_AFTERMATH = (EventKind.PLACED, EventKind.CHECKPOINT, EventKind.HOURS, EventKind.ENDED)


@dataclass(frozen=True, slots=True)
class Leak:
    """Rows that could see the future in one way.

    Attributes:
        what: one clause that says how.
        remedy: what to do.
        names: the rows as a person reads them.
    """

    what: str
    remedy: str
    names: tuple[str, ...]

    def __str__(self) -> str:
        more = f" and {len(self.names) - NAMED} more" if len(self.names) > NAMED else ""
        return f"{len(self.names)} rows {self.what}: {'; '.join(self.names[:NAMED])}{more}; {self.remedy}"


@dataclass(frozen=True, slots=True)
class Source:
    """What the features were made of.

    Attributes:
        store: the records.
        encoder: of their texts.
        builder: computed the features from the store.
        events: those that training looks at.
    """

    store: Store
    encoder: Encoder
    builder: FeatureBuilder
    events: EventColumns


def check_leaks(rows: FeatureRows, source: Source) -> None:
    """Refuses rows that could see what came after the talent was shown.

    Args:
        rows: shown pairs with their features.
        source: what those were made of.

    Raises:
        TrainingRefused: with the rows of each leak that was found.
    """
    leaks = [leak for leak in (later_records(rows, source.builder), known_outcomes(rows, source.events)) if leak]
    if not leaks:  # else the third check would only find the same rows
        leaks = [leak for leak in (other_features(rows, source),) if leak]
    if leaks:
        reasons = tuple(f"leak: {leak}" for leak in leaks)
        raise TrainingRefused("features could see what came after the showing; " + "; ".join(reasons), reasons)


def in_time(rows: FeatureRows, builder: FeatureBuilder) -> npt.NDArray[np.bool_]:
    """Rows (n,) of lists on which everybody's record is known as it was when the list was made.

    Whole lists go: records change where something happens, so that the rows of who was placed would go first, and what
    is left of a list would teach that nobody on it was.
    """
    late = builder.known_since(rows.frame) > rows.frame["shown_at"].to_numpy()
    return ~rows.frame["list_id"].isin(rows.frame["list_id"][late]).to_numpy()


def later_records(rows: FeatureRows, builder: FeatureBuilder) -> Leak | None:
    """Rows of which the talent or the vacancy is only known as it was later. No ``updated_at`` means since ever."""
    later = np.flatnonzero(builder.known_since(rows.frame) > rows.frame["shown_at"].to_numpy())
    return _leak(
        rows.frame,
        later,
        "use a record that was written after the talent was shown",
        "import those records as they were then, or without updated_at if they never changed, or leave out the "
        "lists on which they stand with kansrijk train --leave-out-late",
    )


def known_outcomes(rows: FeatureRows, events: EventColumns) -> Leak | None:
    """Rows that were shown when their own placement, or what came of it, was known already."""
    after = pd.Series(events.kind).isin(_AFTERMATH).to_numpy()
    first = (
        pd.DataFrame(
            {
                "vacancy_id": events.vacancy_id[after],
                "talent_id": events.talent_id[after],
                "first": events.occurred_at[after],
            }
        )
        .groupby(PAIR, as_index=False)["first"]
        .min()
    )
    known = rows.frame[PAIR].merge(first, how="left", on=PAIR)["first"].to_numpy()
    return _leak(
        rows.frame,
        np.flatnonzero(known < rows.frame["shown_at"].to_numpy()),
        "were shown after their own placement",
        "correct the moments of these events",
    )


def other_features(rows: FeatureRows, source: Source) -> Leak | None:
    """Rows of some lists whose features differ from those computed of what the store held at the moment."""
    sizes = list_sizes(rows.frame["list_id"])
    starts = np.concatenate(([0], np.cumsum(sizes)))
    n = min(LISTS_COMPUTED_AGAIN if len(rows.frame) <= MANY_ROWS else LISTS_OF_MANY, len(sizes))
    source = replace(source, events=source.events.where(pd.Series(source.events.kind).isin(OUTCOME_KINDS).to_numpy()))
    wrong: list[int] = []
    columns: set[str] = set()
    for number in sorted(np.random.default_rng(SEED).choice(len(sizes), size=n, replace=False)):
        span = slice(int(starts[number]), int(starts[number + 1]))
        then = features_as_served(rows.frame[span], source)
        differs = ~((then == rows.features[span]) | (np.isnan(then) & np.isnan(rows.features[span])))
        wrong += (span.start + np.flatnonzero(differs.any(axis=1))).tolist()
        columns |= {FEATURE_NAMES[column] for column in np.flatnonzero(differs.any(axis=0))}
    return _leak(
        rows.frame,
        np.asarray(wrong, dtype=np.int64),
        f"have other features ({', '.join(sorted(columns))}) than the store held when the talent was shown",
        "this is a fault in how features are made; report it",
    )


def features_as_served(one_list: pd.DataFrame, source: Source) -> Floats:
    """Features (n, f) of the rows of one list, as serving would have computed them at that moment.

    The records come through the store's own reading as of a moment, the outcomes from the events until then: neither
    of the ways by which training picks revisions and history.
    """
    at = one_list["shown_at"].iloc[0]
    moment = at.to_pydatetime().replace(tzinfo=UTC)
    store, places = source.store, source.store.places()
    talents = store.talents_by_id(one_list["talent_id"].tolist(), as_of=moment)
    people = [talents[talent_id].record for talent_id in one_list["talent_id"]]
    vacancy_id = str(one_list["vacancy_id"].iloc[0])
    vacancy = store.vacancies_by_id([vacancy_id], as_of=moment)[vacancy_id].record
    query = build_queries([VacancyReader(places).told(vacancy)], source.encoder, places)[0]
    pool = Candidates(TalentColumns.build(people, places), gridded(EmbeddedCorpus.build(people, source.encoder)))
    known = read_history(store, until(source.events, moment), as_of=moment)
    history = known.features(query.vacancy, at.to_datetime64())
    return compute_features(query, pool, np.arange(len(people)), history)[0]


def until(events: EventColumns, moment: datetime) -> EventColumns:
    """The events that had occurred at a moment."""
    known = events.occurred_at <= utc_instant(moment)
    return events.where(known)


def _leak(frame: pd.DataFrame, rows: npt.NDArray[np.int64], what: str, remedy: str) -> Leak | None:
    if not len(rows):
        return None
    named = frame.iloc[rows]
    names = tuple(
        f"vacancy {vacancy_id}, talent {talent_id}, shown {shown_at:%Y-%m-%d %H:%M}"
        for vacancy_id, talent_id, shown_at in zip(
            named["vacancy_id"], named["talent_id"], named["shown_at"], strict=True
        )
    )
    return Leak(what, remedy, names)
