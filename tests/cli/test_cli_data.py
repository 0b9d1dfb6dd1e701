import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cli_process import run_here

from cli import demo
from core.accounts import Role
from core.passwords import Passwords
from core.sign_in import sign_in
from core.store import Store

GOOD = {"talent_id": "T-1", "presentation": "Ik werk graag buiten."}
BAD = {"talent_id": "T-2", "hours_min": "veel"}


def write(path, records):
    path.write_text("\n".join(one if isinstance(one, str) else json.dumps(one) for one in records), encoding="utf-8")
    return path


def open_store(home):
    return Store.open(f"sqlite:///{home / 'kansrijk.db'}")


def test_good_rows_go_in_and_bad_ones_into_the_rejects_file(tmp_path):
    home, file = tmp_path / "home", write(tmp_path / "t.jsonl", [GOOD, BAD, "geen json"])
    done = run_here("--home", home, "import", "talents", file, "--json")
    assert done.code == 3
    counts = done.json
    assert (counts["read"], counts["written"], counts["unchanged"], counts["rejected"]) == (3, 1, 0, 2)
    rejects = [json.loads(line) for line in Path(counts["rejects_file"]).read_text(encoding="utf-8").splitlines()]
    assert [one["line"] for one in rejects] == [2, 3]
    with open_store(home) as store:
        assert [stored.record.talent_id for stored in store.iter_talents()] == ["T-1"]

    again = run_here("--home", home, "import", "talents", write(tmp_path / "u.jsonl", [GOOD]), "--json")
    assert (again.code, again.json["unchanged"], again.json["rejects_file"]) == (0, 1, None)


def test_people_read_the_counts_on_standard_error(tmp_path):
    done = run_here("--home", tmp_path / "home", "import", "talents", write(tmp_path / "t.jsonl", [GOOD]))
    assert (done.code, done.out) == (0, "")
    assert "written: 1" in done.err


@pytest.mark.parametrize("name", ["weg.jsonl", "t.docx"])
def test_a_file_that_cannot_be_read_is_told_in_one_line(tmp_path, name):
    if name == "t.docx":
        write(tmp_path / name, [GOOD])
    done = run_here("--home", tmp_path / "home", "import", "talents", tmp_path / name, "--json")
    assert done.code == 1
    assert name in done.json["error"]
    assert "Traceback" not in done.err


def test_a_world_is_written_imported_and_the_same_for_the_same_seed(tmp_path):
    for name in ("a", "b"):
        made = run_here("world", "--out", tmp_path / name, "--talents", 40, "--vacancies", 20, "--seed", 3, "--json")
        assert (made.code, made.json["talents"], made.json["vacancies"]) == (0, 40, 20)
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert names == [
        f"{kind}.jsonl" for kind in ("audit", "courses", "events", "places", "talents", "truth", "vacancies")
    ]
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    for kind in ("places", "talents", "vacancies", "events", "audit", "courses"):
        file = tmp_path / "a" / f"{kind}.jsonl"
        done = run_here("--home", tmp_path / "home", "import", kind, file, "--json")
        assert (done.code, done.json["rejected"]) == (0, 0), kind
        assert done.json["written"] == len(file.read_text(encoding="utf-8").splitlines())


def test_export_gives_everything_and_erase_leaves_nothing(tmp_path):
    file = write(tmp_path / "t.jsonl", [GOOD])
    run_here("--home", tmp_path, "import", "talents", file)
    exported = run_here("--home", tmp_path, "export", "T-1", "--json")
    assert GOOD["presentation"] in exported.out
    assert exported.code == 0
    assert "presentation" not in run_here("--home", tmp_path, "export", "T-1").err

    erased = run_here("--home", tmp_path, "erase", "T-1", "--json")
    assert (erased.code, erased.json["talent_id"], erased.json["removed"]["talents"]) == (0, "T-1", 1)
    assert run_here("--home", tmp_path, "export", "T-1", "--json").code == 1
    assert run_here("--home", tmp_path, "erase", "T-1").code == 1


@pytest.mark.slow
def test_the_demo_ends_in_a_stored_shortlist_and_may_be_run_again(tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "N_TALENTS", 120)
    monkeypatch.setattr(demo, "N_VACANCIES", 40)
    home = tmp_path / "demo"
    done = run_here("--home", home, "demo", "--json")
    assert done.code == 0, done.err
    assert len(done.json["entries"]) == demo.K
    with open_store(home) as store:
        assert store.shortlist(done.json["shortlist_id"]).model_dump(mode="json") == done.json
    for said in ("verzonnen", "5/5", "klaar in", f"--home {home} serve", "/docs", "curl", done.json["shortlist_id"]):
        assert said in done.err
    told = dict(re.findall(r"^  (demo-\S+) +(\S{20})$", done.err, flags=re.MULTILINE))
    with open_store(home) as store:
        users = store.accounts.page(limit=10)
        assert {user.name for user in users} == set(told)
        assert {user.role for user in users} == set(Role)
        for name, password in told.items():
            assert sign_in(store, Passwords(), name, password, now=datetime.now(UTC)).name == name

    demo.claim(home)
    assert [path.name for path in home.iterdir()] == ["demo.json"]


def test_the_demo_touches_no_folder_that_it_did_not_make(tmp_path):
    kept = write(tmp_path / "van-mij.txt", ["belangrijk"])
    done = run_here("--home", tmp_path, "demo")
    assert done.code == 1
    assert "no demo made it" in done.err
    assert list(tmp_path.iterdir()) == [kept]


@pytest.mark.parametrize("name", ["DATABASE_URL", "MLFLOW_TRACKING_URI"])
def test_the_demo_keeps_out_of_shared_databases(tmp_path, monkeypatch, name):
    monkeypatch.setenv(name, f"sqlite:///{tmp_path / 'echt.db'}")
    done = run_here("--home", tmp_path / "demo", "demo")
    assert done.code == 1
    assert name in done.err
    assert list(tmp_path.iterdir()) == []
