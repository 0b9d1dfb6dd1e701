"""Training, splitting and scoring the encoder, on a small made-up classification and hand-counted rankings."""

import csv
import gzip
import json
import random
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.errors import FileUnreadable, TrainingRefused
from embeddings.encoder import unit_rows
from embeddings.hashed import HashedNgramEncoder
from embeddings.ngrams import word_features
from training.encoder.augment import mistype, recompose, role_words, without
from training.encoder.esco import Concept, read_esco
from training.encoder.evaluate import LinkingTask, evaluate_encoder, read_task, score
from training.encoder.objective import LossWeights, Objective
from training.encoder.pairs import TERMS, Batch, Sampler, glossary, label_key
from training.encoder.rivals import rivals
from training.encoder.splits import all_labels, families, held_out
from training.encoder.table import FeatureTable, known_features
from training.encoder.train import TrainingPlan, train_encoder
from training.encoder.world_texts import world_deeds
from training.world.content import load_content

TRADES = ("bakker", "lasser", "kapper", "loodgieter", "schilder", "metselaar")
PLACES = ("haven", "winkel", "ziekenhuis", "school", "fabriek", "hotel", "museum", "boerderij", "kantoor", "bouwplaats")
TWO_SKILLS = Batch(
    ["a", "b"], [0, 1], [(0,), (1,)], ["a", "b"], [], [], ["x", "y"], [2, 0], [(), ()], [(), ()], [], [], [], []
)
NOTHING_ELSE = (torch.empty(0, 8), torch.empty(0, 8), torch.empty(0, 8))
QUICK = TrainingPlan(steps=6, dim=32, names=24, documents=6, skills=8, terms=8, groups=4)
QUICK = replace(QUICK, encoder=replace(QUICK.encoder, dim=32))


def rows_of_esco():
    """60 occupations of 4 names, 60 skills; separators as in the joined files."""
    occupations, skills, relations = [], [], []
    for number, (trade, place) in enumerate((trade, place) for trade in TRADES for place in PLACES):
        occupations.append(
            {
                "conceptUri": f"o{number}",
                "iscoGroup": f"7{TRADES.index(trade)}11",
                "preferredLabel_nl": f"{trade} {place}",
                "altLabels_nl": f"{place}{trade} | {trade} in de {place} | {trade}meester {place}",
                "description_nl": f"Een {trade} werkt in de {place}. Elke dag anders.",
                "preferredLabel_en": f"{place} worker {number}",
                "altLabels_en": f"worker at {place}",
                "description_en": "",
            }
        )
        skills.append(
            {
                "conceptUri": f"s{number}",
                "preferredLabel_nl": f"{trade}swerk doen in {place}",
                "altLabels_nl": f"do {trade} work",
                "description_nl": "",
                "preferredLabel_en": f"do {trade} work",
                "altLabels_en": "",
                "description_en": "",
            }
        )
        relations.append({"occupationUri": f"o{number}", "relationType": "essential", "skillUri": f"s{number}"})
    return occupations, skills, relations


