"""Malformed input: each a reject with its line and a reason that names the field, or a clear error; the rest goes in.

Every case stands between two good rows. The reject must be about line 2, and both good rows must be in.
"""

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import FileUnreadable
from core.exchange import ImportKind, ImportReport, import_files
from core.store import Store

NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)
K = ImportKind
GOOD: dict[ImportKind, dict[str, object]] = {
    K.TALENTS: {"talent_id": "t"},
    K.VACANCIES: {"vacancy_id": "v", "title": "Kok"},
    K.EVENTS: {
        "event_id": "e",
        "kind": "proposed",
        "occurred_at": "2025-01-01T00:00:00Z",
        "vacancy_id": "v",
        "talent_id": "t",
    },
    K.AUDIT: {"talent_id": "t"},
    K.PLACES: {"postcode": "3011", "lat": 51.9, "lon": 4.5},
    K.UM_TALENTS: {"idWerkzoekende": "t"},
    K.UM_VACANCIES: {"idVacature": "v", "naamVacature": "Kok"},
    K.JOBPOSTING: {"@type": "JobPosting", "identifier": "j", "title": "Kok"},
}
ID_FIELD = {
    K.TALENTS: "talent_id",
    K.VACANCIES: "vacancy_id",
    K.EVENTS: "event_id",
    K.AUDIT: "talent_id",
    K.PLACES: "postcode",
    K.UM_TALENTS: "idWerkzoekende",
    K.UM_VACANCIES: "idVacature",
    K.JOBPOSTING: "identifier",
}
MISSING = object()

