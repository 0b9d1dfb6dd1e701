"""Files into the store: every format, idempotence, rejects, progress."""

import csv
import gzip
import io
import itertools
import json
import stat
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import FileUnreadable
from core.exchange import ImportKind, ImportProgress, ImportReport, import_files, importer
from core.records import Noted, Overruled, Talent
from core.store import Store

NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)
RICH: list[dict[str, object]] = [
    {
        "talent_id": "a",
        "presentation": 'Ik zei: "ja, graag";\nen nog een regel — ’s ochtends',
        "behaviours": [{"code": 24105, "level": 1}],
        "skills": ["heftruck rijden", "a;b,c"],
        "experience": [{"occupation": "lasser", "months": 12, "text": "schepen"}],
        "licences": ["B"],
        "languages": [{"code": "nld", "spoken": 3}],
        "location": {"postcode": "3011AB", "lat": 51.92, "lon": 4.48},
        "transport": ["bicycle"],
        "hours_min": 20.5,
        "education_level": 3,
        "irregular_hours": False,
        "available_from": "2025-07-01",
        "active": True,
        "updated_at": "2025-05-01T10:00:00+02:00",
        "extra": {"bron": "x"},
    },
    {"talent_id": "b", "irregular_hours": True, "active": False},
    {"talent_id": "c", "skills": []},
]


def write_jsonl(path: Path, rows: list[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def write_bom(path: Path, rows: list[dict[str, object]]) -> None:
    path.write_text("\r\n\r\n".join(json.dumps(row) for row in rows), encoding="utf-8-sig", newline="")


def write_gzip(path: Path, rows: list[dict[str, object]]) -> None:
    # Two members one after another are one file, as from ``cat a.gz b.gz``.
    path.write_bytes(b"".join(gzip.compress(json.dumps(row).encode() + b"\n") for row in rows))


def write_array(path: Path, rows: list[dict[str, object]]) -> None:
    path.write_text(json.dumps(rows, indent=2, ensure_ascii=False), encoding="utf-8")


def write_objects(path: Path, rows: list[dict[str, object]]) -> None:
    path.write_text("\n\n".join(json.dumps(row, indent=1) for row in rows), encoding="utf-8")


def as_csv(rows: list[dict[str, object]], delimiter: str) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(names)
    for row in rows:
        cells = (row.get(name) for name in names)
        writer.writerow("" if cell is None else cell if isinstance(cell, str) else json.dumps(cell) for cell in cells)
    return text.getvalue()


def write_csv(path: Path, rows: list[dict[str, object]]) -> None:
    path.write_text(as_csv(rows, ","), encoding="utf-8", newline="")


def write_dutch_csv(path: Path, rows: list[dict[str, object]]) -> None:
    path.write_bytes(gzip.compress(as_csv(rows, ";").encode("utf-8-sig")))


def write_parquet(path: Path, rows: list[dict[str, object]]) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))
    pq.write_table(pa.table({name: [row.get(name) for row in rows] for name in names}), path, row_group_size=2)


