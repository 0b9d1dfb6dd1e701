"""The synthetic world: valid by contract, the same every time, consistent, and as hard as it says."""

import re
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from core.courses import Course
from core.records import EVENT_ADAPTER, AuditAttributes, Place, Talent, Vacancy
from ranking.qualifications import certificate_gives
from training.world import HISTORY_DAYS, Truth, WorldCounts, generate
from training.world.content import BEHAVIOUR_CODES, load_content
from training.world.outcomes import SUPPORT_EFFECT
from training.world.registers import tell
from training.world.truth import SUITABLE

START = date(2024, 11, 1)
FILES = (
    "talents.jsonl",
    "vacancies.jsonl",
    "events.jsonl",
    "audit.jsonl",
    "places.jsonl",
    "courses.jsonl",
    "truth.jsonl",
)
N_TALENTS, N_VACANCIES, SEED = 1200, 420, 7

# Words that would give away a protected attribute of the person who writes.
PROTECTED = re.compile(
    r"\b(moeder|vader|vrouw|meneer|mevrouw|dame|heer|jaar oud|jarige leeftijd|zwanger|geloof|moskee|kerk|islam\w*"
    r"|christ\w*|hoofddoek|ramadan|marokk\w*|turk\w*|surina\w*|pools\w*|syri\w*|eritre\w*|oekra\w*|allochtoon"
    r"|buitenlander|mijn land|vluchteling|statushouder|ziekte|handicap|burn-?out|depress\w*|rugklachten|mijn rug"
    r"|homo\w*|lesb\w*|gay)\b",
    re.IGNORECASE,
)

Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, WorldCounts]:
    out = tmp_path_factory.mktemp("world")
    return out, generate(out, N_TALENTS, N_VACANCIES, SEED)


@pytest.fixture(scope="module")
def rows(world: tuple[Path, WorldCounts]) -> dict[str, Rows]:
    return {name: _read(world[0] / name) for name in FILES if name != "truth.jsonl"}


@pytest.fixture(scope="module")
def truth(world: tuple[Path, WorldCounts]) -> Truth:
    return Truth.load(world[0] / "truth.jsonl")


def _read(path: Path) -> Rows:
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


def _talent_text(talent: dict[str, Any]) -> str:
    words = [talent.get("presentation", ""), *talent.get("skills", []), *talent.get("interests", [])]
    words += talent.get("preferred_occupations", [])
    words += [f"{job['occupation']} {job.get('text', '')}" for job in talent.get("experience", [])]
    return " ".join(words)


def _vacancy_text(vacancy: dict[str, Any]) -> str:
    lists = [*vacancy.get("skills_required", []), *vacancy.get("skills_desired", [])]
    return " ".join([vacancy["title"], vacancy["description"], vacancy.get("occupation", ""), *lists])


def test_every_row_is_valid_by_contract(rows: dict[str, Rows]) -> None:
    for talent in rows["talents.jsonl"]:
        assert Talent.model_validate(talent).extra == {"synthetic": True}
    for vacancy in rows["vacancies.jsonl"]:
        assert Vacancy.model_validate(vacancy).extra == {"synthetic": True}
    for event in rows["events.jsonl"]:
        EVENT_ADAPTER.validate_python(event)
    for person in rows["audit.jsonl"]:
        AuditAttributes.model_validate(person)
    for place in rows["places.jsonl"]:
        Place.model_validate(place)


def test_the_catalogue_of_courses_is_valid_says_that_it_is_invented_and_gives_the_papers(
    rows: dict[str, Rows], world: tuple[Path, WorldCounts]
) -> None:
    courses = [Course.model_validate(row) for row in rows["courses.jsonl"]]
    assert len({course.course_id for course in courses}) == len(courses) == world[1].courses >= 60
    assert all(course.extra == {"synthetic": True} and "(verzonnen)" in course.provider for course in courses)
    assert all(course.url is None for course in courses)  # nobody enrols at a school that does not exist
    known = {place["postcode"] for place in rows["places.jsonl"]}
    assert {course.location.pc4 for course in courses} - {None} <= known
    starts = [course.starts_on for course in courses if course.starts_on]
    assert min(starts) > START + timedelta(days=HISTORY_DAYS)
    given = [certificate for course in courses for certificate in course.certificates_given]
    wanted = {one["name"] for key, one in load_content().certificates.items() if key != "zwem"}
    assert all(any(certificate_gives(paper, name) for paper in given) for name in wanted)


