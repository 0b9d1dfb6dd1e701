"""Adapting the encoder with retained placements: on a desk whose two sides speak languages of their own."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from training_parts import Diary

from core.errors import ArtifactMismatch, TrainingRefused
from core.records import Talent, Vacancy
from core.settings import Settings
from core.store import Store
from embeddings.fakes import BagOfWordsEncoder
from embeddings.hashed import HashedConfig, HashedNgramEncoder, HashedWeights, words_of
from embeddings.indexer import load_index, update_index
from embeddings.loading import load_encoder, shipped_model
from embeddings.ngrams import word_features
from ranking.outcomes import DEFAULT_LABEL, LABELS
from training.encoder.placements import (
    MIN_JUDGED,
    MIN_LEARNED,
    adapt_encoder,
    encoder_to_adapt,
    questions,
    read_shown,
)
from training.encoder.placements_gate import compare, judge
from training.encoder.words import Question, ShiftPlan, WordShifts, _contrast, fold, learn_shifts
from training.evaluation import Estimate
from training.shown import Grade, shown_pairs

# What employers and people call the same trade here; no dictionary knows, and the letters do not tell.
ASKED = ("vrulk", "zwompf", "kjarpel", "quibbo", "draznik", "plofter", "wexuur", "gnirbel")
OFFERED = ("mifzat", "hoenkra", "tolliwup", "bexard", "jimsoer", "lavunko", "pyrigat", "sneugol")
PLAIN = ("samenwerken", "op tijd komen", "netjes werken", "plannen", "leren")
N_LISTS, SIZE, N_TALENTS = 270, 6, 160
START = datetime(2023, 1, 2, 9, tzinfo=UTC)
CUTOFF = START + timedelta(days=3 * N_LISTS + 200)
QUICK = ShiftPlan(iterations=8)
LABEL = LABELS[DEFAULT_LABEL]


def desk(store: Store, *, sense: bool = True, n_lists: int = N_LISTS, guest: bool = False) -> None:
    """A list every third day: one of six is placed and stays; with sense, the one of the trade that is asked for.

    Args:
        store: an empty one.
        sense: else whoever stays is drawn by chance.
        n_lists: how many.
        guest: one more person, shown on every tenth list, and placed and kept on every thirtieth.
    """
    rng = np.random.default_rng(7)
    talents = [
        Talent(talent_id=f"t-{n:03d}", skills=[f"{OFFERED[n % 8]} doen", PLAIN[n % 5]], updated_at=START)
        for n in range(N_TALENTS)
    ]
    if guest:
        talents.append(Talent(talent_id="t-guest", skills=["zwompf", "mifzat", "geheimwoord"], updated_at=START))
    store.put_talents(talents, now=START)
    vacancies = [
        Vacancy(
            vacancy_id=f"v-{n:03d}",
            title=f"{ASKED[n % 8]} medewerker",
            description=f"Wij zoeken een collega voor {ASKED[n % 8]}. {PLAIN[n % 5]} hoort erbij.",
            updated_at=START,
        )
        for n in range(n_lists)
    ]
    store.put_vacancies(vacancies, now=START)
    diary = Diary()
    for number in range(n_lists):
        at = START + timedelta(days=3 * number)
        trades = [number % 8, *rng.choice([n for n in range(8) if n != number % 8], SIZE - 1, replace=False)]
        people = [f"t-{trade + 8 * rng.integers(N_TALENTS // 8):03d}" for trade in trades]
        chosen = [people[0 if sense else rng.integers(SIZE)]]
        if guest and number % 10 == 0:
            people.append("t-guest")
            chosen += ["t-guest"] if number % 30 == 0 else []
        for place, person in enumerate(sorted(people), start=1):
            diary.add("shown", at, (f"v-{number:03d}", person), rank=place, shortlist_id=f"s-{number}")
        for person in chosen:
            pair = (f"v-{number:03d}", person)
            starts = at + timedelta(days=10)
            diary.add("placed", at + timedelta(days=5), pair, starts_on=starts.date(), contract_hours_per_week=36.0)
            diary.add("hours", starts + timedelta(weeks=29), pair, total_hours=1_044.0)
    store.put_events(diary.events, now=CUTOFF)


def start() -> HashedNgramEncoder:
    shipped = shipped_model()
    if shipped is None:
        pytest.skip("no encoder is shipped with this checkout")
    return HashedNgramEncoder.load(shipped)


@pytest.fixture(scope="module")
def shipped() -> HashedNgramEncoder:
    return start()


@pytest.fixture(scope="module")
def adapted(shipped: HashedNgramEncoder, new_home: Callable[[str], Settings]):
    """An encoder adapted on a desk with sense, its report, and the home."""
    settings = new_home("jargon")
    with Store.open(settings.store_url) as store:
        desk(store)
        report = adapt_encoder(store, shipped, settings, settings.home / "own", as_of=CUTOFF)
    return settings, report


def in_words(*sentences: str) -> list[str]:
    return sorted({word for sentence in sentences for word in words_of(sentence)})


@pytest.fixture(scope="module")
def small() -> HashedNgramEncoder:
    """Random vectors of 16 components; no attention and no association, so that a text is a plain sum."""
    rng = np.random.default_rng(3)
    keys = np.unique(word_features(in_words("graag koken voor gasten", "lassen en slijpen"))[0])
    unit = np.eye(16, dtype=np.float32)[:4]
    table = rng.integers(-127, 128, (len(keys), 16)).astype(np.int8)
    weights = HashedWeights(keys, table, rng.random(len(keys)).astype(np.float32) / 100, unit, unit)
    config = HashedConfig(dim=16, attention_power=0.0, association_weight=0.0, phrase_association_weight=0.0)
    return HashedNgramEncoder(weights, config)


# --- the whole


def test_the_jargon_of_a_desk_is_learned_and_judged_out_of_time(adapted, shipped: HashedNgramEncoder) -> None:
    settings, report = adapted
    assert report.promoted, report.reasons
    own = HashedNgramEncoder.load(settings.home / "own")
    assert own.version == report.version != report.started_from == shipped.version
    for mine, yours in zip(ASKED, OFFERED, strict=True):
        others = [word for word in OFFERED if word != yours]
        near = own.encode([mine]) @ own.encode([yours, *others]).T
        assert near[0].argmax() == 0, mine
    # A list of six with one right answer, known for sure by whoever speaks both languages.
    assert report.metrics["beside_ndcg_before"].value < 0.7
    assert report.metrics["beside_ndcg_after"].value > 0.95


def test_what_it_learned_from_was_known_before_the_judged_period(adapted) -> None:
    _, report = adapted
    # By hand: list n is shown on day 3n, and that its talent stayed is known on day 3n + 213. On the last day, 1010,
    # that is so of lists 0 to 265; the last fifth is judged, from list 212 on; on that day, 636, of lists 0 to 141.
    assert report.judged_from.startswith((START + timedelta(days=636)).strftime("%Y-%m-%dT%H:%M"))
    assert (report.placements, report.learned_before_judging) == (266, 142)
    assert report.metrics["pool_ndcg_after"].n_lists == 266 - 212


def test_the_index_says_that_it_must_be_made_again(adapted) -> None:
    settings, _ = adapted
    with Store.open(settings.store_url) as store:
        update_index(store, load_encoder(settings), settings.index_dir)
        swapped = load_encoder(settings.model_copy(update={"encoder": str(settings.home / "own")}))
        with pytest.raises(ArtifactMismatch, match="run kansrijk index"):
            load_index(settings.index_dir, swapped)
        update_index(store, swapped, settings.index_dir)
        assert len(load_index(settings.index_dir, swapped).talents) == N_TALENTS


def test_the_run_is_in_mlflow_without_a_word_of_anyone(adapted) -> None:
    import mlflow

    settings, report = adapted
    client = mlflow.MlflowClient(tracking_uri=settings.tracking_uri)
    experiment = client.get_experiment_by_name("kansrijk-encoder")
    (run,) = client.search_runs([experiment.experiment_id])
    assert run.data.tags["promotable"] == "true"
    assert run.data.tags["encoder_version"] == report.version
    assert run.data.metrics["pool_difference_low"] == report.metrics["pool_difference"].low > 0
    card = mlflow.artifacts.load_text(f"{run.info.artifact_uri}/report.md")
    assert f"{report.placements} retained placements" in card
    assert not any(word in card for word in (*ASKED, *OFFERED, "t-0", "v-0"))


def test_it_starts_again_from_what_it_was_adapted_from(adapted, shipped: HashedNgramEncoder, tmp_path: Path) -> None:
    settings, _ = adapted
    named = settings.model_copy(update={"encoder": str(settings.home / "own")})
    assert encoder_to_adapt(load_encoder(named), named).version == shipped.version
    (tmp_path / "report.json").write_text('{"started_from": "another"}')
    lost = settings.model_copy(update={"encoder": str(tmp_path)})
    with pytest.raises(TrainingRefused, match="adapted already, from another"):
        encoder_to_adapt(shipped, lost)


def test_placements_without_sense_are_refused_and_nothing_is_written(
    shipped: HashedNgramEncoder, home: Settings
) -> None:
    with Store.open(home.store_url) as store:
        desk(store, sense=False)
        report = adapt_encoder(store, shipped, home, home.home / "own", as_of=CUTOFF)
    assert not report.promoted
    assert report.reasons[0].startswith("not demonstrably better")
    assert not (home.home / "own").exists()


def test_too_few_placements_are_refused_with_both_numbers(shipped: HashedNgramEncoder, home: Settings) -> None:
    with Store.open(home.store_url) as store:
        desk(store, n_lists=100)
        with pytest.raises(TrainingRefused) as refusal:
            adapt_encoder(store, shipped, home, home.home / "own", as_of=CUTOFF)
        assert len(refusal.value.reasons) == 2
        # By hand: of 100 lists the last 20 are judged; of the others 0 to 9 were known on day 240.
        assert refusal.value.reasons[0].startswith("10 retained placements of talents who were shown were known")
        assert refusal.value.reasons[1].startswith(
            "20 retained placements of talents who were shown are there to judge on"
        )
        assert min(MIN_LEARNED, MIN_JUDGED) > 20
    with Store.open(f"sqlite:///{home.home / 'empty.db'}") as empty, pytest.raises(TrainingRefused, match="0 retained"):
        adapt_encoder(empty, shipped, home, home.home / "own")


def test_another_kind_of_encoder_is_refused(home: Settings) -> None:
    with pytest.raises(TrainingRefused, match="only Kansrijk's own encoder"):
        encoder_to_adapt(BagOfWordsEncoder(), home)


# --- people's rights


def learned_of(store: Store, encoder: HashedNgramEncoder) -> str:
    shown = read_shown(store, shown_pairs(store.event_columns(), as_of=CUTOFF, label=LABEL))
    shifts = learn_shifts(encoder, shown.texts, shown.owners, questions(shown.frame), QUICK)
    assert "geheimwoord" not in shifts.words
    return fold(encoder, shifts).version


def test_nothing_of_an_erased_person_is_learned(shipped: HashedNgramEncoder, tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path / 'without.db'}") as store:
        desk(store, n_lists=90)
        without = learned_of(store, shipped)
    with Store.open(f"sqlite:///{tmp_path / 'guest.db'}") as store:
        desk(store, n_lists=90, guest=True)
        assert learned_of(store, shipped) != without
        store.erase("t-guest", now=CUTOFF)
        assert learned_of(store, shipped) == without


def test_words_of_fewer_than_five_are_not_moved(small: HashedNgramEncoder) -> None:
    texts = ["koken", *(["koken voor gasten"] * 5), *(["lassen uniekwoord"] * 4), "lassen"]
    asked = [Question("s", 0, 1, np.array([6, 7]), np.array([6, 7]))] * 3
    asked += [Question("s", 0, row, np.array([8, 9]), np.array([8, 9])) for row in (2, 3, 4, 5)]
    shifts = learn_shifts(small, texts, [f"o{n}" for n in range(len(texts))], asked, QUICK)
    assert shifts.words == ["koken", "voor", "gasten"]
    one_person = learn_shifts(small, texts, ["v", *(["p"] * 5), *"abcde"], asked, QUICK)
    assert one_person.words == []
    assert fold(small, one_person).version == small.version


# --- learning and folding


def test_a_folded_shift_is_the_shift_applied_to_the_vectors(small: HashedNgramEncoder) -> None:
    words = ["koken", "zwompf", "lassen"]  # two known, one unknown
    shifts = WordShifts(words, np.random.default_rng(1).standard_normal((3, 16)).astype(np.float32))
    moved = fold(small, shifts)
    added = dict(zip(words, shifts.vectors, strict=True))
    for text in ("koken", "zwompf", "graag koken en zwompf", "lassen zwompf zwompf voor iets"):
        total = sum(small.word_vectors([word])[0] + added.get(word, 0.0) for word in words_of(text))
        np.testing.assert_allclose(moved.encode([text])[0], total / np.linalg.norm(total), atol=0.02)  # eight bits
    np.testing.assert_array_equal(moved.encode(["graag voor gasten"]), small.encode(["graag voor gasten"]))


def test_the_slopes_are_those_of_the_loss() -> None:
    rng = np.random.default_rng(5)
    sums = rng.standard_normal((6, 4))
    asked = [(0, np.array([3, 4, 2])), (1, np.array([2, 3, 5]))]  # the answer stands last

    def by_definition(values: np.ndarray) -> float:
        units = values / np.linalg.norm(values, axis=1, keepdims=True)
        total = 0.0
        for vacancy, rows in asked:
            cosines = [units[vacancy] @ units[row] for row in rows]
            total -= np.log(np.exp(cosines[-1] / 0.3) / np.exp(np.array(cosines) / 0.3).sum())
        return float(total)

    value, slopes = _contrast(sums, asked, 0.3)
    assert value == pytest.approx(by_definition(sums))
    for row, column in np.ndindex(*sums.shape):
        step = np.zeros_like(sums)
        step[row, column] = 1e-6
        numeric = (by_definition(sums + step) - by_definition(sums - step)) / 2e-6
        assert slopes[row, column] == pytest.approx(numeric, abs=1e-6)


def test_it_finds_the_least_of_the_loss_as_defined(small: HashedNgramEncoder) -> None:
    texts = ["koken", "koken gasten", "lassen gasten", "slijpen"]
    asked = [Question("s", 0, 2, np.array([1, 3]), np.array([1])), Question("s", 3, 1, np.array([2]), np.array([2]))]
    plan = ShiftPlan(min_owners=2, iterations=500)
    found = learn_shifts(small, texts, ["a", "b", "c", "d"], asked, plan)
    assert found.words == ["koken", "gasten"]

    def loss(flat: np.ndarray) -> float:
        added = dict(zip(found.words, flat.reshape(2, 16), strict=True))
        sums = [sum(small.word_vectors([word])[0] + added.get(word, 0.0) for word in text.split()) for text in texts]
        units = [one / np.linalg.norm(one) for one in sums]
        total = float(np.sum(flat**2))
        for one in asked:
            shares = np.exp([units[one.vacancy] @ units[row] / 0.1 for row in (one.answer, *one.others)])
            total -= np.log(shares[0] / shares.sum())
        return float(total)

    least = minimize(loss, np.zeros(32), method="BFGS").fun  # slopes by differences
    assert loss(np.zeros(32)) - least > 0.1
    assert loss(found.vectors.ravel().astype(float)) == pytest.approx(least, rel=1e-4)


def test_a_stronger_pull_moves_less_and_the_same_data_move_the_same(small: HashedNgramEncoder) -> None:
    texts = ["koken", "koken voor gasten", "lassen en slijpen"] * 5
    owners = [f"o{n}" for n in range(len(texts))]
    asked = [Question("s", 0, 1, np.array([2]), np.array([2]))] * 5
    lengths = []
    for pull in (0.1, 1.0, 10.0):
        plan = replace(QUICK, pull=pull, min_owners=1)
        once = learn_shifts(small, texts, owners, asked, plan)
        again = learn_shifts(small, texts, owners, asked, plan)
        np.testing.assert_array_equal(once.vectors, again.vectors)
        lengths.append(np.linalg.norm(once.vectors))
    assert lengths[0] > lengths[1] > lengths[2] > 0


# --- questions and the gate


def frame_of(rows: list[tuple[str, str, str, int]]) -> pd.DataFrame:
    """Shown pairs from (day, vacancy, talent, grade); a list a vacancy, a row of its own for each text."""
    days = pd.to_datetime([f"{row[0]}T10:00" for row in rows]).as_unit("us")
    return pd.DataFrame(
        {
            "vacancy_id": [row[1] for row in rows],
            "talent_id": [row[2] for row in rows],
            "list_id": [f"s-{row[1]}" for row in rows],
            "shown_at": days,
            "grade": [row[3] for row in rows],
            "vacancy_row": [int(row[1]) for row in rows],
            "talent_row": [100 + number for number in range(len(rows))],
        }
    )


def test_a_question_is_put_among_who_was_looked_at_in_those_weeks() -> None:
    frame = frame_of(
        [
            ("2025-01-01", "1", "old", Grade.SHOWN),  # more than four weeks before
            ("2025-01-10", "2", "a", Grade.SHOWN),
            ("2025-01-10", "2", "star", Grade.SHOWN),  # the one who stays, in an earlier version
            ("2025-01-31", "3", "b", Grade.PROPOSED),
            ("2025-01-31", "3", "star", Grade.RETAINED),
            ("2025-01-31", "3", "also", Grade.UNKNOWN),  # hired for the same vacancy: no wrong answer
            ("2025-02-01", "4", "late", Grade.SHOWN),
        ]
    )
    (asked,) = questions(frame)
    assert (asked.list_id, asked.vacancy, asked.answer) == ("s-3", 3, 104)
    assert (asked.others.tolist(), asked.beside.tolist()) == ([101, 103], [103])
    assert questions(frame, since=np.datetime64("2025-01-31T10:00", "us")) != []
    assert questions(frame, since=np.datetime64("2025-02-01", "us")) == []


class Planted:
    """An encoder whose similarities to the vacancy were written by hand."""

    version, dim = "planted", 2

    def __init__(self, similarities: dict[str, float]) -> None:
        self.similarities = similarities

    def encode(self, texts, *, kind=None):  # noqa: ARG002
        return np.array([[self.similarities[text], 1.0] if text in self.similarities else [1.0, 0.0] for text in texts])


def test_gains_are_those_counted_by_hand() -> None:
    texts = ["asked", "right", "b", "c", "d"]
    one = Question("s-1", 0, 1, np.array([2, 3, 4]), np.array([4]))
    two = Question("s-1", 0, 1, np.array([3]), np.array([3]))
    other = Question("s-2", 0, 1, np.array([4]), np.array([4]))
    old = Planted({"right": 0.5, "b": 0.9, "c": 0.7, "d": 0.5})  # third behind b and c, and d, as near, counts against
    new = Planted({"right": 0.5, "b": 0.4, "c": 0.7, "d": 0.3})
    metrics, difference = compare(old, new, texts, [one, two, other])
    before = ((1 / np.log2(5) + 1 / np.log2(3)) / 2 + 1 / np.log2(3)) / 2
    after = ((1 / np.log2(3) + 1 / np.log2(3)) / 2 + 1.0) / 2
    assert metrics["pool_ndcg_before"].value == pytest.approx(before)
    assert metrics["pool_mrr_before"].value == pytest.approx(((1 / 4 + 1 / 2) / 2 + 1 / 2) / 2)
    assert metrics["beside_ndcg_after"].value == pytest.approx(((1.0 + 1 / np.log2(3)) / 2 + 1.0) / 2)
    assert (difference.value, difference.n_lists) == (pytest.approx(after - before), 2)


SAME = {"phrases_before": 0.9, "phrases_after": 0.9, "names_before": 0.9, "names_after": 0.9}
BETTER, UNSURE = Estimate(0.02, 0.01, 0.03, 80), Estimate(0.02, -0.001, 0.03, 80)


@pytest.mark.parametrize(
    ("found", "beside", "kept", "reason"),
    [
        (BETTER, UNSURE, SAME, None),
        (UNSURE, BETTER, SAME, "not demonstrably better"),
        (Estimate(0.02, 0.01, 0.03, 0), BETTER, SAME, "not demonstrably better"),
        (BETTER, Estimate(-0.02, -0.03, -0.01, 80), SAME, "worse among those of one list"),
        (BETTER, BETTER, SAME | {"phrases_after": 0.84}, "forgot general phrases"),
        (BETTER, BETTER, SAME | {"phrases_after": 0.86}, None),
        (BETTER, BETTER, SAME | {"names_after": 0.87}, "forgot general names"),
    ],
)
def test_the_gate(found: Estimate, beside: Estimate, kept: dict[str, float], reason: str | None) -> None:
    verdict = judge(found, beside, kept)
    assert verdict.passed is (reason is None)
    assert len(verdict.reasons) == 1
    if reason is not None:
        assert reason in verdict.reasons[0]
