"""A home to work on in a notebook: a copy of one's own, or a small synthetic one. What it was copied from stays as is.

    bench = open_workbench()
    print(bench)
    events = bench.store.event_columns(until=bench.as_of)

``KANSRIJK_HOME`` names the home that is copied; without it a synthetic market is made, which takes some seconds.
"""

import atexit
import shutil
import sqlite3
import warnings
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Self

import pandas as pd

from cli.composition import encoder_in_force, encoder_made
from core.errors import InputError, NotFound
from core.exchange import ImportKind, import_files
from core.settings import Settings, load_settings
from core.store import Store
from embeddings.encoder import Encoder
from embeddings.indexer import update_index
from training.world import Truth, generate

N_TALENTS: Final = 1_200
N_VACANCIES: Final = 500
SEED: Final = 7

_DATABASE: Final = "kansrijk.db"
_KINDS: Final = (ImportKind.PLACES, ImportKind.TALENTS, ImportKind.VACANCIES, ImportKind.EVENTS)
_TRUTH: Final = Path("world") / "truth.jsonl"


@dataclass(frozen=True)
class Workbench:
    """An opened home of one's own. Close it when done; whatever was changed goes with it.

    Attributes:
        settings: of the copy; its MLflow store is empty and lies in the copy, whatever the environment says.
        store: records and events.
        encoder: the one that the index was made with.
        as_of: the moment of the last event, so that the same data give the same answers on any day.
        synthetic: whether nobody in it exists.
        truth: of a synthetic world that was made in this home; never seen by the product. Else None.
    """

    settings: Settings
    store: Store
    encoder: Encoder
    as_of: datetime
    synthetic: bool
    truth: Truth | None
    _open: ExitStack = field(repr=False)

    def close(self) -> None:
        """Removes the copy."""
        self._open.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __str__(self) -> str:
        whose = "SYNTHETIC data: nobody in it exists." if self.synthetic else "Data of real people: share no output."
        return f"{whose} {self.store.count_talents(active_only=False):,} people, as of {self.as_of:%Y-%m-%d}."


def open_workbench() -> Workbench:
    """Copies the home that ``KANSRIJK_HOME`` names and opens the copy; without one, a synthetic one is made.

    Raises:
        InputError: the records are in a database of their own, which is not copied, or there are no events.
        NotFound: nothing was ever imported in that home.
    """
    # MLflow's bars ask for a widget that they can do without, in the middle of whatever a notebook shows.
    warnings.filterwarnings("ignore", message="IProgress not found")
    given = load_settings()
    if given.database_url is not None:
        raise InputError("notebooks work on a copy of a home and DATABASE_URL is not copied; unset it")
    with ExitStack() as stack:
        home = Path(stack.enter_context(TemporaryDirectory(prefix="kansrijk-notebook-")))
        # On so little data more threads cost more than they bring, unless one asks for them.
        threads = given.threads if "threads" in given.model_fields_set else 1
        own = given.model_copy(update={"home": home, "mlflow_tracking_uri": None, "threads": threads})
        if "home" in given.model_fields_set:
            _copy(given.home, home)
            truth = given.home / _TRUTH
        else:
            make_synthetic_home(own, n_talents=N_TALENTS, n_vacancies=N_VACANCIES)
            truth = home / _TRUTH
        store = stack.enter_context(Store.open(own.store_url))
        synthetic = any(item.record.extra.get("synthetic") is True for item in islice(store.iter_talents(), 100))
        bench = Workbench(
            own,
            store,
            encoder_in_force(own),
            _last_event(store),
            synthetic,
            Truth.load(truth) if truth.is_file() else None,
            stack.pop_all(),
        )
    atexit.register(bench.close)  # a kernel that is shut down leaves no copy behind
    return bench


def make_synthetic_home(
    settings: Settings, *, n_talents: int = N_TALENTS, n_vacancies: int = N_VACANCIES, seed: int = SEED
) -> None:
    """World, import and index in an empty home, as the commands of those names do it; the world stays beside it."""
    world, now = settings.home / _TRUTH.parent, datetime.now(UTC)
    generate(world, n_talents, n_vacancies, seed)
    with Store.open(settings.store_url) as store:
        for kind in _KINDS:
            import_files(store, kind, [world / f"{kind}.jsonl"], rejects_dir=settings.rejects_dir, now=now)
        update_index(store, encoder_made(settings, store), settings.index_dir)


def _copy(source: Path, home: Path) -> None:
    """Records, index, encoder and champion; not the runs in MLflow, which know their files by their place."""
    if not (source / _DATABASE).is_file():
        raise NotFound(f"there is nothing in {source} yet; run kansrijk import, or unset KANSRIJK_HOME for a demo")
    # Through SQLite itself: a service may be writing, and what it wrote last may still be in its journal.
    with (
        closing(sqlite3.connect(f"{(source / _DATABASE).resolve().as_uri()}?mode=ro", uri=True)) as theirs,
        closing(sqlite3.connect(home / _DATABASE)) as ours,
    ):
        theirs.backup(ours)
    for name in ("index", "encoder", "models"):
        if (source / name).is_dir():
            shutil.copytree(source / name, home / name)


def _last_event(store: Store) -> datetime:
    moments = store.event_columns().occurred_at
    if not len(moments):
        raise InputError("there are no events in this home: nothing to learn from; run kansrijk import events")
    last: datetime = pd.Timestamp(moments[-1]).to_pydatetime().replace(tzinfo=UTC)
    return last