def test_the_counts_are_those_of_the_files(rows: dict[str, Rows], world: tuple[Path, WorldCounts]) -> None:
    counts = world[1]
    kinds = [event["kind"] for event in rows["events.jsonl"]]
    assert (counts.talents, counts.vacancies, counts.places) == (N_TALENTS, N_VACANCIES, len(rows["places.jsonl"]))
    assert (counts.events, counts.shown, counts.proposed) == (len(kinds), kinds.count("shown"), kinds.count("proposed"))
    assert counts.placements == kinds.count("placed")
    labels = _labels(rows["events.jsonl"])
    assert counts.retained == sum(label == "retained" for label in labels.values())
    assert counts.censored == sum(label == "censored" for label in labels.values())


def _labels(events: Rows) -> dict[tuple[str, str], str]:
    """Retained, left or censored by the contract's first definition, counted here anew."""
    placed = {(e["vacancy_id"], e["talent_id"]): e for e in events if e["kind"] == "placed"}
    worked: dict[tuple[str, str], float] = defaultdict(float)
    carded, ended = set(), {}
    for e in events:
        key = (e["vacancy_id"], e["talent_id"])
        if e["kind"] == "hours":
            worked[key] = max(worked[key], e["total_hours"])
            carded.add(key)
        elif e["kind"] == "ended":
            ended[key] = date.fromisoformat(e["ended_on"])
    labels = {}
    for key, e in placed.items():
        starts = date.fromisoformat(e["starts_on"])
        until = ended.get(key, START + timedelta(days=HISTORY_DAYS))
        if key not in carded:
            worked[key] = max(0, (until - starts).days // 7) * e["contract_hours_per_week"]
        labels[key] = "retained" if worked[key] >= 1040 else "left" if key in ended else "censored"
    return labels


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(tmp_path: Path) -> None:
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        generate(tmp_path / name, 120, 40, seed)
    for file in FILES:
        first = (tmp_path / "a" / file).read_bytes()
        assert first == (tmp_path / "b" / file).read_bytes(), file
        if file not in {"places.jsonl", "courses.jsonl"}:  # the region and its schools stay where they are
            assert first != (tmp_path / "c" / file).read_bytes(), file
    assert not list(tmp_path.glob("*/*.part"))


@pytest.mark.parametrize("arguments", [(0, 5, 1), (5, 0, 1), (5, 5, -1)])
def test_impossible_worlds_are_refused(tmp_path: Path, arguments: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="at least 1 talent"):
        generate(tmp_path, *arguments)


def test_the_smallest_world_exists(tmp_path: Path) -> None:
    assert generate(tmp_path, 1, 1, 0).talents == 1
    assert len(Truth.load(tmp_path / "truth.jsonl").eligible("v-00001")) == 1


def test_texts_give_away_nothing_protected(rows: dict[str, Rows]) -> None:
    for talent in rows["talents.jsonl"]:
        found = PROTECTED.search(_talent_text(talent))
        assert found is None, (found, talent)
        assert not {"gender", "birth_year", "background", "name"} & talent.keys()


def test_events_follow_each_other_in_time(rows: dict[str, Rows]) -> None:
    stages = ("shown", "proposed", "interviewed", "placed")
    pairs: dict[tuple[str, str], dict[str, Any]] = defaultdict(dict)
    moments = [event["occurred_at"] for event in rows["events.jsonl"]]
    assert moments == sorted(moments)
    assert moments[-1] < (START + timedelta(days=HISTORY_DAYS + 1)).isoformat()
    made = {t["talent_id"]: t["updated_at"] for t in rows["talents.jsonl"]}
    opened = {v["vacancy_id"]: v["updated_at"] for v in rows["vacancies.jsonl"]}
    for event in rows["events.jsonl"]:
        pair = pairs[event["vacancy_id"], event["talent_id"]]
        assert event["occurred_at"] > max(made[event["talent_id"]], opened[event["vacancy_id"]])
        assert "ended" not in pair, event
        if event["kind"] in stages:
            before = stages[: stages.index(event["kind"])]
            assert all(stage in pair for stage in before), event
        if event["kind"] in {"hours", "checkpoint", "ended", "support"}:
            assert pair["placed"]["starts_on"] <= event["occurred_at"][:10]
        if event["kind"] == "hours":
            assert event["total_hours"] >= pair.get("hours", {"total_hours": 0})["total_hours"]
        if event["kind"] == "placed":
            assert event["starts_on"] > event["occurred_at"][:10]
        pair[event["kind"]] = event


def test_nobody_works_in_two_jobs_at_once(rows: dict[str, Rows]) -> None:
    ended = {(e["vacancy_id"], e["talent_id"]): e["ended_on"] for e in rows["events.jsonl"] if e["kind"] == "ended"}
    free_from: dict[str, str] = {}
    for event in rows["events.jsonl"]:
        if event["kind"] == "placed":
            assert free_from.get(event["talent_id"], "") <= event["starts_on"]
            free_from[event["talent_id"]] = ended.get((event["vacancy_id"], event["talent_id"]), "9999-12-31")


def test_no_more_are_placed_than_there_are_positions(rows: dict[str, Rows]) -> None:
    placed: dict[str, int] = defaultdict(int)
    for event in rows["events.jsonl"]:
        placed[event["vacancy_id"]] += event["kind"] == "placed"
    for vacancy in rows["vacancies.jsonl"]:
        n_placed = placed[vacancy["vacancy_id"]]
        assert n_placed <= vacancy["positions"]
        assert (vacancy["status"] == "filled") == (n_placed == vacancy["positions"])
    young = [v for v in rows["vacancies.jsonl"] if v["updated_at"][:10] > "2026-09-25"]
    assert sum(v["status"] == "open" for v in young) / len(young) > 0.6


def _at_risk(events: Rows, truth: Truth) -> list[tuple[str, int, int, bool]]:
    """(vacancy, talent row, rank, placed) of everyone whose turn came while a position was open."""
    place = {talent_id: row for row, talent_id in enumerate(truth.talent_ids)}
    hired = {(e["vacancy_id"], e["talent_id"]) for e in events if e["kind"] == "placed"}
    until = (START + timedelta(days=HISTORY_DAYS - 40)).isoformat()
    lists: dict[tuple[str, str], Rows] = defaultdict(list)
    for event in events:
        if event["kind"] == "shown" and event["occurred_at"] < until:
            lists[event["vacancy_id"], event["shortlist_id"]].append(event)
    found, taken = [], defaultdict(int)
    for (vacancy_id, _), shown in sorted(lists.items(), key=lambda item: item[0][1]):
        for event in sorted(shown, key=lambda e: e["rank"]):
            if taken[vacancy_id] >= truth.jobs[vacancy_id].positions:
                break
            was_hired = (vacancy_id, event["talent_id"]) in hired
            taken[vacancy_id] += was_hired
            found.append((vacancy_id, place[event["talent_id"]], event["rank"], was_hired))
    return found


def _z(happened: np.ndarray, chance: np.ndarray) -> float:
    """Standard deviations between what happened and what the truth says."""
    return float((happened.sum() - chance.sum()) / np.sqrt((chance * (1 - chance)).sum()))


def test_the_truth_tells_how_often_people_are_placed(rows: dict[str, Rows], truth: Truth) -> None:
    risk = _at_risk(rows["events.jsonl"], truth)
    by_vacancy: dict[str, np.ndarray] = defaultdict(lambda: np.ones(N_TALENTS))
    for v, t, rank, _ in risk:
        by_vacancy[v][t] = rank
    chances = {v: truth.p_placed(v, ranks) for v, ranks in by_vacancy.items()}
    chance = np.array([chances[v][t] for v, t, *_ in risk])
    placed = np.array([hit for *_, hit in risk], dtype=float)
    assert len(risk) > 2500
    assert abs(_z(placed, chance)) < 3
    high = chance > np.median(chance)
    assert abs(_z(placed[high], chance[high])) < 3
    assert placed[high].mean() > 1.3 * placed[~high].mean()


def test_the_truth_tells_how_often_people_stay(rows: dict[str, Rows], truth: Truth) -> None:
    """Only placements that started early enough: later ones are resolved when they fail."""
    place = {talent_id: row for row, talent_id in enumerate(truth.talent_ids)}
    labels = _labels(rows["events.jsonl"])
    supported = {(e["vacancy_id"], e["talent_id"]) for e in rows["events.jsonl"] if e["kind"] == "support"}
    placed = [e for e in rows["events.jsonl"] if e["kind"] == "placed"]
    full = [e for e in placed if e["contract_hours_per_week"] >= 24 and e["starts_on"] < "2025-11-01"]
    keys = [(e["vacancy_id"], e["talent_id"]) for e in full]
    early = [key for key in keys if key not in supported]
    chance = np.array([truth.p_retained(v)[place[t]] for v, t in early])
    stayed = np.array([labels[key] == "retained" for key in early], dtype=float)
    assert len(early) > 60
    assert abs(_z(stayed, chance)) < 3
    assert stayed[chance > 0.5].mean() > stayed[chance < 0.5].mean() + 0.2


def test_support_is_a_treatment_that_works(truth: Truth) -> None:
    with_help, without = truth.p_retained("v-00001", support=True), truth.p_retained("v-00001")
    odds = np.log(with_help / (1 - with_help)) - np.log(without / (1 - without))
    assert np.allclose(odds, SUPPORT_EFFECT, atol=1e-6)


def test_hiring_and_staying_hang_on_different_things(truth: Truth) -> None:
    """Polish moves who is placed and not who stays; taste for the work the other way round."""
    polish, taste = [], []
    for vacancy_id in truth.vacancy_ids[::10]:
        placed = np.log(truth.market.p_hired(truth.jobs[vacancy_id], truth.fit(vacancy_id)))
        stays = np.log(truth.p_retained(vacancy_id))
        polish.append([np.corrcoef(truth.people.polish, outcome)[0, 1] for outcome in (placed, stays)])
        taste.append([np.corrcoef(truth.fit(vacancy_id).interest, outcome)[0, 1] for outcome in (placed, stays)])
    on_hire, on_stay = np.mean(polish, axis=0)
    assert on_hire > on_stay + 0.15
    taste_hire, taste_stay = np.mean(taste, axis=0)
    assert taste_stay > taste_hire + 0.25


def test_the_past_was_unfair(truth: Truth) -> None:
    """At equal merit the desk of the past placed people of 55 and over less often; they stay as well as others."""
    job = truth.jobs[truth.vacancy_ids[0]]
    old = 2026 - truth.people.birth_year >= 55
    prejudice = truth.market.prejudice(job)
    assert prejudice[old].mean() < prejudice[~old].mean()
    stay = np.mean([truth.p_retained(v)[old].mean() - truth.p_retained(v)[~old].mean() for v in truth.vacancy_ids[::9]])
    assert abs(stay) < 0.05


def test_knock_outs_are_those_of_the_records(rows: dict[str, Rows], truth: Truth) -> None:
    """Counted anew from the records for licences, hours, language and dates: known not to fit, and only then."""
    talents = rows["talents.jsonl"]
    for vacancy in rows["vacancies.jsonl"][::25]:
        allowed = truth.eligible(vacancy["vacancy_id"])
        for row, talent in enumerate(talents):
            if _known_misfit(talent, vacancy):
                assert not allowed[row], (talent, vacancy)
    n_silent = 0
    for vacancy in rows["vacancies.jsonl"][::10]:
        asked = {answer for field, answer in ANSWERED_BY.items() if field in vacancy}
        silent = [row for row, talent in enumerate(talents) if not asked & talent.keys()]
        assert truth.eligible(vacancy["vacancy_id"])[silent].all(), vacancy
        n_silent += len(silent)
    assert n_silent > 20


# The field of a talent that answers what a field of a vacancy asks.
ANSWERED_BY = {
    "licences_required": "licences",
    "certificates_required": "certificates",
    "languages_required": "languages",
    "hours_min": "hours_min",
    "starts_on": "available_from",
    "transport_required": "transport",
    "location": "location",
}


def _known_misfit(talent: dict[str, Any], vacancy: dict[str, Any]) -> bool:
    licences = talent.get("licences")
    if licences and set(vacancy.get("licences_required", [])) - set(licences):
        return True
    if talent.get("hours_max", 99) < vacancy.get("hours_min", 0) or talent.get("hours_min", 0) > vacancy.get(
        "hours_max", 99
    ):
        return True
    starts = vacancy.get("starts_on")
    if starts and (talent.get("available_from", "") > starts or talent.get("available_until", "9999") < starts):
        return True
    spoken = next((x["spoken"] for x in talent.get("languages", []) if x["code"] == "nld"), 4)
    return any(spoken < language["spoken"] for language in vacancy.get("languages_required", []))


def test_the_pool_is_neither_everyone_nor_nobody(truth: Truth) -> None:
    shares = [truth.eligible(v).mean() for v in truth.vacancy_ids]
    assert np.quantile(shares, 0.1) > 0.15
    assert np.quantile(shares, 0.9) < 0.75
    suitable = [truth.suitable(v).sum() / truth.eligible(v).sum() for v in truth.vacancy_ids[::5]]
    assert 0.03 < np.mean(suitable) < 0.2
    for vacancy_id in truth.vacancy_ids[::50]:
        assert (truth.gain(vacancy_id)[truth.suitable(vacancy_id)] >= SUITABLE).all()


def test_the_world_is_hard_for_words(rows: dict[str, Rows], truth: Truth) -> None:
    """Character TF-IDF behind the knock-outs closes at most 0.35 of the gap between chance and the oracle."""
    encoder = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 4), min_df=2, sublinear_tf=True)
    people = encoder.fit_transform([_talent_text(talent) for talent in rows["talents.jsonl"]])
    late = [row for row, v in enumerate(rows["vacancies.jsonl"]) if v["updated_at"][:10] > "2026-02-01"][::2]
    jobs = encoder.transform([_vacancy_text(rows["vacancies.jsonl"][row]) for row in late])
    similarity = np.asarray((jobs @ people.T).todense())
    reached = []
    for line, row in zip(similarity, late, strict=True):
        vacancy_id = truth.vacancy_ids[row]
        gain, allowed = truth.gain(vacancy_id), truth.eligible(vacancy_id)
        top = np.argsort(-np.where(allowed, line, -1.0))[:10]
        reached.append((gain[allowed].mean() * 10, gain[top].sum(), np.sort(gain)[-10:].sum()))
    chance, words, oracle = np.mean(reached, axis=0)
    assert 0.05 < (words - chance) / (oracle - chance) <= 0.35