# kind -> field -> values that the contract does not allow there
BAD: dict[ImportKind, dict[str, list[object]]] = {
    K.TALENTS: {
        "talent_id": [MISSING, None, "", "a b", "é", "x" * 65, 5, ["t"], {"id": "t"}, "a\n", "../etc", True],
        "presentation": ["x" * 4_001, 5, ["x"], "a\x00b", True],
        "behaviours": ["x", [5], [{}], [{"code": 1}], [{"code": 24105, "level": 6}], [{"code": True}], {"code": 24105}],
        "skills": ["lassen", [5], ["x" * 121], ["x"] * 101, [["x"]], [{}], {}],
        "interests": [["a\x00"], 7, [True]],
        "preferred_occupations": [["x" * 121]],
        "experience": ["x", [5], [{"months": -1}], [{"months": 801}], [{"months": 1.5}], [{"jaren": 3}], [[]]],
        "education_level": [8, -1, "mbo", 2.5, True, [4], {}],
        "certificates": ["VCA", [1]],
        "licences": ["B", [["B"]]],
        "languages": [["nld"], [{"code": "nl"}], [{"code": "dutch"}], [{"code": "nld", "spoken": 5}], [{}]],
        "location": ["3011", [3011], {"postcode": "301"}, {"postcode": "0123AB"}, {"lat": 91}, {"lon": "oost"}],
        "max_travel_km": [-1, 501, "ver", 1.5, True],
        "max_travel_minutes": [-1, 601],
        "transport": ["car", ["auto"], [1], ["car"] * 9],
        "hours_min": [-1, 101, "veel", True, [20]],
        "irregular_hours": ["soms", 2, []],
        "available_from": ["morgen", "2025-02-30", "2025-13-01", "01-02-2025", []],
        "route": ["thuis", 1],
        "active": ["misschien", 3],
        "updated_at": ["2025-01-01T00:00:00", "gisteren", "0001-01-01T00:00:00+14:00", "2999-01-01T00:00:00Z"],
        "extra": ["x", [1], {"x": "y" * 17_000}],
        "naam": ["Jan", 5],
        "gender": ["v"],
        "TALENT_ID": ["t"],
    },
    K.VACANCIES: {
        "vacancy_id": [MISSING, "", "a/b"],
        "title": ["x" * 121, 5, MISSING],
        "description": ["x" * 8_001, []],
        "employer": ["Jansen", {"employer_id": "a b"}, {"kvk": 1}],
        "skills_required": ["lassen", [["x"]]],
        "behaviours": [[{"code": 24105, "level": 1}], [24105]],
        "languages_required": [[{"code": "NL1"}]],
        "transport_required": [["benenwagen"]],
        "contract_ends_on": ["ooit"],
        "positions": [0, 1_001, 1.5, "veel"],
        "status": ["closed", 1],
        "salaris": [1],
    },
    K.EVENTS: {
        "event_id": [MISSING, "", "a b"],
        "kind": [MISSING, "hired", "PLACED", 5, ["placed"], "shown", "declined", "placed", "checkpoint", "hours"],
        "occurred_at": [MISSING, "2025-01-01T00:00:00", "toen", "1899-12-31T00:00:00Z"],
        "vacancy_id": [MISSING, ""],
        "talent_id": [MISSING, 1],
        "rank": [0, -1, 1.5, 10_001, "eerste", True],
        "shortlist_id": ["a b", ""],
        "total_hours": [10],
        "outcome": ["goed"],
    },
    K.AUDIT: {
        "talent_id": [MISSING, "a b"],
        "birth_year": [1899, 2101, "jong", True, 1990.5],
        "gender": ["x" * 121, 5],
        "a b": ["x"],
        "wijk": [5, {"x": "y"}, "x" * 121],
    },
    K.PLACES: {
        "postcode": [MISSING, "301", "3011AB", "0301", 3011],
        "lat": [MISSING, 91, "noord", True],
        "lon": [MISSING, -181],
        "provincie": ["ZH"],
    },
    K.UM_TALENTS: {
        "idWerkzoekende": [MISSING, "", None, ["t"], {"id": 1}, True],
        "persoonlijkePresentatie": [["x"], "x" * 4_001],
        "arbeidsmarktkwalificatie": [
            "x",
            [{}],
            {"vakvaardigheid": "lassen"},
            {"vakvaardigheid": ["lassen"]},
            {"vakvaardigheid": [{"omschrijving": "x" * 121}]},
            {"gedragscompetentie": [{"codeGedragscompetentie": "x"}]},
            {"gedragscompetentie": [{}]},
            {"werkervaring": [{"beroep": "lasser"}]},
            {"taalbeheersing": [{"codeTaal": "nl"}]},
            {"codeWerkEnDenkniveauWerkzoekende": 9},
        ],
        "mobiliteit": [[], {"bemiddelingspostcode": "30"}, {"maximaleReisafstand": "ver"}, {"maximaleReistijd": -5}],
        "werktijden": [{"aantalWerkurenPerWeekMinimaal": 40, "aantalWerkurenPerWeekMaximaal": 20}, 5],
        "flexibiliteit": [{"datumAanvangBeschikbaarVoorWerk": "nu"}],
        "vervoermiddel": [{"codeVervoermiddel": 1}, ["auto"]],
    },
    K.UM_VACANCIES: {
        "idVacature": [MISSING, ["v"]],
        "naamVacature": ["x" * 121, MISSING, {}],
        "werkgever": ["Jansen", {"adresHouding": [{"adres": "hier"}]}],
        "werktijden": [{"aantalWerkurenPerWeekMaximaal": 101}],
    },
    K.JOBPOSTING: {
        "@type": [MISSING, "Event", 5],
        "identifier": [MISSING, "", {"value": None}, True],
        "title": [MISSING, "<p></p>"],
        "jobLocation": [{"geo": {"latitude": 100}}],
    },
}
# What the reason names, where it is not the field that was changed.
NAMED: dict[tuple[ImportKind, str, str], str] = {
    (K.VACANCIES, "title", str(MISSING)): "give a title or a description",
    (K.EVENTS, "kind", "shown"): "rank: missing",
    (K.EVENTS, "kind", "declined"): "by: missing",
    (K.EVENTS, "kind", "placed"): "starts_on: missing",
    (K.EVENTS, "kind", "checkpoint"): "moment: missing",
    (K.EVENTS, "kind", "hours"): "total_hours: missing",
    (K.AUDIT, "a b", "x"): "an attribute's name",
}


def cases() -> Iterator[tuple[ImportKind, str, object]]:
    for kind, fields in BAD.items():
        for field, values in fields.items():
            for value in values:
                yield kind, field, value


CASES = list(cases())


def case_id(case: tuple[ImportKind, str, object]) -> str:
    kind, field, value = case
    return f"{kind}-{field}-{'missing' if value is MISSING else repr(value)[-24:]}"


def run(store: Store, path: Path, kind: ImportKind = K.TALENTS) -> ImportReport:
    return import_files(store, kind, [path], rejects_dir=path.parent / "rejects", now=NOW)


def the_reject(report: ImportReport) -> dict[str, object]:
    assert report.rejects_file is not None
    (line,) = report.rejects_file.read_text().splitlines()
    reject: dict[str, object] = json.loads(line)
    return reject


def good(kind: ImportKind, number: int) -> dict[str, object]:
    key = f"{3010 + number}" if kind is K.PLACES else f"g{number}"
    return {**GOOD[kind], ID_FIELD[kind]: key}


