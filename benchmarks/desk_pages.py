"""How long the server takes for each page of the desk: 10,000 synthetic talents, 3,000 vacancies, over real HTTP.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.desk_pages

Builds a world, imports, indexes and trains in a temporary home, starts ``kansrijk serve`` on a port of its own, logs in
as a matchmaker and asks each page again and again, one after another. Prints the median and 95th percentile, from the
first byte of the question to the last of the answer. Making a shortlist is ranking, not a page; it is timed too.
"""

import argparse
import contextlib
import os
import re
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from benchmarks.homes import filled_home
from benchmarks.shortlist import prepare
from core.store import Store
from core.vocabulary import VacancyStatus

TARGET_MS = 150.0
_CSRF = re.compile(r'name="csrf" value="([^"]+)"')
_WAIT_S = 120


def kansrijk(home: Path, *arguments: str, given: str | None = None) -> None:
    """Runs one command on the home."""
    subprocess.run(
        [sys.executable, "-m", "cli.main", "--home", str(home), *arguments],
        input=given,
        text=True,
        check=True,
        stdout=subprocess.DEVNULL,
    )


@contextlib.contextmanager
def served(home: Path) -> Iterator[str]:
    """The address of a service on this home, for as long as the block runs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    server = subprocess.Popen(
        [sys.executable, "-m", "cli.main", "--home", str(home), "serve", "--port", str(port)],
        env={**os.environ, "KANSRIJK_LOG_LEVEL": "WARNING"},
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(_WAIT_S * 10):
            time.sleep(0.1)
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{address}/readyz").is_success:
                    break
        yield address
    finally:
        server.terminate()
        server.wait(timeout=60)


def csrf(client: httpx.Client, path: str) -> str:
    """The token that the forms of a page carry."""
    found = _CSRF.search(client.get(path).text)
    if found is None:
        raise SystemExit(f"{path} has no form with a token; was the login refused?")
    return found[1]


def log_in(client: httpx.Client, name: str, password: str) -> None:
    """Logs in. A browser takes this machine for safe; this client would keep secure cookies to itself."""
    form = {"csrf": csrf(client, "/inloggen"), "naam": name, "wachtwoord": password}
    client.headers["Cookie"] = kept(client)
    client.post("/inloggen", data=form)
    client.headers["Cookie"] = kept(client)


def kept(client: httpx.Client) -> str:
    """The header with all cookies that the client was given."""
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.cookies.jar)


def timed(client: httpx.Client, path: str, rounds: int) -> list[float]:
    """Milliseconds of each asking; the first is left out, since it reads what the others find in memory."""
    taken = []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        answer = client.get(path)
        taken.append((time.perf_counter() - start) * 1e3)
        if answer.status_code != httpx.codes.OK:
            raise SystemExit(f"{path} answered {answer.status_code}")
    return taken[1:]


def pages(client: httpx.Client, store: Store) -> tuple[list[str], list[float]]:
    """The addresses to ask, and milliseconds per shortlist made through the page."""
    vacancies = store.page_vacancies(limit=20, status=VacancyStatus.OPEN)
    made, taken = [], []
    for stored in vacancies[:10]:
        vacancy_id = stored.record.vacancy_id
        token = csrf(client, f"/vacatures/{vacancy_id}")
        start = time.perf_counter()
        answer = client.post(f"/vacatures/{vacancy_id}/shortlist", data={"csrf": token, "once": secrets.token_hex(16)})
        taken.append((time.perf_counter() - start) * 1e3)
        made.append(answer.headers["location"].partition("?")[0])
    shortlist = store.shortlist(made[0].rpartition("/")[2])
    first, second = (entry.talent_id for entry in shortlist.entries[:2])
    return [
        "/vacatures", "/vacatures?zoek=schoonmaak", "/vacatures/nieuw", f"/vacatures/{vacancies[0].record.vacancy_id}",
        made[0], f"{made[0]}/vergelijk?a={first}&b={second}", f"{made[0]}/print", f"{made[0]}.csv",
        "/talenten", f"/talenten/{first}", "/nazorg", "/overzicht", "/cursussen",
    ], taken  # fmt: skip


def report(name: str, taken: list[float]) -> bool:
    """Prints one line; whether the page was fast enough."""
    slow = statistics.quantiles(taken, n=20)[-1]
    print(f"{name:<44} median {statistics.median(taken):6.1f} ms   p95 {slow:6.1f} ms")
    return statistics.median(taken) < TARGET_MS


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--talents", type=int, default=10_000)
    parser.add_argument("--vacancies", type=int, default=3_000)
    parser.add_argument("--seed", type=int, default=2_027)
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        settings = filled_home(home, n_talents=options.talents, n_vacancies=options.vacancies, seed=options.seed)
        password = secrets.token_urlsafe(24)
        kansrijk(home, "users", "add", "meting", "--role", "matchmaker", "--password-stdin", given=password)
        with Store.open(settings.store_url) as store:
            prepare(settings, store)
            with served(home) as address, httpx.Client(base_url=address, timeout=60) as client:
                log_in(client, "meting", password)
                asked, made = pages(client, store)
                fast = [report(path, timed(client, path, options.rounds)) for path in asked]
                report("(making a shortlist)", made)
    print(f"{sum(fast)} of {len(fast)} pages under {TARGET_MS:.0f} ms, synthetic people")


if __name__ == "__main__":
    main()
