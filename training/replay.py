"""Lists that were given, once more: the features of their candidates by training's code, and another model on them."""

from datetime import datetime

import numpy as np
import pandas as pd

from core.store import EventColumns, KeptShortlist, Store
from embeddings.encoder import Encoder
from ranking.exploration import Design
from ranking.model import RankingModel
from ranking.outcomes import utc_instant
from ranking.selection import in_order
from training.credits import Judged
from training.dataset import FeatureBuilder, FeatureRows
from training.offpolicy import LoggedList


def offline_rows(
    store: Store, encoder: Encoder, pairs: pd.DataFrame, events: EventColumns, *, as_of: datetime
) -> FeatureRows:
    """Features of pairs as training computes them, each as of its own moment.

    Args:
        store: the records.
        encoder: the one in force.
        pairs: vacancy_id, talent_id, list_id, shown_at; list by list.
        events: all events.
        as_of: outcomes known by then count in the history of employers, as in training.
    """
    builder = FeatureBuilder(store, encoder, pairs)
    return builder.rows(pairs, builder.history(events, as_of=as_of))


def logged_lists(
    judged: Judged, model: RankingModel, store: Store, encoder: Encoder, events: EventColumns, *, as_of: datetime
) -> list[LoggedList]:
    """The explored lists, each with what another model would have made of its candidates.

    People and vacancies that are gone since are left out; so are vacancies that were never stored.
    """
    explored = [item for item in judged.lists if item.features.get("exploration", {}).get("n_slots")]
    pairs = pd.concat([_candidates(item) for item in explored], ignore_index=True) if explored else pd.DataFrame()
    if not len(pairs):
        return []
    rows = offline_rows(store, encoder, pairs, events, as_of=as_of)
    places = {
        str(list_id): _places(part, rows.features[part.index.to_numpy()], model)
        for list_id, part in rows.frame.groupby("list_id")
    }
    return [
        _logged(item, places[item.shortlist.shortlist_id], judged.reached[item.shortlist.shortlist_id])
        for item in explored
        if item.shortlist.shortlist_id in places
    ]


def _candidates(item: KeptShortlist) -> pd.DataFrame:
    moment = pd.Timestamp(utc_instant(datetime.fromisoformat(item.features["as_of"])))
    return pd.DataFrame(
        {
            "vacancy_id": item.shortlist.vacancy_id,
            "talent_id": sorted(item.features["exploration"]["order"]),
            "list_id": item.shortlist.shortlist_id,
            "shown_at": moment,
        }
    )


def _places(
    part: pd.DataFrame, features: "np.ndarray[tuple[int, int], np.dtype[np.float64]]", model: RankingModel
) -> dict[str, int]:
    """The model's place for everyone, 1 is best; they stand by id, as in the pool, so that ties fall alike."""
    order = in_order(np.arange(len(part)), features, model.ranker.score(features))
    ids = part["talent_id"].tolist()
    return {ids[number]: place for place, number in enumerate(order.tolist(), start=1)}


def _logged(item: KeptShortlist, place_of: dict[str, int], reached: frozenset[str]) -> LoggedList:
    note = item.features["exploration"]
    design = Design(note["n_places"], note["n_slots"], note["n_candidates"])
    ids = [entry.talent_id for entry in item.shortlist.entries if entry.talent_id in place_of]
    places = np.array([place_of[talent_id] for talent_id in ids], dtype=np.int64)
    n_new = min(design.n_places, len(place_of))
    return LoggedList(
        design,
        np.array([note["order"][talent_id] for talent_id in ids], dtype=np.int64),
        np.array([talent_id in reached for talent_id in ids], dtype=np.float64),
        np.where(places <= n_new, places, 0),
        n_new,
    )