def write_csv(path, rows):
    with (gzip.open if path.suffix == ".gz" else open)(path, "wt", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def esco_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("esco")
    occupations, skills, relations = rows_of_esco()
    write_csv(folder / "occupations.csv.gz", occupations)
    write_csv(folder / "skills.csv.gz", skills)
    write_csv(folder / "occupation_skills.csv.gz", relations)
    return folder


@pytest.fixture(scope="module")
def esco(esco_dir):
    return read_esco(esco_dir)


@pytest.fixture(scope="module")
def trained(esco_dir, tmp_path_factory):
    out = tmp_path_factory.mktemp("models") / "model"
    return out, train_encoder(esco_dir, out, seed=5, plan=QUICK)


class Planted:
    """An encoder whose vectors were written by hand."""

    version, dim = "planted", 2

    def __init__(self, vectors):
        self.vectors = vectors

    def encode(self, texts, *, kind=None):  # noqa: ARG002
        return np.array([self.vectors[text] for text in texts], dtype=np.float32)


# --- ESCO


def test_esco_downloads_give_the_same_as_joined_files(esco, tmp_path):
    occupations, skills, relations = rows_of_esco()
    for kind, rows in (("occupations", occupations), ("skills", skills)):
        for language in ("nl", "en"):
            own = [
                {
                    "conceptUri": row["conceptUri"],
                    "preferredLabel": row[f"preferredLabel_{language}"],
                    "altLabels": row[f"altLabels_{language}"].replace(" | ", "\n"),
                    "description": row[f"description_{language}"],
                    **({"iscoGroup": row["iscoGroup"]} if "iscoGroup" in row else {}),
                }
                for row in rows
            ]
            write_csv(tmp_path / f"{kind}_{language}.csv", own)
    write_csv(tmp_path / "occupationSkillRelations_nl.csv", relations)
    assert read_esco(tmp_path) == esco


def test_english_alt_labels_do_not_pass_for_dutch(esco):
    assert esco.skills[0].labels_nl == ("bakkerswerk doen in haven",)
    assert esco.relations[3] == (3,)


def test_incomplete_esco_says_what_is_missing(tmp_path):
    with pytest.raises(FileUnreadable, match="occupations_en"):
        read_esco(tmp_path)
    write_csv(tmp_path / "occupations.csv", [{"conceptUri": "o1"}])
    with pytest.raises(FileUnreadable, match="preferredLabel_nl"):
        read_esco(tmp_path)
    (tmp_path / "occupations.csv.gz").write_bytes(b"no gzip")
    with pytest.raises(FileUnreadable, match="cannot be read"):
        read_esco(tmp_path)


# --- variations and examples


def test_compounds_are_split_and_joined():
    roles = role_words([f"medewerker {number}" for number in range(20)] + ["operator pers"])
    assert roles == {"medewerker"}
    rng = random.Random(1)
    seen = {recompose("brouwerijmedewerker", roles, rng) for _ in range(30)}
    assert seen == {"medewerker brouwerij", "brouwerij medewerker"}
    assert {recompose("medewerker kas", roles, rng) for _ in range(30)} == {
        "kasmedewerker",
        "kas-medewerker",
        "kas medewerker",
    }
    assert recompose("bakker in de winkel", roles, rng) == "bakker winkel"


def test_the_longest_role_word_counts():
    """In whatever order the set gives them: that differs from process to process, and a seed would not repeat."""
    endings = ["werker", "medewerker", "dewerker", "ewerker", "rker"]
    seen = {recompose("brouwerijmedewerker", frozenset(endings), random.Random(seed)) for seed in range(30)}
    assert seen == {"medewerker brouwerij", "brouwerij medewerker"}


def test_mistyping_changes_at_most_one_place():
    rng = random.Random(2)
    for _ in range(100):
        assert abs(len(mistype("heftruck", rng)) - 8) <= 1
    assert mistype("kok", rng) == "kok"
    assert without("Bakkers kneden brood", "bakker") == "kneden brood"


def test_equal_seeds_draw_equal_batches(esco):
    labels = all_labels(esco)
    one, same, other = (Sampler(esco, labels, seed).batch(20, 5, 5) for seed in (1, 1, 2))
    assert one == same != other


def test_batches_hold_only_what_may_be_seen(esco):
    split = held_out(esco, seed=0)
    sampler = Sampler(esco, split.labels, 0)
    allowed = {label_key(name) for names in split.labels.values() for name in names}
    for _ in range(20):
        batch = sampler.batch(30, 8, 8)
        assert set(batch.concepts) <= set(split.labels)
        assert {label_key(name) for name in batch.partners} <= allowed
        assert batch.document_concepts == batch.concepts[:8]
        assert len(set(batch.skill_concepts)) == 8


def skill(dutch, english):
    return Concept("", (dutch,), (english,), "", "")


def test_rivals_do_something_else_with_the_same_thing():
    skills = (
        skill("kassa's bedienen", "operate cash register"),
        skill("kassa repareren", "repair cash registers"),
        skill("kassa's herstellen", "repair old cash registers"),  # the same verb in English
        skill("de kassa bedienen", "work at the cash register"),  # the same verb in Dutch
        skill("machines repareren", "repair machines"),
        skill("bedienen", "operate"),
    )
    assert rivals(skills) == {0: (1, 2), 1: (0, 3), 2: (0, 3), 3: (1, 2)}


def test_skills_bring_the_occupations_that_need_them(esco):
    split = held_out(esco, seed=0)
    batch = Sampler(esco, split.labels, 0).batch(4, 0, 60)
    seen = set(split.labels)
    needed = {number: {o for o, skills in esco.relations.items() if number in skills} & seen for number in range(60)}
    assert [set(found) for found in batch.skill_occupations] == [needed[number] for number in batch.skill_concepts]
    assert () in batch.skill_occupations  # of an occupation that is held out


@pytest.mark.parametrize("rivalry", [1.0, 8.0])
def test_rivals_count_more_than_once(rivalry):
    """By hand: the softmax over all skills, in which a rival stands ``rivalry`` times."""
    torch.manual_seed(0)
    weights = LossWeights(names=0.0, skills=1.0, trades=0.0, partners=0.0, rivalry=rivalry, temperature=0.5)
    objective = Objective(["1", "1", "2"], 4, 8, weights)
    rows = torch.nn.functional.normalize(torch.randn(2, 8), dim=1)
    batch = replace(TWO_SKILLS, skill_rivals=[(1, 3), ()])
    loss = objective(rows, rows, rows[:0], rows, NOTHING_ELSE, batch).item()
    anchors = torch.nn.functional.normalize(objective.skills, dim=1).detach().numpy()
    powers = np.exp(rows.numpy() @ anchors.T / 0.5)
    first = powers[0, 2] / (powers[0, 0] + powers[0, 2] + rivalry * (powers[0, 1] + powers[0, 3]))
    second = powers[1, 0] / powers[1].sum()
    assert loss == pytest.approx(-(np.log(first) + np.log(second)) / 2, rel=1e-5)


def test_skills_are_drawn_to_the_anchors_of_their_occupations():
    torch.manual_seed(0)
    weights = LossWeights(names=0.0, skills=0.0, trades=1.0, partners=0.0, smoothing=0.0, temperature=0.5)
    objective = Objective(["1", "1", "2"], 4, 8, weights)
    rows = torch.nn.functional.normalize(torch.randn(2, 8), dim=1)
    batch = replace(TWO_SKILLS, skill_occupations=[(), (0, 2)])
    powers = np.exp(rows.numpy()[1] @ objective.unit_anchors().detach().numpy().T / 0.5)
    expected = -np.log(powers[[0, 2]] / powers.sum()).mean()
    assert objective(rows, rows, rows[:0], rows, NOTHING_ELSE, batch).item() == pytest.approx(expected, rel=1e-5)


def test_terms_are_drawn_with_their_own_meaning(esco):
    batch = Sampler(esco, all_labels(esco), 0).batch(4, 0, 0, 50, 0)
    meanings = dict(glossary())
    assert len(batch.terms) == 50
    for said, meaning in zip(batch.terms, batch.meanings, strict=True):
        terms = [term for term, means in meanings.items() if means == meaning]
        assert said in {frame.format(term) for frame in TERMS for term in terms}


def test_glossary_is_whole():
    rows = glossary()
    assert len({term for term, _ in rows}) == len(rows) > 2_000
    assert all(term and 3 <= len(meaning.split()) <= 16 for term, meaning in rows)


def test_groups_bring_the_seen_occupations_that_bear_their_code(esco):
    split = held_out(esco, seed=0)
    codes = {number: esco.occupations[number].group for number in split.labels}
    groups = {code: f"groep {code}" for code in {code[:digits] for code in codes.values() for digits in (1, 2, 4)}}
    batch = Sampler(replace(esco, groups=groups), split.labels, 0).batch(4, 0, 0, 0, 1_000)
    assert batch.groups
    for name, found in zip(batch.groups, batch.group_occupations, strict=True):
        code = name.removeprefix("groep ")
        assert len(code) > 1  # a major group says too little
        assert set(found) == {number for number in codes if codes[number].startswith(code)}


def test_a_term_is_drawn_to_its_own_meaning_among_those_of_the_batch():
    torch.manual_seed(0)
    weights = LossWeights(names=0.0, skills=0.0, trades=0.0, partners=0.0, glossary=1.0, temperature=0.5)
    objective = Objective(["1", "1", "2"], 4, 8, weights)
    rows, terms, meanings = torch.nn.functional.normalize(torch.randn(3, 2, 8), dim=2)
    powers = np.exp(terms.numpy() @ meanings.numpy().T / 0.5)
    expected = -np.log(np.diag(powers) / powers.sum(axis=1)).mean()
    loss = objective(rows, rows, rows[:0], rows[:0], (terms, meanings, rows[:0]), TWO_SKILLS).item()
    assert loss == pytest.approx(expected, rel=1e-5)


def test_a_group_is_drawn_to_the_anchors_of_its_occupations():
    torch.manual_seed(0)
    weights = LossWeights(names=0.0, skills=0.0, partners=0.0, groups=1.0, smoothing=0.0, temperature=0.5)
    objective = Objective(["1", "1", "2"], 4, 8, weights)
    rows = torch.nn.functional.normalize(torch.randn(2, 8), dim=1)
    batch = replace(TWO_SKILLS, groups=["a"], group_occupations=[(0, 1)])
    powers = np.exp(rows.numpy()[0] @ objective.unit_anchors().detach().numpy().T / 0.5)
    expected = -np.log(powers[[0, 1]] / powers.sum()).mean()
    others = (rows[:0], rows[:0], rows[:1])
    assert objective(rows, rows, rows[:0], rows[:0], others, batch).item() == pytest.approx(expected, rel=1e-5)


def test_world_gives_wordings_but_neither_names_nor_every_third_trade():
    trades = load_content().occupations
    labels = {place: (trade.title.upper(), "iets anders") for place, trade in enumerate(trades)}
    deeds = world_deeds(labels)
    assert len(deeds) >= 50
    assert not {place for place in deeds if place % 3 == 2}
    assert "gegevensinvoer en dossierbeheer" in deeds[0]
    said = {text.casefold() for texts in deeds.values() for text in texts}
    assert not said & {name.casefold() for trade in trades for name in (trade.title, *trade.titles)}
    assert world_deeds({4: ("iets anders",)}) == {}


def test_wordings_go_into_documents_and_nothing_else(esco):
    labels = all_labels(esco)
    batch = Sampler(esco, labels, 0, {7: ("loopt op sloffen",)}).batch(200, 200, 20)
    said = {number for number, text in zip(batch.document_concepts, batch.documents, strict=True) if "sloffen" in text}
    assert said == {7}
    assert not any("sloffen" in text for text in (*batch.names, *batch.partners, *batch.skills))


# --- the split


def test_families_join_spellings():
    names = ["arbeider houtskeletbouw", "prefabmonteur", "arbeidster houtskeletbouw", "prefabmonteuse"]
    assert families(names) == [[1, 3], [0, 2]] or families(names) == [[0, 2], [1, 3]]


def test_held_out_names_are_not_learned_from(esco):
    split = held_out(esco, seed=0)
    assert split == held_out(esco, seed=0)
    seen = {name for names in split.labels.values() for name in names}
    assert len(split.labels) == 54
    assert not seen & set(split.names.queries)
    assert not seen & set(split.concepts.queries)
    for query, relevant in zip(split.names.queries, split.names.relevant, strict=True):
        assert relevant
        assert query not in {split.names.corpus[row] for row in relevant}


def test_query_in_the_corpus_is_not_its_own_answer(esco):
    task = held_out(esco, seed=0).concepts
    for query, relevant, excluded in zip(task.queries, task.relevant, task.excluded, strict=True):
        assert task.corpus[excluded] == query
        assert excluded not in relevant


# --- scores, counted by hand


def test_scores_are_as_counted_by_hand():
    """Similarities to q1: b 1, a 0.8, c 0.6, d 0; relevant a and c, so ranks 2 and 3. q2: d first and relevant."""
    vectors = {"q1": (1, 0), "a": (0.8, 0.6), "b": (1, 0), "c": (0.6, 0.8), "d": (0, 1), "q2": (0, 1)}
    task = LinkingTask(("q1", "q2"), ("a", "b", "c", "d"), ((0, 2), (3,)), (-1, -1))
    metrics = score(Planted(vectors), task)
    assert metrics.map == pytest.approx(((1 / 2 + 2 / 3) / 2 + 1) / 2)
    assert metrics.mrr == pytest.approx((1 / 2 + 1) / 2)
    assert (metrics.success_1, metrics.success_5, metrics.recall_10, metrics.queries) == (0.5, 1.0, 1.0, 2)


def test_equal_scores_rank_in_corpus_order_and_excluded_rows_do_not_count():
    vectors = {"q": (1, 0), "a": (1, 0), "b": (1, 0), "c": (1, 0)}
    encoder, corpus = Planted(vectors), ("a", "b", "c")
    assert score(encoder, LinkingTask(("q",), corpus, ((2,),), (-1,))).mrr == pytest.approx(1 / 3)
    assert score(encoder, LinkingTask(("q",), corpus, ((2,),), (0,))).mrr == pytest.approx(1 / 2)
    assert score(encoder, LinkingTask(("q", "q"), corpus, ((0,), ()), (-1, -1))).queries == 1


def test_brute_force_agrees_on_random_rankings():
    rng = np.random.default_rng(0)
    texts = [f"t{number}" for number in range(60)]
    vectors = dict(zip(texts, unit_rows(rng.standard_normal((60, 2)).round(1)), strict=True))
    relevant = tuple(tuple(sorted(rng.choice(50, 4, replace=False).tolist())) for _ in range(10))
    metrics = score(Planted(vectors), LinkingTask(tuple(texts[50:]), tuple(texts[:50]), relevant, (-1,) * 10))
    precisions, recalls = [], []
    for query, wanted in zip(texts[50:], relevant, strict=True):
        order = sorted(range(50), key=lambda row: (-float(vectors[texts[row]] @ vectors[query]), row))
        hits = [place for place, row in enumerate(order, start=1) if row in wanted]
        precisions.append(np.mean([found / place for found, place in enumerate(hits, start=1)]))
        recalls.append(np.mean([place <= 10 for place in hits]))
    assert metrics.map == pytest.approx(np.mean(precisions), abs=1e-3)
    assert metrics.recall_10 == pytest.approx(np.mean(recalls))


def write_task(task, folder):
    """The three files of the contract, tab separated and without a header."""
    rows = {
        "queries.tsv": [(f"q{row}", text) for row, text in enumerate(task.queries)],
        "corpus_elements.tsv": [(f"c{row}", text) for row, text in enumerate(task.corpus)],
        "annotations.tsv": [(f"q{one}", "0", f"c{row}", "1") for one, rows in enumerate(task.relevant) for row in rows],
    }
    for name, lines in rows.items():
        (folder / name).write_text("".join("\t".join(line) + "\n" for line in lines), encoding="utf-8")


def test_folder_round_trip(tmp_path):
    task = LinkingTask(("kok",), ("chef", "lasser"), ((0,),), (-1,))
    write_task(task, tmp_path)
    assert read_task(tmp_path) == task
    vectors = {"kok": (1, 0), "chef": (1, 0), "lasser": (0, 1)}
    assert evaluate_encoder(Planted(vectors), tmp_path).map == 1.0


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("queries.tsv", None, "there is no queries.tsv"),
        ("queries.tsv", "", "is empty"),
        ("queries.tsv", "q0 kok\n", "line 1: expected 2 fields"),
        ("queries.tsv", "q0\tkok\nq0\tbakker\n", "line 2: the id was given before"),
        ("annotations.tsv", "q0\t0\tc9\t1\n", "not in corpus_elements.tsv"),
        ("annotations.tsv", "q9\t0\tc0\t1\n", "not in queries.tsv"),
        ("annotations.tsv", "q0\t0\tc0\tyes\n", "must be 0 or 1"),
        ("annotations.tsv", "q0\t0\tc0\t0\n", "nothing as relevant"),
        ("corpus_elements.tsv", b"c0\t\xff\n", "UTF-8"),
    ],
)
def test_malformed_folders_name_file_and_line(tmp_path, name, content, message):
    write_task(LinkingTask(("kok",), ("chef", "lasser"), ((0,),), (-1,)), tmp_path)
    if content is None:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(FileUnreadable, match=message):
        read_task(tmp_path)


