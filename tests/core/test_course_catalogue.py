"""The course catalogue: the record, the table on both databases, and files in."""

import csv
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from core.courses import Course
from core.errors import NotFound
from core.exchange import ImportKind, ImportReport, import_files
from core.store import PutOutcome, Store
from core.vocabulary import Route

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
FULL: dict[str, object] = {
    "course_id": "c-1",
    "title": "VCA basis in een dag",
    "provider": "Maasschool",
    "description": "Veilig werken in bouw en haven.",
    "skills_given": ["veilig werken"],
    "certificates_given": ["VCA basis"],
    "licences_given": ["B"],
    "languages_given": [{"code": "nld", "spoken": 2, "written": 1}],
    "education_level_given": 2,
    "level": 1,
    "hours": 12.5,
    "duration_weeks": 1,
    "location": {"postcode": "3011"},
    "place": "Rotterdam",
    "online": False,
    "cost_eur": 199.5,
    "funded_for": ["work_to_work", "back_to_work"],
    "starts_on": "2026-04-01",
    "url": "https://maasschool.example/vca",
    "active": True,
    "extra": {"bron": "x"},
}


def course(course_id: str = "c-1", **fields: object) -> Course:
    return Course.model_validate({"course_id": course_id, "title": course_id, "skills_given": ["lassen"]} | fields)


def test_unknown_is_not_no() -> None:
    told = course()
    assert (told.online, told.funded_for, told.cost_eur, told.hours, told.starts_on) == (None,) * 5
    assert course(funded_for=[], online=False).funded_for == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", " "),
        ("hours", -1),
        ("hours", True),
        ("cost_eur", float("inf")),
        ("education_level_given", 8),
        ("funded_for", ["somebody"]),
        ("url", "http://maasschool.example"),
        ("url", "javascript:alert(1)"),
        ("url", 'https://a.example/" onmouseover="'),
        ("url", "https://"),
        ("location", {"postcode": "30"}),
        ("price", 1),
    ],
)
def test_what_cannot_be_is_refused(field: str, value: object) -> None:
    with pytest.raises(ValidationError, match=field):
        course(**{field: value})


def test_a_course_gives_something() -> None:
    with pytest.raises(ValidationError, match="nothing that this course gives"):
        Course.model_validate({"course_id": "c", "title": "Zomaar"})


def test_what_was_written_comes_back(store: Store) -> None:
    full = Course.model_validate(FULL)
    assert store.put_courses([full, course("c-2")]) == [PutOutcome.CREATED] * 2
    assert store.course("c-1") == full
    assert store.active_courses() == [full, course("c-2")]
    with pytest.raises(NotFound, match="c-9"):
        store.course("c-9")


def test_the_same_again_changes_nothing_and_a_change_is_seen(store: Store) -> None:
    stamps = [store.courses_stamp()]
    for written, outcomes in (
        ([course(), course("c-2")], [PutOutcome.CREATED, PutOutcome.CREATED]),
        ([course()], [PutOutcome.UNCHANGED]),
        ([course(cost_eur=5)], [PutOutcome.UPDATED]),
        # Of two with one id the later wins.
        ([course(cost_eur=6), course(cost_eur=7)], [PutOutcome.UPDATED, PutOutcome.UPDATED]),
        ([course("c-3"), course("c-3")], [PutOutcome.CREATED, PutOutcome.UNCHANGED]),
    ):
        assert store.put_courses(written) == outcomes
        stamps.append(store.courses_stamp())
    assert stamps[1] == stamps[2]
    assert len(set(stamps)) == len(stamps) - 1
    assert store.course("c-1").cost_eur == 7
    assert store.courses_stamp().count == 3


def test_a_search_wants_every_word_somewhere_in_what_a_course_is(store: Store) -> None:
    store.put_courses(
        [
            course("a", title="Heftruck rijden", provider="Maasschool", place="Schiedam"),
            course("b", title="Élektra 100%", certificates_given=["NEN 3140"]),
            course("c", title="Heftruck en reachtruck", provider="Havenschool"),
            course("d", title="Heftruck", active=False),
        ]
    )

    def found(search: str) -> list[str]:
        return [one.course_id for one in store.page_courses(search=search, limit=10).courses]

    assert found("") == ["c", "a", "b"]  # by title; é comes after the plain letters
    assert found("HEFTRUCK") == ["c", "a"]
    assert found("heftruck maasschool") == ["a"]
    assert found("schiedam") == ["a"]
    assert found("nen") == ["b"]
    assert found("élektra") == found("ÉLEKTRA") == ["b"]
    assert found("100%") == ["b"]
    assert found("_") == found("heftruck kok") == []


def test_pages_follow_on_each_other(store: Store) -> None:
    store.put_courses([course(f"c-{number}", title=f"Cursus {number % 3}") for number in range(7)])
    pages = [store.page_courses(limit=3, offset=offset) for offset in (0, 3, 6, 9)]
    assert [page.total for page in pages] == [7] * 4
    ids = [one.course_id for page in pages for one in page.courses]
    assert ids == ["c-0", "c-3", "c-6", "c-1", "c-4", "c-2", "c-5"]
    with pytest.raises(ValueError, match="limit"):
        store.page_courses(limit=0)


def imported(store: Store, path: Path) -> ImportReport:
    return import_files(store, ImportKind.COURSES, [path], rejects_dir=path.parent / "rejects", now=NOW)


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_a_catalogue_comes_in_from_a_file_and_twice_is_once(sqlite_store: Store, tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"courses.{kind}"
    rows = [FULL, {"course_id": "c-2", "title": "Lassen", "skills_given": ["lassen"], "funded_for": []}]
    if kind == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    else:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(FULL))
            writer.writeheader()
            writer.writerows(
                {
                    name: json.dumps(value) if isinstance(value, list | dict | bool) else value
                    for name, value in row.items()
                }
                for row in rows
            )
    report = imported(sqlite_store, path)
    assert (report.read, report.written, report.rejected) == (2, 2, 0)
    first, second = sqlite_store.active_courses()
    assert first == Course.model_validate(FULL)
    assert (first.starts_on, first.funded_for) == (date(2026, 4, 1), [Route.WORK_TO_WORK, Route.BACK_TO_WORK])
    assert second.funded_for == []
    assert imported(sqlite_store, path).unchanged == 2


def test_a_bad_row_is_told_and_the_rest_goes_in(sqlite_store: Store, tmp_path: Path) -> None:
    path = tmp_path / "courses.jsonl"
    bad = [{**FULL, "url": "http://x.example"}, {"course_id": "c-3", "title": "Leeg"}]
    path.write_text("".join(json.dumps(row) + "\n" for row in (*bad, FULL)), encoding="utf-8")
    report = imported(sqlite_store, path)
    assert (report.read, report.written, report.rejected) == (3, 1, 2)
    assert report.rejects_file is not None
    told = [json.loads(line) for line in report.rejects_file.read_text(encoding="utf-8").splitlines()]
    assert [(one["line"], one["reason"].partition(";")[0]) for one in told] == [
        (1, "url: use an address that begins with https://"),
        (2, "nothing that this course gives"),
    ]