def write_flat_parquet(path: Path, rows: list[dict[str, object]]) -> None:
    """Nested fields as JSON text, instants and dates as such."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns: dict[str, list[object]] = {}
    for name in names:
        cells = [row.get(name) for row in rows]
        columns[name] = [json.dumps(cell) if isinstance(cell, list | dict) else cell for cell in cells]
    columns["updated_at"] = [
        datetime.fromisoformat(cell) if isinstance(cell, str) else None for cell in columns["updated_at"]
    ]
    columns["available_from"] = [
        datetime.fromisoformat(cell).date() if isinstance(cell, str) else None for cell in columns["available_from"]
    ]
    pq.write_table(pa.table(columns), path)


Writer = Callable[[Path, list[dict[str, object]]], None]
FORMATS: dict[str, Writer] = {
    "talents.jsonl": write_jsonl,
    "met bom.ndjson": write_bom,
    "talents.jsonl.gz": write_gzip,
    "array.json": write_array,
    "objects.JSON": write_objects,
    "talents.csv": write_csv,
    "excel.v2.csv.gz": write_dutch_csv,
    "talents.parquet": write_parquet,
    "flat.parquet": write_flat_parquet,
}


def run(store: Store, tmp_path: Path, *paths: Path, kind: ImportKind = ImportKind.TALENTS) -> ImportReport:
    return import_files(store, kind, paths, rejects_dir=tmp_path / "rejects", now=NOW)


def rejects(report: ImportReport) -> list[dict[str, object]]:
    assert report.rejects_file is not None
    found = [json.loads(line) for line in report.rejects_file.read_text().splitlines()]
    assert len(found) == report.rejected
    return found


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_says_the_same(sqlite_store: Store, tmp_path: Path, name: str):
    path = tmp_path / name
    FORMATS[name](path, RICH)
    report = run(sqlite_store, tmp_path, path)
    assert (report.read, report.written, report.rejected) == (3, 3, 0), report
    expected = [Talent.model_validate(row) for row in RICH]
    if "csv" in name:  # an empty cell is unknown; "[]" in a list that cannot be unknown is empty too
        assert expected[2].skills == []
    found = [stored.record.model_copy(update={"updated_at": None}) for stored in sqlite_store.iter_talents()]
    assert found == [record.model_copy(update={"updated_at": None}) for record in expected]
    assert sqlite_store.talent("a").record.updated_at == datetime(2025, 5, 1, 8, tzinfo=UTC)
    again = run(sqlite_store, tmp_path, path)
    assert (again.read, again.written, again.unchanged) == (3, 0, 3)
    assert not list((tmp_path / "rejects").iterdir())


def test_an_import_fills_both_databases(store: Store, tmp_path: Path):
    path = tmp_path / "t.jsonl"
    write_jsonl(path, [{"talent_id": f"t{i}"} for i in range(2_500)] + [{"talent_id": "t0", "skills": ["x"]}])
    report = run(store, tmp_path, path)
    assert (report.read, report.written, report.unchanged, report.rejected) == (2_501, 2_501, 0, 0)
    assert store.talent("t0").record.skills == ["x"]
    # Given again, the first line is a change and the last one changes it back: the end is the same.
    assert run(store, tmp_path, path).written == 2
    assert store.talent("t0").record.skills == ["x"]


KIND_ROWS: dict[ImportKind, dict[str, object]] = {
    ImportKind.VACANCIES: {"vacancy_id": "v", "title": "Kok", "location": {"postcode": "3011"}},
    ImportKind.EVENTS: {
        "event_id": "e",
        "kind": "hours",
        "occurred_at": "2025-01-01T00:00:00Z",
        "vacancy_id": "not there yet",
        "talent_id": "t",
        "total_hours": 10,
    },
    ImportKind.AUDIT: {"talent_id": "a", "gender": "x", "birth_year": 1990, "wijk": "Zuid"},
    ImportKind.PLACES: {"postcode": "3011", "place": "Rotterdam", "lat": 51.9, "lon": 4.5},
}
KIND_ROWS[ImportKind.EVENTS]["vacancy_id"] = "not-there-yet"


@pytest.mark.parametrize("kind", KIND_ROWS)
@pytest.mark.parametrize("name", ["x.jsonl", "x.csv", "x.parquet"])
def test_every_kind_goes_where_it_belongs(sqlite_store: Store, tmp_path: Path, kind: ImportKind, name: str):
    path = tmp_path / name
    {"x.jsonl": write_jsonl, "x.csv": write_csv, "x.parquet": write_parquet}[name](path, [KIND_ROWS[kind]])
    report = run(sqlite_store, tmp_path, path, kind=kind)
    assert (report.written, report.rejected) == (1, 0), report
    assert run(sqlite_store, tmp_path, path, kind=kind).unchanged == 1
    found = {
        ImportKind.VACANCIES: lambda: sqlite_store.vacancy("v").record.location.postcode == "3011",
        ImportKind.EVENTS: lambda: next(sqlite_store.iter_events()).vacancy_id == "not-there-yet",
        ImportKind.AUDIT: lambda: next(sqlite_store.iter_audit()).model_extra == {"wijk": "Zuid"},
        ImportKind.PLACES: lambda: sqlite_store.places()["3011"].lat == 51.9,
    }
    assert found[kind]()


@pytest.mark.parametrize("name", ["x.jsonl", "x.csv", "x.parquet"])
def test_the_event_kinds_beyond_the_contract_are_imported(sqlite_store: Store, tmp_path: Path, name: str):
    shared = {"occurred_at": "2025-01-01T00:00:00Z", "vacancy_id": "v", "talent_id": "t"}
    rows: list[dict[str, object]] = [
        {**shared, "event_id": "e1", "kind": "noted", "text": "Belt maandag."},
        {**shared, "event_id": "e2", "kind": "overruled", "rank": 3, "reason": "Kan eerder beginnen."},
        {**shared, "event_id": "e3", "kind": "overruled", "rank": 3},
        {**shared, "event_id": "e4", "kind": "noted"},
    ]
    {"x.jsonl": write_jsonl, "x.csv": write_csv, "x.parquet": write_parquet}[name](tmp_path / name, rows)
    report = run(sqlite_store, tmp_path, tmp_path / name, kind=ImportKind.EVENTS)
    assert (report.written, report.rejected) == (2, 2), report
    first, second = sqlite_store.iter_events()
    assert isinstance(first, Noted)
    assert first.text == "Belt maandag."
    assert isinstance(second, Overruled)
    assert (second.rank, second.reason) == (3, "Kan eerder beginnen.")


def test_a_bad_row_is_kept_aside_with_its_line_and_reason(sqlite_store: Store, tmp_path: Path):
    path = tmp_path / "t.jsonl"
    lines = [
        '{"talent_id": "a"}',
        "",
        '{"talent_id": "b", "hours_min": 400, "skils": []}',
        "{oeps",
        '{"talent_id": "c"}',
    ]
    path.write_text("\n".join(lines))
    report = run(sqlite_store, tmp_path, path)
    assert (report.read, report.written, report.unchanged, report.rejected) == (4, 2, 0, 2)
    first, second = rejects(report)
    assert (first["file"], first["line"]) == (str(path), 3)
    assert first["reason"] == (
        "hours_min: Input should be less than or equal to 100; correct or leave it out | "
        "skils: unknown field; correct the name, or put it under extra"
    )
    assert json.loads(str(first["raw"])) == json.loads(lines[2])
    assert second["line"] == 4
    assert str(second["reason"]).startswith("not JSON (")
    assert second["raw"] == "{oeps"
    assert [stored.record.talent_id for stored in sqlite_store.iter_talents()] == ["a", "c"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file modes")
def test_the_rejects_file_is_for_its_owner_only_and_has_a_name_of_its_own(sqlite_store: Store, tmp_path: Path):
    path = tmp_path / "t.jsonl"
    path.write_text("x\n")
    files = [run(sqlite_store, tmp_path, path).rejects_file for _ in range(3)]
    assert len(set(files)) == 3
    assert {stat.S_IMODE(file.stat().st_mode) for file in files if file} == {0o600}
    assert {file.suffix for file in (tmp_path / "rejects").iterdir()} == {".jsonl"}


def test_bytes_that_are_no_text_are_kept_too(sqlite_store: Store, tmp_path: Path):
    path = tmp_path / "t.jsonl"
    path.write_bytes(b'{"talent_id": "a"}\n{"talent_id": "caf\xe9"}\n')
    report = run(sqlite_store, tmp_path, path)
    (reject,) = rejects(report)
    assert reject["reason"] == "not UTF-8 at byte 19; save the file as UTF-8"
    assert reject["raw_base64"] == "eyJ0YWxlbnRfaWQiOiAiY2Fm6SJ9"


def test_a_changed_event_is_refused(sqlite_store: Store, tmp_path: Path):
    path = tmp_path / "e.jsonl"
    row = KIND_ROWS[ImportKind.EVENTS]
    write_jsonl(path, [row, {**row, "total_hours": 11}])
    report = run(sqlite_store, tmp_path, path, kind=ImportKind.EVENTS)
    assert (report.written, report.rejected) == (1, 1)
    (reject,) = rejects(report)
    assert reject["line"] == 2
    assert "events are never changed" in str(reject["reason"])


def test_memory_stays_bounded_by_a_line(sqlite_store: Store, tmp_path: Path):
    path = tmp_path / "t.jsonl.gz"
    with gzip.open(path, "wb") as file:
        file.write(b'{"talent_id": "a"}\n')
        for _ in range(30):
            file.write(b"x" * (1 << 20))
        file.write(b'\n{"talent_id": "b"}\n')
    report = run(sqlite_store, tmp_path, path)
    assert (report.written, report.rejected) == (2, 1)
    (reject,) = rejects(report)
    assert (reject["line"], len(str(reject["raw"]))) == (2, 1 << 20)
    assert "longer than 1048576 bytes" in str(reject["reason"])


def test_progress_is_told_after_each_batch(sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(importer, "BATCH_ROWS", 10)
    paths = [tmp_path / "1.jsonl", tmp_path / "2.jsonl.gz", tmp_path / "3.parquet"]
    for number, (path, write) in enumerate(zip(paths, (write_jsonl, write_gzip, write_parquet), strict=True)):
        write(path, [{"talent_id": f"t{number}-{i}"} for i in range(25)])
    told: list[ImportProgress] = []
    import_files(sqlite_store, ImportKind.TALENTS, paths, rejects_dir=tmp_path, now=NOW, progress=told.append)
    assert [item.read for item in told] == [10, 20, 25, 35, 45, 50, 60, 70, 75]
    assert [item.fraction for item in told if item.read % 25 == 0] == [1.0] * 3
    assert all(a.fraction <= b.fraction or a.file != b.file for a, b in itertools.pairwise(told))
    assert told[-1].written == 75


def test_a_batch_is_bounded_in_bytes(sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(importer, "BATCH_BYTES", 30_000)
    path = tmp_path / "t.jsonl"
    write_jsonl(path, [{"talent_id": f"t{i}", "presentation": "x" * 4_000} for i in range(20)])
    told: list[int] = []
    import_files(
        sqlite_store, ImportKind.TALENTS, [path], rejects_dir=tmp_path, now=NOW, progress=lambda p: told.append(p.read)
    )
    assert told == [8, 16, 20]


def test_nothing_is_read_when_one_of_the_files_is_not_there(sqlite_store: Store, tmp_path: Path):
    write_jsonl(tmp_path / "a.jsonl", [{"talent_id": "a"}])
    for name in ("nothing.jsonl", "notes.txt", ".", "a.parquet.gz"):
        (tmp_path / "notes.txt").touch()
        (tmp_path / "a.parquet.gz").touch()
        with pytest.raises(FileUnreadable):
            run(sqlite_store, tmp_path, tmp_path / "a.jsonl", tmp_path / name)
    assert sqlite_store.last_seq() == 0


LINES = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)
TALENTS = st.fixed_dictionaries(
    {"talent_id": st.from_regex(r"\A[A-Za-z0-9._:-]{1,64}\Z")},
    optional={
        "presentation": LINES,
        "skills": st.lists(LINES, max_size=3),
        "licences": st.lists(st.sampled_from(["B", "C"]), max_size=2),
        "hours_min": st.floats(0, 100),
        "irregular_hours": st.booleans(),
        "available_from": st.dates().map(str),
        "education_level": st.integers(1, 6),
        "experience": st.lists(st.fixed_dictionaries({"occupation": LINES, "months": st.integers(0, 800)}), max_size=2),
        "extra": st.dictionaries(LINES, st.none() | st.booleans() | LINES | st.integers(), max_size=2),
    },
)


@pytest.mark.parametrize("name", ["x.jsonl", "x.json", "x.csv", "x.csv.gz"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(TALENTS, max_size=6, unique_by=lambda row: row["talent_id"]))
def test_whatever_is_written_to_a_file_arrives(
    sqlite_store: Store, tmp_path: Path, name: str, rows: list[dict[str, object]]
):
    write = {"x.jsonl": write_jsonl, "x.json": write_array, "x.csv": write_csv, "x.csv.gz": write_dutch_csv}[name]
    path = tmp_path / name
    write(path, rows or [{"talent_id": "someone"}])
    report = run(sqlite_store, tmp_path, path)
    assert report.rejected == 0, rejects(report)
    for row in rows:
        given_record = Talent.model_validate(row)
        found = sqlite_store.talent(str(row["talent_id"])).record
        assert found.model_copy(update={"updated_at": None}) == given_record
