import json
from datetime import UTC, datetime

import pytest
from cli_process import run_here, run_there

from cli.rank import instant
from core.store import Store

TEXT = "Wij zoeken een lasser die graag samenwerkt."


def test_a_shortlist_for_a_stored_vacancy(kansrijk, indexed_home):
    made = kansrijk("shortlist", "V-lasser", "-k", "4", "--json")
    assert made.code == 0
    found = made.json
    assert found["ranking_mode"] == "semantic"
    # Everyone whose number leaves 3 when divided by 8 wants to be a welder.
    assert {int(entry["talent_id"][2:]) % 8 for entry in found["entries"]} == {3}
    assert [entry["rank"] for entry in found["entries"]] == [1, 2, 3, 4]
    with Store.open(f"sqlite:///{indexed_home / 'kansrijk.db'}") as store:
        assert store.shortlist(found["shortlist_id"]).model_dump(mode="json") == found


def test_people_read_the_same_on_standard_error(kansrijk):
    made = kansrijk("shortlist", "V-lasser", "-k", "2")
    assert (made.code, made.out) == (0, "")
    assert "T-03" in made.err
    assert "Bewaard als s-" in made.err
    assert max(map(len, made.err.splitlines())) <= 100


@pytest.mark.parametrize("order", ["before", "after"])
def test_json_may_stand_before_and_after(indexed_home, order):
    words = ["vacancies", "T-03", "-k", "1"]
    words = ["--json", *words] if order == "before" else [*words, "--json"]
    found = run_here("--home", indexed_home, *words).json
    assert [entry["vacancy_id"] for entry in found["entries"]] == ["V-lasser"]


def test_a_text_from_a_file_and_from_standard_input(kansrijk, tmp_path):
    file = tmp_path / "vacature.txt"
    file.write_text(TEXT, encoding="utf-8")
    from_file = kansrijk("shortlist", "--text", file, "-k", "3", "--json").json
    from_stdin = kansrijk("shortlist", "--text", "-", "-k", "3", "--json", stdin=TEXT.encode()).json
    assert {int(entry["talent_id"][2:]) % 8 for entry in from_file["entries"]} == {3}
    assert from_file["entries"] == from_stdin["entries"]
    assert from_file["vacancy_id"] == from_stdin["vacancy_id"]
    assert from_file["shortlist_id"] != from_stdin["shortlist_id"]


def test_all_open_vacancies_into_one_file(kansrijk, tmp_path):
    out = tmp_path / "lijsten.jsonl"
    done = kansrijk("shortlist", "--all-open", "--out", out, "-k", "2", "--json")
    assert done.json == {"shortlists": 7, "out": str(out)}
    lists = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert sorted(one["vacancy_id"] for one in lists) == [
        "V-chauffeur", "V-lasser", "V-magazijnmedewerker", "V-monteur", "V-schoonmaker", "V-verkoper", "V-verzorgende",
    ]  # fmt: skip
    assert all(len(one["entries"]) == 2 for one in lists)
    assert list(tmp_path.iterdir()) == [out]


def test_a_file_that_cannot_be_written_is_told_in_one_line(kansrijk, tmp_path):
    done = kansrijk("shortlist", "--all-open", "--out", tmp_path / "nergens" / "x.jsonl")
    assert done.code == 1
    assert done.err.count("kansrijk:") == 1
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "between 1 and 8,000 characters"),
        (b"  \n", "between 1 and 8,000 characters"),
        (b"caf\xe9", "not UTF-8"),
        (b"a" * 40_000, "between 1 and 8,000 characters"),
        (b"a" * 8_001, "1 to 8,000 characters"),
        (b"a\x00b", "without NUL"),
    ],
)
def test_a_text_that_is_none_is_refused(kansrijk, content, said):
    done = kansrijk("shortlist", "--text", "-", "--json", stdin=content)
    assert done.code == 1
    assert said in done.json["error"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["shortlist", "V-404"], "V-404"),
        (["vacancies", "T-404"], "T-404"),
        (["export", "T-404"], "T-404"),
        (["shortlist", "--text", "/nergens/x.txt"], "there is no file"),
    ],
)
def test_what_is_not_there_is_told_in_one_line(kansrijk, arguments, said):
    done = kansrijk(*arguments)
    assert done.code == 1
    assert done.out == ""
    (line,) = done.err.strip().splitlines()
    assert line.startswith("kansrijk: ")
    assert said in line


def test_without_an_index_the_message_says_how_to_make_one(tmp_path):
    from cli_people import fill

    fill(tmp_path)
    done = run_here("--home", tmp_path, "shortlist", "V-lasser")
    assert done.code == 1
    assert "run kansrijk index" in done.err


def test_without_a_home_nothing_is_made(tmp_path):
    for command in (["shortlist", "V-1"], ["index"], ["train"], ["export", "T-1"], ["erase", "T-1"]):
        done = run_here("--home", tmp_path / "geen", *command)
        assert done.code == 1, command
        assert "run kansrijk import" in done.err
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_setting_is_told_by_name(tmp_path, monkeypatch):
    monkeypatch.setenv("KANSRIJK_RETREIVE", "5")
    done = run_here("--home", tmp_path, "index", "--json")
    assert done.code == 1
    assert "KANSRIJK_RETREIVE" in done.json["error"]


def test_a_shortlist_loads_neither_mlflow_nor_torch(indexed_home, tmp_path):
    done = run_there("--home", indexed_home, "shortlist", "V-lasser", cwd=tmp_path, PYTHONPROFILEIMPORTTIME="1")
    assert done.code == 0
    loaded = {line.rpartition("|")[2].strip() for line in done.err.splitlines() if line.startswith("import time:")}
    assert "ranking.matcher" in loaded
    assert not {name for name in loaded if name.split(".")[0] in {"mlflow", "torch", "fastapi", "training"}}


def test_a_day_means_its_end_and_an_instant_itself():
    assert instant("2026-01-31") == datetime(2026, 1, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    assert instant("2026-01-31T12:00+01:00") == datetime(2026, 1, 31, 11, tzinfo=UTC)
    assert instant(None) is None


def test_as_of_before_a_change_sees_what_was_then(tmp_path):
    from cli_people import NOW, fill

    from core.records import Talent

    fill(tmp_path)
    with Store.open(f"sqlite:///{tmp_path / 'kansrijk.db'}") as store:
        later = NOW.replace(month=2)
        store.put_talents(
            [Talent(talent_id="T-03", presentation="Ik wil graag werken als kok.", skills=["kok"])], now=later
        )
    assert run_here("--home", tmp_path, "index").code == 0

    def welders(*options):
        made = run_here("--home", tmp_path, "shortlist", "V-lasser", "-k", "10", "--json", *options).json
        return {entry["talent_id"] for entry in made["entries"]}

    assert "T-03" not in welders()
    assert "T-03" in welders("--as-of", "2026-01-20")
