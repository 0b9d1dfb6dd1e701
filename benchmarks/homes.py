"""A home filled with a synthetic world, for benchmarks and tests."""

from datetime import UTC, datetime, time
from pathlib import Path

from core.exchange import ImportKind, import_files
from core.records import Vacancy
from core.settings import Settings, load_settings
from core.store import Store
from training.world import generate

KINDS = (ImportKind.PLACES, ImportKind.TALENTS, ImportKind.VACANCIES, ImportKind.EVENTS, ImportKind.COURSES)


def filled_home(home: Path, *, n_talents: int, n_vacancies: int, seed: int) -> Settings:
    """Makes a world in ``home/world`` and imports it.

    Returns:
        Settings of that home, for one thread.
    """
    settings = load_settings(home=home, threads=1)
    world, now = home / "world", datetime.now(UTC)
    generate(world, n_talents, n_vacancies, seed)
    with Store.open(settings.store_url) as store:
        for kind in KINDS:
            import_files(store, kind, [world / f"{kind}.jsonl"], rejects_dir=settings.rejects_dir, now=now)
    return settings


def split_vacancies(store: Store) -> tuple[datetime, list[Vacancy]]:
    """The end of the day on which nine in ten vacancies had been published, and the later ones, first the earliest."""
    vacancies = sorted((item.record for item in store.iter_vacancies()), key=published)
    cutoff = datetime.combine(published(vacancies[int(len(vacancies) * 0.9)]).date(), time.max, tzinfo=UTC)
    return cutoff, [vacancy for vacancy in vacancies if published(vacancy) > cutoff]


def published(vacancy: Vacancy) -> datetime:
    """When a vacancy of a world was published."""
    return vacancy.updated_at or datetime.max.replace(tzinfo=UTC)
