"""Training and serving compute the same, to the last bit; where they do not, nothing is promoted."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from training_parts import NOW, Diary

from core.errors import NotFound, PromotionRefused
from core.records import Employer, Talent, Vacancy
from core.settings import Settings
from core.store import Store
from embeddings.fakes import BagOfWordsEncoder
from embeddings.indexer import update_index
from ranking.features import FEATURE_NAMES
from ranking.matcher import Matcher
from ranking.model import ModelInfo, RankingModel
from ranking.outcomes import LABELS
from ranking.rankers import LinearRanker
from ranking.resolutions import resolutions
from training import parity
from training.credits import WINDOW_DAYS, Goal, judged
from training.dataset import FeatureRows
from training.parity import check_parity, compare
from training.promotion import promote_checked
from training.registry import Registry
from training.replay import logged_lists, offline_rows
from training.shown import shown_pairs
from training.tracking import RunRecord

WIDTH = len(FEATURE_NAMES)


def linear(encoder: BagOfWordsEncoder, seed: int = 1) -> RankingModel:
    weights = np.random.default_rng(seed).normal(size=WIDTH)
    ranker = LinearRanker(FEATURE_NAMES, np.full(WIDTH, 0.3), np.ones(WIDTH), weights, 0.1)
    return RankingModel(ModelInfo("1", "retained-1040h-v1", encoder.version, "2026-01-01", FEATURE_NAMES), ranker, None)


@pytest.fixture
def village(sqlite_store: Store) -> Store:
    """Forty people of whom much is unknown and who changed since, nine jobs, lists, and some placements."""
    trades = ("lassen", "koken", "schilderen")
    for change, when in ((0, NOW - timedelta(days=400)), (1, NOW - timedelta(days=60))):
        sqlite_store.put_talents(
            [
                Talent(
                    talent_id=f"t-{n:02d}",
                    presentation=f"Ik hou van {trades[(n + change) % 3]}.",
                    skills=[trades[n % 3]] if n % 4 else [],
                    hours_max=20 + n % 20 if n % 3 else None,
                    education_level=1 + n % 5 if n % 2 else None,
                    updated_at=when,
                )
                for n in range(40)
            ],
            now=when,
        )
    sqlite_store.put_vacancies(
        [
            Vacancy(
                vacancy_id=f"v-{n}",
                title=f"Medewerker {trades[n % 3]}",
                skills_required=[trades[n % 3]],
                education_level_min=2,
                hours_min=24,
                hours_max=32,
                employer={"employer_id": f"w-{n % 2}"},
                updated_at=NOW - timedelta(days=400),
            )
            for n in range(9)
        ],
        now=NOW,
    )
    diary = Diary()
    for n in range(9):
        made = NOW - timedelta(days=300 - 30 * n)
        for place in range(1, 9):
            diary.add("shown", made, (f"v-{n}", f"t-{(5 * n + place) % 40:02d}"), rank=place, shortlist_id=f"s-{n}")
        pair = (f"v-{n}", f"t-{(5 * n + 1) % 40:02d}")
        diary.add("placed", made + timedelta(days=9), pair, starts_on=made.date(), contract_hours_per_week=32)
        if n % 3 == 0:
            over = made + timedelta(days=40)
            diary.add("ended", over, pair, ended_on=over.date())
    diary.in_store(sqlite_store)
    return sqlite_store


def test_the_same_pairs_get_the_same_numbers_from_both(
    village: Store, encoder: BagOfWordsEncoder, tmp_path: object
) -> None:
    found = check_parity(village, encoder, Settings(threads=1), linear(encoder), as_of=NOW)
    assert found.n_rows == parity.N_LISTS * 8
    assert found.exact
    assert found.differs == ()
    assert found.tags() == {"parity_rows": "48", "parity_max_difference": "0.0"}


def test_what_was_trained_on_is_held_against_what_is_served(village: Store, encoder: BagOfWordsEncoder) -> None:
    known = village.event_columns()
    shown = shown_pairs(known, as_of=NOW, label=LABELS["retained-1040h-v1"])
    rows = offline_rows(village, encoder, shown, known, as_of=NOW)
    found = check_parity(village, encoder, Settings(threads=1), linear(encoder), as_of=NOW, trained_on=rows)
    assert (found.n_rows, found.exact) == (parity.N_LISTS * 8, True)
    wrong = rows.features.copy()
    wrong[0, FEATURE_NAMES.index("hours_offered")] += 1e-9  # the first list is always in the sample
    found = check_parity(
        village,
        encoder,
        Settings(threads=1),
        linear(encoder),
        as_of=NOW,
        trained_on=FeatureRows(rows.frame, wrong),
    )
    assert "hours_offered" in found.differs


def test_parity_holds_whatever_was_told_late_or_changed_hands(village: Store, encoder: BagOfWordsEncoder) -> None:
    """An end told when the weeks seemed full, a vacancy that changes employer, one that nobody was shown for."""
    jobs = [village.vacancy(f"v-{n}").record for n in (1, 2)]
    village.put_vacancies(
        [
            jobs[0].model_copy(
                update={"employer": Employer(employer_id="w-9"), "updated_at": NOW - timedelta(days=20)}
            ),
            jobs[1].model_copy(update={"vacancy_id": "v-own"}),
        ],
        now=NOW,
    )
    diary = Diary()
    diary.events += list(village.iter_events())
    hired = ("v-own", "t-39")
    diary.add("placed", NOW - timedelta(days=380), hired, starts_on="2025-02-17", contract_hours_per_week=40)
    diary.add("ended", NOW - timedelta(days=100), hired, ended_on="2025-03-03")
    village.put_events(diary.events, now=NOW)
    known = village.event_columns()
    turns = resolutions(known, as_of=NOW, label=LABELS["retained-1040h-v1"])
    assert turns["retained"].min() == -1.0  # else nothing was taken back, and this would test nothing
    found = check_parity(village, encoder, Settings(threads=1), linear(encoder), as_of=NOW)
    assert (found.exact, found.differs) == (True, ())
    rows = offline_rows(
        village, encoder, shown_pairs(known, as_of=NOW, label=LABELS["retained-1040h-v1"]), known, as_of=NOW
    )
    counted = rows.features[:, FEATURE_NAMES.index("employer_placements")]
    assert len(np.unique(counted)) > 2


def test_a_home_without_lists_can_show_no_parity(
    sqlite_store: Store, encoder: BagOfWordsEncoder, home: Settings
) -> None:
    found = check_parity(sqlite_store, encoder, Settings(threads=1), linear(encoder), as_of=NOW)
    assert (found.n_rows, found.exact) == (0, False)
    assert found.tags() == {"parity_rows": "0", "parity_max_difference": "not checked"}
    registry = Registry.open(home)
    version = registry.record(RunRecord({}, {}, [], {"content": "c1"}, {}, promotable=True), linear(encoder))
    with pytest.raises(PromotionRefused, match=r"not checked: this home holds no shown pair.*import"):
        promote_checked(registry, sqlite_store, encoder, home, version, as_of=NOW)
    assert registry.champion_version() is None


def test_a_difference_is_found_whatever_its_kind(encoder: BagOfWordsEncoder) -> None:
    model = linear(encoder)
    trained = np.random.default_rng(2).random((6, WIDTH))
    trained[2, 3] = trained[4, 5] = np.nan
    scores = model.ranker.score(trained)
    assert compare(model, trained, trained.copy(), scores).exact
    moved = trained.copy()
    moved[1, 7] = np.nextafter(moved[1, 7], 2)  # the smallest step there is
    found = compare(model, trained, moved, scores)
    assert not found.exact
    assert found.differs == (FEATURE_NAMES[7],)
    filled = trained.copy()
    filled[2, 3] = 0.0  # unknown is not nought
    assert compare(model, trained, filled, scores).max_difference == np.inf
    assert compare(model, trained, trained, scores + 1e-9).differs == ("score",)
    assert not compare(model, np.empty((0, WIDTH)), np.empty((0, WIDTH)), np.empty(0)).exact


def test_what_the_service_would_compute_otherwise_is_not_promoted(
    village: Store, encoder: BagOfWordsEncoder, home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = Registry.open(home)
    run = RunRecord({}, {}, [], {"content": "c1"}, {}, promotable=True)
    version = registry.record(run, linear(encoder))
    honest = Matcher.scored

    def skewed(self: Matcher, *arguments: object, **options: object) -> dict:
        """A service whose distances are in metres."""
        found = honest(self, *arguments, **options)
        return {
            key: (np.where(np.isnan(values), values, values * 1000), score) for key, (values, score) in found.items()
        }

    with monkeypatch.context() as patch:
        patch.setattr(Matcher, "scored", skewed)
        with pytest.raises(PromotionRefused, match="between training and serving"):
            promote_checked(registry, village, encoder, home, version, as_of=NOW)
    assert registry.champion_version() is None
    assert registry.champion() is None
    done = promote_checked(registry, village, encoder, home, version, as_of=NOW)
    assert done.exact
    assert registry.champion_version() == version
    tags = registry._client.get_model_version("kansrijk-ranker", version).tags
    assert (tags["parity_rows"], tags["parity_max_difference"]) == ("48", "0.0")
    with pytest.raises(NotFound, match="kansrijk models"):
        promote_checked(registry, village, encoder, home, "99")


def test_a_challenger_comes_and_goes(village: Store, encoder: BagOfWordsEncoder, home: Settings) -> None:
    from ranking.champion import ChampionFollower

    registry = Registry.open(home)
    for number in (1, 2):
        registry.record(RunRecord({}, {}, [], {"content": f"c{number}"}, {}, promotable=True), linear(encoder, number))
    follower = ChampionFollower(home.challenger_dir)
    assert (registry.challenger_version(), follower()) == (None, None)
    registry.promote("1")
    registry.challenge("2")
    challenger = follower()
    assert challenger is not None
    assert (challenger.info.version, registry.challenger_version()) == ("2", "2")
    assert {item.version: item.aliases for item in registry.versions()} == {"1": ["champion"], "2": ["challenger"]}
    with pytest.raises(NotFound, match="kansrijk models"):
        registry.challenge("9")
    registry.challenge(None)
    assert (registry.challenger_version(), follower()) == (None, None)
    registry.challenge(None)  # once more changes nothing
    registry.challenge("2")
    registry.promote("2")  # it has won, and competes no more
    assert (registry.champion_version(), registry.challenger_version(), follower()) == ("2", None, None)


def test_explored_lists_are_weighed_with_what_another_model_makes_of_their_candidates(
    village: Store, encoder: BagOfWordsEncoder, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Against another matcher that serves that other model: it must put the same people at the same places."""
    settings = Settings(home=tmp_path_factory.mktemp("explored"), threads=1, exploration_share=0.3)
    update_index(village, encoder, settings.index_dir)
    model, other = linear(encoder), replace(linear(encoder, 2), retention=None)
    exploring = Matcher.open(settings, village, encoder, lambda: model)
    made = [exploring.shortlist(village.vacancy(f"v-{n}").record, k=10) for n in range(3)]
    plain = Matcher.open(Settings(home=settings.home, threads=1), village, encoder, lambda: other)
    expected = [plain.shortlist(village.vacancy(f"v-{n}").record, k=40) for n in range(3)]
    diary = Diary()
    diary.events += list(village.iter_events())
    for item in made:
        for entry in item.entries:
            pair = (str(item.vacancy_id), entry.talent_id)
            diary.add("shown", item.created_at, pair, rank=entry.rank, shortlist_id=item.shortlist_id)
    chosen = made[0].entries[1].talent_id
    diary.add("proposed", made[0].created_at + timedelta(days=2), ("v-0", chosen))
    village.put_events(diary.events, now=NOW)
    events, later = village.event_columns(), made[0].created_at + timedelta(days=WINDOW_DAYS[Goal.PROPOSED] + 1)
    lists = judged(list(village.iter_shortlists()), events, Goal.PROPOSED, as_of=later)
    found = logged_lists(lists, other, village, encoder, events, as_of=later)
    assert len(found) == 3
    for item, logged, full in zip(made, found, expected, strict=True):
        places = {entry.talent_id: entry.rank for entry in full.entries}
        assert logged.new_places.tolist() == [
            places[entry.talent_id] if places[entry.talent_id] <= 10 else 0 for entry in item.entries
        ]
        assert (logged.design.n_slots, logged.design.n_candidates, logged.n_new) == (3, len(full.entries), 10)
        rewards = [1.0 if item is made[0] and entry.talent_id == chosen else 0.0 for entry in item.entries]
        assert logged.rewards.tolist() == rewards
