import statistics
import subprocess
import sys
import time

import pytest
from cli_process import ROOT, environment, run_here, run_there

from cli.main import options_first

COMMANDS = ["world", "import", "index", "train", "models", "promote", "rollback", "shortlist", "vacancies"]
COMMANDS += ["serve", "erase", "export", "demo", "encoder", "users"]


@pytest.mark.parametrize("command", [*COMMANDS, "encoder train", "encoder evaluate"])
def test_every_command_explains_itself(command):
    done = run_here(*command.split(), "--help")
    assert done.code == 0
    assert f"Usage: kansrijk {command}" in done.out


def test_help_lists_every_command_in_full():
    text = run_here("--help").out
    listed = [line.split()[0] for line in text.partition("Commands:\n")[2].splitlines() if line.startswith("  ")]
    assert set(COMMANDS) <= set(listed)
    assert "..." not in text.partition("Commands:")[2]


def test_help_is_there_in_half_a_second(tmp_path):
    seconds = []
    for _ in range(5):
        started = time.perf_counter()
        assert run_there("--help", cwd=tmp_path).code == 0
        seconds.append(time.perf_counter() - started)
    assert statistics.median(seconds) < 0.5


def test_help_loads_nothing_heavy(tmp_path):
    script = (
        "import sys, cli.main\n"
        "heavy = {'numpy', 'pydantic', 'sqlalchemy', 'mlflow', 'torch', 'fastapi', 'pyarrow'} & set(sys.modules)\n"
        "print(sorted(heavy))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["--nonsense"],
        ["shortlist"],
        ["shortlist", "V-1", "--text", "x"],
        ["shortlist", "V-1", "--all-open", "--out", "x"],
        ["shortlist", "--all-open"],
        ["shortlist", "V-1", "--out", "x"],
        ["shortlist", "V-1", "-k", "0"],
        ["shortlist", "V-1", "-k", "201"],
        ["shortlist", "V-1", "--as-of", "gisteren"],
        ["shortlist", "V-1", "--as-of", "2026-02-30"],
        ["shortlist", "V-1", "--as-of", "2026-01-01T10:00"],
        ["vacancies"],
        ["import"],
        ["import", "talents"],
        ["import", "persons", "x.jsonl"],
        ["train", "--as-of", "gisteren"],
        ["promote"],
        ["serve", "--port", "0"],
        ["serve", "--workers", "0"],
        ["world", "--talents", "0", "--out", "x"],
        ["world"],
        ["encoder", "train"],
        ["erase"],
        ["--home"],
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_2_and_touches_nothing(arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = run_here("--home", tmp_path / "home", *arguments)
    assert done.code == 2, done.err
    assert done.out == ""
    assert "Traceback" not in done.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("shortlist V-1 --json", "--json shortlist V-1"),
        ("shortlist V-1 --home h", "--home h shortlist V-1"),
        ("train --home=h --json", "--home=h --json train"),
        ("--home h --json index", "--home h --json index"),
        ("shortlist -- --json", "shortlist -- --json"),
        ("index --home", "--home index"),
        ("", ""),
    ],
)
def test_options_of_all_commands_may_stand_anywhere(given, expected):
    assert options_first(given.split()) == expected.split()
