"""Running ``kansrijk`` from tests: in this process where that will do, in one of its own where it must."""

import contextlib
import io
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self) -> dict:
        """The one JSON object on standard output; fails when anything else is there."""
        assert self.out.count("\n") == 1, self.out
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


class _Bytes(io.TextIOWrapper):
    """Standard input of given bytes."""

    def __init__(self, content: bytes) -> None:
        super().__init__(io.BytesIO(content), encoding="utf-8")


def run_here(*arguments: object, stdin: bytes = b"") -> Result:
    """Runs the command line in this process."""
    from cli.main import main

    out, err = io.StringIO(), io.StringIO()
    code: object = 0
    before, sys.stdin = sys.stdin, _Bytes(stdin)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            main([str(one) for one in arguments])
    except SystemExit as stop:
        code = stop.code
    finally:
        sys.stdin = before
    return Result(int(code or 0), out.getvalue(), err.getvalue())


def environment(**extra: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KANSRIJK_", "DATABASE_"))}
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "default"} | extra


def run_there(*arguments: object, cwd: Path, timeout: float = 120, **env: str) -> Result:
    """Runs the command line in a process of its own."""
    command = [sys.executable, "-m", "cli.main", *map(str, arguments)]
    done = subprocess.run(
        command, cwd=cwd, env=environment(**env), capture_output=True, text=True, timeout=timeout, check=False
    )
    return Result(done.returncode, done.stdout, done.stderr)


@dataclass(frozen=True)
class Served:
    process: subprocess.Popen
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextlib.contextmanager
def serving(home: Path, *options: str, **env: str) -> Iterator[Served]:
    """A real service on a free port of this machine, ready to answer."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "cli.main", "--home", str(home), "serve", "--port", str(port), *options]
    log = (home / f"serve-{port}.log").open("wb")
    process = subprocess.Popen(command, cwd=home, env=environment(**env), stdout=log, stderr=log)
    try:
        _wait(f"http://127.0.0.1:{port}/healthz", process)
        yield Served(process, port)
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(30)
        log.close()


def _wait(url: str, process: subprocess.Popen, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert process.poll() is None, "the service stopped while it started"
        with contextlib.suppress(httpx.TransportError):
            httpx.get(url, timeout=1)
            return
        time.sleep(0.05)
    raise AssertionError("the service did not start")