# --- the table and the training


def test_known_features_are_those_of_enough_texts():
    keys, counts = known_features({"kok": 3, "bakker": 2}, {"bakker": 4, "chef": 5})
    expected = np.unique(np.concatenate([word_features(["kok"])[0], word_features(["bakker"])[0]]))
    np.testing.assert_array_equal(keys, expected)
    assert set(counts.tolist()) == {3, 6}


def test_table_learns_towards_the_target():
    keys, counts = known_features({"kok": 5, "lasser": 5}, {})
    table = FeatureTable(keys, counts, 8, np.random.default_rng(0))
    target = np.eye(2, 8, dtype=np.float32)
    for _ in range(200):
        batch = table.words(["kok", "lasser"], 0.0)
        table.learn(batch, batch.vectors - target, 0.05)
    np.testing.assert_allclose(table.words(["kok", "lasser"], 0.0).vectors, target, atol=0.05)


def test_table_learns_as_torchs_sparse_adam_does():
    keys, counts = known_features({"kok": 5, "lasser": 5, "bakker": 5}, {})
    rng = np.random.default_rng(0)
    table = FeatureTable(keys, counts, 8, rng)
    weights = torch.nn.Parameter(torch.from_numpy(table.vectors.copy()))
    optimiser = torch.optim.SparseAdam([weights], lr=0.05)
    for words in (["kok", "lasser"], ["lasser"], ["bakker", "kok"], ["kok"]):
        batch = table.words(words, 0.0)
        gradient = rng.standard_normal(batch.vectors.shape).astype(np.float32)
        slopes = torch.from_numpy(batch.members.T @ gradient)
        with torch.sparse.check_sparse_tensor_invariants():  # torch warns where nobody says whether to check
            weights.grad = torch.sparse_coo_tensor(torch.from_numpy(batch.rows[None]), slopes, weights.shape)
            optimiser.step()
        table.learn(batch, gradient, 0.05)
    np.testing.assert_allclose(table.vectors, weights.detach().numpy(), atol=1e-6)