def everything(store: Store) -> list[object]:
    """All that can be read from a store."""
    return [
        *(stored.record for stored in store.talent_revisions()),
        *(stored.record for stored in store.vacancy_revisions()),
        *store.iter_events(),
        *store.iter_audit(),
        *store.places().values(),
    ]


def test_there_are_two_hundred_and_more():
    assert len(CASES) + len(TEXTS) + len(CSV_ROWS) + len(FILES) >= 200
    assert len({case_id(case) for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_a_malformed_field_is_a_reject_that_names_it(
    sqlite_store: Store, tmp_path: Path, case: tuple[ImportKind, str, object]
):
    kind, field, value = case
    row = {**GOOD[kind], field: value}
    if value is MISSING:
        del row[field]
    path = tmp_path / "x.jsonl"
    path.write_text("\n".join(json.dumps(item) for item in (good(kind, 1), row, good(kind, 2))))
    report = run(sqlite_store, path, kind)
    assert (report.read, report.written, report.rejected) == (3, 2, 1)
    reject = the_reject(report)
    assert reject["line"] == 2
    reason = str(reject["reason"])
    assert 10 < len(reason) < 800
    if kind in {K.TALENTS, K.VACANCIES, K.EVENTS, K.AUDIT, K.PLACES}:
        assert NAMED.get((kind, field, str(value)), field) in reason
    assert "x" * 50 not in reason, "a reason does not quote what was written"
    if kind is not K.UM_TALENTS:
        assert json.loads(str(reject["raw"])) == row
    assert len(everything(sqlite_store)) == 2


TEXTS: dict[str, bytes] = {
    "no json": b"hallo",
    "half an object": b'{"talent_id": "t"',
    "half a string": b'{"talent_id": "t',
    "two objects": b'{"talent_id": "t"} {"talent_id": "u"}',
    "an array": b'[{"talent_id": "t"}]',
    "a text": b'"t"',
    "a number": b"5",
    "null": b"null",
    "single quotes": b"{'talent_id': 't'}",
    "a trailing comma": b'{"talent_id": "t",}',
    "NaN": b'{"talent_id": "t", "hours_min": NaN}',
    "Infinity": b'{"talent_id": "t", "hours_min": Infinity}',
    "beyond any float": b'{"talent_id": "t", "hours_min": 1e999}',
    "latin-1": b'{"talent_id": "t", "presentation": "caf\xe9"}',
    "half of a character": b'{"talent_id": "t", "presentation": "\xe2\x82"}',
    "half of a surrogate pair": b'{"talent_id": "t", "presentation": "\\ud800"}',
    "surrogates in UTF-8": b'{"talent_id": "t", "presentation": "\xed\xa0\x80"}',
    "a NUL byte": b"\x00",
    "a raw control character": b'{"talent_id": "t", "presentation": "a\x01b"}',
    "a hundred thousand brackets": b"[" * 100_000,
    "a hundred thousand braces": b'{"extra":' * 100_000,
    "deep inside extra": b'{"talent_id": "t", "extra": {"x": ' + b"[" * 5_000 + b"]" * 5_000 + b"}}",
    "a number of a million digits": b'{"talent_id": "t", "extra": {"n": ' + b"9" * 1_000_000 + b"}}",
    "longer than a line may be": b'{"talent_id": "t", "presentation": "' + b"x" * 1_100_000 + b'"}',
    "a python literal": b'{"talent_id": "t", "active": True}',
    "a comment": b'// {"talent_id": "t"}',
    "xml": b"<talent id='t'/>",
    "a header of CSV": b"talent_id,presentation",
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_line_that_is_no_record_is_a_reject(sqlite_store: Store, tmp_path: Path, name: str):
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'{"talent_id": "g1"}\n' + TEXTS[name] + b'\n{"talent_id": "g2"}\n')
    report = run(sqlite_store, path)
    assert (report.read, report.written, report.rejected) == (3, 2, 1)
    reject = the_reject(report)
    assert reject["line"] == 2
    reason = str(reject["reason"])
    assert len(reason) < 300
    told = (
        "hours_min: " if name == "beyond any float" else ("not JSON (", "not UTF-8 at byte", "a JSON object", "longer")
    )
    assert reason.startswith(told)
    assert [stored.record.talent_id for stored in sqlite_store.iter_talents()] == ["g1", "g2"]


@pytest.mark.parametrize("name", ["no json", "an array", "a number", "null", "latin-1", "NaN", "single quotes", "xml"])
def test_an_item_of_an_array_that_is_no_record_is_a_reject(sqlite_store: Store, tmp_path: Path, name: str):
    path = tmp_path / "x.json"
    path.write_bytes(b'[\n{"talent_id": "g1"},\n ' + TEXTS[name] + b',\n{"talent_id":\n "g2"}\n]\n')
    report = run(sqlite_store, path)
    assert (report.written, report.rejected) == (2, 1)
    assert the_reject(report)["line"] == 3


CSV_ROWS: dict[str, tuple[bytes, str]] = {
    "too few cells": (b"t", "1 cells where the first row names 3"),
    "too many cells": (b"t,,,", "4 cells where the first row names 3"),
    "no JSON in a list": (b"t,,lassen", "skills: not JSON"),
    "half a list": (b't,,"[""lassen"""', "skills: not JSON"),
    "another thing in a list": (b't,,"{}"', "skills: "),
    "no id": (b",x,[]", "talent_id: missing"),
    "text after a quoted cell": (b't,"x"y,[]', "not CSV"),
    "a quote that never closes": (b't,"x,[]', "not CSV"),
    "latin-1": (b"t,caf\xe9,[]", "not UTF-8"),
    "a NUL": (b"t,a\x00b,[]", "presentation: a NUL character"),
    "a cell too long for the contract": (b"t," + b"x" * 4_001 + b",[]", "presentation: "),
    "a cell too long for CSV": (b"t," + b"x" * 140_000 + b",[]", "not CSV"),
    "a line too long": (b"t," + b"x" * 1_200_000 + b",[]", "not CSV"),
    "a line of many cells": (b"," * 1_200_000, "200001 cells"),
}


@pytest.mark.parametrize("name", CSV_ROWS)
def test_a_malformed_row_of_csv_is_a_reject(sqlite_store: Store, tmp_path: Path, name: str):
    row, reason = CSV_ROWS[name]
    path = tmp_path / "x.csv"
    path.write_bytes(b'talent_id,presentation,skills\ng1,"a\nb",[]\n' + row + b'\ng2,x,"[""y""]"\ng3,,\n')
    report = run(sqlite_store, path)
    assert (report.written, report.rejected) == (3, 1)
    reject = the_reject(report)
    assert reject["line"] == 4  # the second row has a line break in a cell
    assert str(reject["reason"]).startswith(reason)
    assert [stored.record.talent_id for stored in sqlite_store.iter_talents()] == ["g1", "g2", "g3"]


def parquet(tmp_path: Path, table: pa.Table) -> bytes:
    pq.write_table(table, tmp_path / "table")
    return (tmp_path / "table").read_bytes()


LINES = b"".join(b'{"talent_id": "t%d", "presentation": "%d"}\n' % (i, i * 7919) for i in range(5_000))
ZIPPED = gzip.compress(LINES, mtime=0)
# name -> content, what the message says, how many rows must be in: None for "some, not all"
FILES: dict[str, tuple[bytes, str, int | None]] = {
    "cut.jsonl.gz": (ZIPPED[: len(ZIPPED) // 2], "gzip data is damaged", None),
    "cut-at-the-end.jsonl.gz": (ZIPPED[:-4], "gzip data is damaged", 5_000),
    "cut-header.jsonl.gz": (ZIPPED[:5], "gzip data is damaged", 0),
    "damaged.jsonl.gz": (ZIPPED[:9_000] + b"\xff" * 50 + ZIPPED[9_050:], "gzip data is damaged", None),
    "no-deflate.jsonl.gz": (ZIPPED[:10] + b"\xff" * 50 + ZIPPED[60:], "gzip data is damaged", 0),
    "not-gzip.jsonl.gz": (LINES, "gzip data is damaged", 0),
    "garbage-after.jsonl.gz": (ZIPPED + b"garbage", "gzip data is damaged", 5_000),
    "utf16.jsonl": (LINES.decode().encode("utf-16"), "UTF-16", 0),
    "utf16.csv": ("talent_id\nt\n".encode("utf-16"), "UTF-16", 0),
    "utf16.json": ('[{"talent_id": "t"}]'.encode("utf-16"), "UTF-16", 0),
    "half.json": (b'[{"talent_id": "a"}, {"talent_id": "b"}, {"talent_id": ', "ends in the middle", 2),
    "open.json": (b'[{"talent_id": "a"}, {"talent_id": "b"}', "ends in the middle", 1),
    "quote.json": (b'[{"talent_id": "a"}, {"talent_id": "b}]', "ends in the middle", 1),
    "long.json": (b'[{"talent_id": "a"}, "' + b"x" * 3_000_000 + b'"]', "longer than 1048576 bytes", 1),
    "empty.csv": (b"", "does not name every column", 0),
    "no-name.csv": (b"talent_id,,skills\nt,,\n", "does not name every column", 0),
    "unknown.csv": (b"talent_id,naam\nt,Jan\n", "column 'naam' is unknown", 0),
    "double.csv": (b"talent_id,skills,skills\nt,,\n", "column 'skills' is there twice", 0),
    "wide.csv": (b"a," * 2_000 + b"\n", "does not name every column", 0),
    "records.csv": (b'{"talent_id": "t"}\n', "is unknown", 0),
    "text.parquet": (LINES, "not readable as Parquet", 0),
    "empty.parquet": (b"", "not readable as Parquet", 0),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_cannot_be_read_is_a_clear_error(sqlite_store: Store, tmp_path: Path, name: str):
    content, message, rows = FILES[name]
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(FileUnreadable, match=message) as caught:
        run(sqlite_store, path)
    assert name in str(caught.value)
    count = sqlite_store.count_talents()
    assert count == rows if rows is not None else 0 < count < 5_000
    assert f"{count} are in" in str(caught.value)


def test_parquet_that_breaks_off_is_a_clear_error(sqlite_store: Store, tmp_path: Path):
    table = pa.table({"talent_id": [f"t{i}" for i in range(5_000)], "presentation": ["x" * 100] * 5_000})
    whole = parquet(tmp_path, table)
    path = tmp_path / "x.parquet"
    for broken in (whole[:-10], whole[: len(whole) // 2], whole[:100] + bytes(1_000) + whole[1_100:]):
        path.write_bytes(broken)
        with pytest.raises(FileUnreadable, match="not readable as Parquet"):
            run(sqlite_store, path)
    path.write_bytes(parquet(tmp_path, pa.table({"talent_id": ["a"], "presentation": ["x" * 2_000_000]})))
    with pytest.raises(FileUnreadable, match="rows of more than 1048576 bytes"):
        run(sqlite_store, path)
    path.write_bytes(parquet(tmp_path, table.append_column("naam", [["x"] * 5_000])))
    with pytest.raises(FileUnreadable, match="column 'naam' is unknown"):
        run(sqlite_store, path)


def test_malformed_cells_of_parquet_are_rejects(sqlite_store: Store, tmp_path: Path):
    path = tmp_path / "x.parquet"
    table = pa.table(
        {
            "talent_id": ["a", "b", "c", None, "e"],
            "skills": ["[]", "lassen", '["x"]', "[]", "[5]"],
            "updated_at": pa.array([None, None, NOW.replace(tzinfo=None), None, None], pa.timestamp("ms")),
            "presentation": pa.array([b"x", b"x", b"x", b"x", b"\xff"]),
        }
    )
    path.write_bytes(parquet(tmp_path, table))
    report = run(sqlite_store, path)
    assert (report.written, report.rejected) == (1, 4)
    assert report.rejects_file is not None
    found = [json.loads(line) for line in report.rejects_file.read_text().splitlines()]
    assert [(item["line"], item["reason"].split(":")[0]) for item in found] == [
        (2, "skills"),
        (3, "updated_at"),
        (4, "talent_id"),
        (5, "presentation"),
    ]


def test_rejects_before_a_break_are_told(sqlite_store: Store, tmp_path: Path):
    path = tmp_path / "x.json"
    path.write_bytes(b'[{"talent_id": "a"}, {"talent_id": 5}, {"talent_id": "b"')
    with pytest.raises(FileUnreadable, match=r"of the 2 rows before that 1 are in, what was refused is in .*\.jsonl"):
        run(sqlite_store, path)


def test_tables_cannot_hold_what_other_systems_send(sqlite_store: Store, tmp_path: Path):
    path = tmp_path / "x.csv"
    path.write_text("idWerkzoekende\nt\n")
    with pytest.raises(FileUnreadable, match=r"let the name end in \.jsonl, \.ndjson, \.json"):
        run(sqlite_store, path, K.UM_TALENTS)


def test_a_rejects_folder_that_cannot_be_made_is_told(sqlite_store: Store, tmp_path: Path):
    path = tmp_path / "x.jsonl"
    path.write_text("x")
    (tmp_path / "rejects").touch()
    with pytest.raises(FileUnreadable, match="rejects folder"):
        run(sqlite_store, path)
