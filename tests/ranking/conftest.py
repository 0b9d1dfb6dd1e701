"""One small town for the tests of serving: people, jobs, a history, an index and a model, made once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from ranking_parts import NOW, PLACES, WORDS, Diary

from core.records import Talent, Vacancy
from core.settings import Settings
from core.store import Store
from embeddings.fakes import BagOfWordsEncoder
from embeddings.indexer import update_index
from ranking.features import COLUMNS, FEATURE_NAMES, FEATURES
from ranking.model import ModelInfo, RankingModel
from ranking.retention import RetentionHead
from ranking.trees import RankingTable, TreeSettings, refit_ranker

N_PEOPLE, N_JOBS = 120, 12


@pytest.fixture(scope="session")
def encoder() -> BagOfWordsEncoder:
    return BagOfWordsEncoder(dim=512)


def person(number: int) -> Talent:
    """Someone whose wishes, skills and limits depend on their number alone; a good part is unknown."""
    rng = np.random.default_rng(number)
    pick = rng.choice(WORDS, size=8, replace=False).tolist()
    fields = {
        "presentation": f"Ik werk graag met {pick[0]}. Van {pick[1]} en {pick[2]} word ik blij.",
        "skills": [f"{pick[3]} {pick[4]}", pick[5]],
        "interests": [pick[6]],
        "preferred_occupations": [f"medewerker {pick[7]}"],
        "experience": [{"occupation": f"hulp {pick[3]}", "months": int(rng.integers(1, 60))}],
        "behaviours": [{"code": 24105, "level": int(rng.integers(1, 4))}, {"code": 24121, "level": 1}],
        "education_level": int(rng.integers(1, 5)),
        "certificates": [["VCA"], [], ["heftruck"]][number % 3],
        "licences": [[], ["B"], ["CE"]][number % 3],
        "languages": [{"code": "nld", "spoken": int(rng.integers(1, 5))}],
        "location": {"postcode": sorted(PLACES)[number % len(PLACES)]},
        "max_travel_km": int(rng.integers(4, 40)),
        "transport": [["bicycle"], ["car", "bicycle"], ["public_transport"]][number % 3],
        "hours_min": 16,
        "hours_max": int(rng.choice([24, 32, 40])),
        "irregular_hours": bool(number % 2),
        "available_from": NOW.date() - timedelta(days=10),
    }
    silent = rng.choice(sorted(fields.keys() - {"presentation", "skills"}), size=number % 6, replace=False)
    told = {name: value for name, value in fields.items() if name not in silent}
    return Talent.model_validate({"talent_id": f"t-{number:03d}", "updated_at": NOW} | told)


def job(number: int) -> Vacancy:
    """A job; the even ones ask much, the odd ones little."""
    pick = np.random.default_rng(1000 + number).choice(WORDS, size=6, replace=False).tolist()
    strict = {
        "certificates_required": ["VCA"],
        "licences_required": ["B"],
        "languages_required": [{"code": "nld", "spoken": 2}],
        "education_level_min": 2,
        "transport_required": ["car", "bicycle"],
        "starts_on": NOW.date(),
        "irregular_hours": True,
    }
    return Vacancy.model_validate(
        {
            "vacancy_id": f"v-{number:02d}",
            "title": f"Medewerker {pick[0]}",
            "occupation": f"medewerker {pick[0]}",
            "description": f"Je werkt met {pick[1]} en {pick[2]}. Je helpt bij {pick[3]}.",
            "skills_required": [f"{pick[1]} {pick[2]}", pick[4]],
            "skills_desired": [pick[5]],
            "behaviours": [{"code": 24105}, {"code": 24121}],
            "employer": {"employer_id": f"w-{number % 4}", "name": f"Firma {number % 4}"},
            "sector": str(number % 2),
            "location": {"postcode": sorted(PLACES)[number % len(PLACES)]},
            "hours_min": 24,
            "hours_max": 36,
            "training_offered": [pick[4]] if number % 3 == 0 else [],
            "updated_at": NOW,
        }
        | (strict if number % 2 == 0 else {})
    )


def history() -> Diary:
    """A year of placements before NOW, some of which lasted."""
    diary = Diary()
    for number in range(24):
        pair = (f"v-{number % N_JOBS:02d}", f"t-{number:03d}")
        signed = NOW - timedelta(days=360 - number * 5)
        diary.add("placed", signed, pair, starts_on=signed.date(), contract_hours_per_week=36)
        if number % 3 == 0:
            left = signed + timedelta(days=40)
            diary.add("ended", left, pair, ended_on=left.date())
    return diary


@dataclass(frozen=True)
class Town:
    """A home with a store and an index of it."""

    store: Store
    settings: Settings
    people: list[Talent]
    jobs: list[Vacancy]


@pytest.fixture
def empty_town(tmp_path: Path) -> Iterator[Town]:
    """A home of one's own to change, with nobody in it."""
    settings = Settings(home=tmp_path / "home", threads=1)
    settings.home.mkdir()
    with Store.open(settings.store_url) as store:
        yield Town(store, settings, [], [])


def settle(town: Town, encoder: BagOfWordsEncoder) -> Town:
    """Everyone moves in, and is indexed."""
    people, jobs = [person(number) for number in range(N_PEOPLE)], [job(number) for number in range(N_JOBS)]
    town.store.put_places(list(PLACES.values()), now=NOW)
    town.store.put_talents(people, now=NOW)
    town.store.put_vacancies(jobs, now=NOW)
    town.store.put_events(history().events, now=NOW)
    update_index(town.store, encoder, town.settings.index_dir)
    return Town(town.store, town.settings, people, jobs)


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory, encoder: BagOfWordsEncoder) -> Iterator[Town]:
    """The shared town; tests ask it questions and change nothing but its archive of shortlists."""
    settings = Settings(home=tmp_path_factory.mktemp("town"), threads=1)
    with Store.open(settings.store_url) as store:
        yield settle(Town(store, settings, [], []), encoder)


@pytest.fixture(scope="session")
def model(encoder: BagOfWordsEncoder) -> RankingModel:
    """Learned from lists in which a few features decide, so that it has an opinion on every kind of reason."""
    rng = np.random.default_rng(11)
    n_lists, size = 150, 10
    features = rng.uniform(0, 1, size=(n_lists * size, len(FEATURES)))
    features[rng.random(features.shape) < 0.2] = np.nan
    signs = np.array([feature.monotone or 1 for feature in FEATURES])
    worth = np.nan_to_num(features, nan=0.4) @ signs + rng.normal(scale=0.2, size=len(features))
    grades = np.digitize(worth, np.quantile(worth, [0.6, 0.85, 0.95])).astype(np.int64)
    table = RankingTable(features, grades, np.full(n_lists, size), np.tile(np.arange(1, size + 1), n_lists))
    ranker = refit_ranker(table, COLUMNS, TreeSettings(min_data_in_leaf=10), rounds=40)
    head = RetentionHead(
        FEATURE_NAMES,
        np.full(len(FEATURES), 0.5),
        np.ones(len(FEATURES)),
        rng.normal(scale=0.3, size=(20, len(FEATURES) + 1)),
        200,
    )
    info = ModelInfo("7", "retained-1040h-v1", encoder.version, "2026-02-01T00:00:00+00:00", FEATURE_NAMES)
    return RankingModel(info, ranker, head)