def test_training_writes_a_model_that_loads(trained):
    out, report = trained
    encoder = HashedNgramEncoder.load(out)
    assert (encoder.version, encoder.dim, encoder.n_features) == (report.version, 32, report.features)
    assert json.loads((out / "report.json").read_text(encoding="utf-8"))["seed"] == 5
    card = (out / "README.md").read_text(encoding="utf-8")
    assert "This service uses the ESCO classification of the European" in " ".join(card.replace("*", "").split())
    assert f"{report.held_out_names.map:.3f}" in card
    assert {path.name for path in out.parent.iterdir()} == {"model"}


def test_equal_seeds_give_equal_models(esco_dir, trained, tmp_path):
    again = train_encoder(esco_dir, tmp_path / "model", seed=5, plan=QUICK)
    assert again.version == trained[1].version
    assert (tmp_path / "model" / "model.safetensors").read_bytes() == (trained[0] / "model.safetensors").read_bytes()
    assert train_encoder(esco_dir, tmp_path / "model", seed=6, plan=QUICK).version != again.version


def test_training_teaches(esco_dir, tmp_path):
    """More steps bring names of one occupation together that were never seen."""
    short = train_encoder(esco_dir, tmp_path / "short", plan=replace(QUICK, steps=1))
    long = train_encoder(esco_dir, tmp_path / "long", plan=replace(QUICK, steps=60))
    assert long.held_out_names.map > short.held_out_names.map


def test_the_clock_stops_training_and_the_report_says_so(esco_dir, tmp_path):
    report = train_encoder(esco_dir, tmp_path / "model", minutes=1e-6, plan=QUICK)
    assert report.stopped_by_clock
    assert report.steps < QUICK.steps


def test_too_little_to_learn_from_is_refused(tmp_path):
    occupations, skills, relations = rows_of_esco()
    write_csv(tmp_path / "occupations.csv", occupations[:5])
    write_csv(tmp_path / "skills.csv", skills)
    write_csv(tmp_path / "occupation_skills.csv", relations)
    with pytest.raises(TrainingRefused, match="all of ESCO"):
        train_encoder(tmp_path, tmp_path / "model", plan=QUICK)