def test_people_and_texts_are_as_varied_as_they_should_be(rows: dict[str, Rows]) -> None:
    talents = rows["talents.jsonl"]
    texts = [t["presentation"] for t in talents if len(t.get("presentation", "")) > 40]
    assert len(set(texts)) > 0.97 * len(texts)
    assert 0.4 < np.mean(["experience" not in t for t in talents]) < 0.65
    for field in ("skills", "interests", "behaviours", "education_level", "max_travel_km", "hours_min", "languages"):
        assert 0.15 < np.mean([field not in t for t in talents]) < 0.55, field
    assert len({v["description"] for v in rows["vacancies.jsonl"]}) > 0.97 * N_VACANCIES


def test_the_content_covers_the_region() -> None:
    content = load_content()
    assert len(content.occupations) >= 70
    assert len(content.sectors) == 10
    assert min(sum(o.sector == s for o in content.occupations) for s in content.sectors) >= 6
    assert len(content.areas) >= 120
    assert len({area.postcode for area in content.areas}) == len(content.areas)
    assert all(len(skill.own) >= 2 and skill.formal and skill.said and skill.tasks for skill in content.skills)
    assert set(content.behaviours) == set(BEHAVIOUR_CODES)
    neighbours = content.related[[o.title for o in content.occupations].index("huishoudelijke hulp thuiszorg")]
    sectors = {content.occupations[i].sector for i in np.argsort(-neighbours)[1:6]}
    assert len(sectors) > 1


@pytest.mark.parametrize(
    ("clauses", "text"),
    [
        (["vult schappen", "helpt klanten"], "Je vult schappen en helpt klanten."),
        (
            ["rekent af", "maakt het rooster en belt invallers"],
            "Je rekent af. Ook maak je het rooster en bel je invallers.",
        ),
        (["rekent af", "tilt en verplaatst goederen"], "Je rekent af. Je tilt en verplaatst goederen."),
    ],
)
def test_tasks_are_told_in_correct_dutch(clauses: list[str], text: str) -> None:
    assert tell(clauses) == text


def test_truth_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "truth.jsonl"
    path.write_text('{"kind":"truth","version":"old"}\n')
    with pytest.raises(ValueError, match="write the world again"):
        Truth.load(path)
