"""A real service with pages on a small synthetic home, and a real browser to look at them."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from desk_browser import PASSWORD, Desk, account
from desk_client import (  # noqa: F401  the fixtures of page tests
    app,
    clock,
    empty_database,
    opener,
    ranking,
    settings,
    signed_in,
    store,
    visitor,
    warm_app,
)
from playwright.sync_api import Browser, sync_playwright

from benchmarks.homes import filled_home
from cli.composition import encoder_made
from core.accounts import Role
from core.passwords import Passwords
from core.store import Store
from embeddings.indexer import update_index
from training.learning import train_ranker
from training.registry import Registry

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
N_TALENTS, N_VACANCIES, SEED = 500, 400, 11
READY_S = 60


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The service of ``kansrijk serve`` on a synthetic home with a trained model and a user of every role."""
    home = tmp_path_factory.mktemp("desk")
    settings = filled_home(home, n_talents=N_TALENTS, n_vacancies=N_VACANCIES, seed=SEED)  # noqa: F811  not the fixture
    with Store.open(settings.store_url) as store:  # noqa: F811  nor this
        encoder = encoder_made(settings, store)
        update_index(store, encoder, settings.index_dir)
        trained = train_ranker(store, encoder, settings)
        if not trained.promoted:  # on so small a world the gate may say no; the pages are to be seen with a model
            Registry.open(settings).promote(trained.model_version, force=True)
        employer = next(iter(store.iter_vacancies())).record.employer.employer_id
        hashed = Passwords(passes=1, memory_kib=8, lanes=1).hash(PASSWORD)
        bound = {Role.MUNICIPALITY: {"municipality": "Rotterdam"}, Role.EMPLOYER: {"employer_id": employer}}
        for role in Role:
            store.accounts.add(account(role, **bound.get(role, {})), hashed)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    log = (home / "serve.log").open("wb")
    command = [sys.executable, "-m", "cli.main", "--home", str(home), "serve", "--port", str(port)]
    server = subprocess.Popen(command, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until_ready(f"{url}/readyz", server)
        yield Desk(url, home, settings.store_url)
    finally:
        server.terminate()
        server.wait(timeout=30)
        log.close()


def wait_until_ready(url: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + READY_S
    while time.monotonic() < until:
        time.sleep(0.1)
        assert server.poll() is None, "the service stopped at once"
        with suppress(httpx.TransportError):
            if httpx.get(url, timeout=5).is_success:
                return
    pytest.fail(f"the service was not ready in {READY_S} seconds")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a screen; gone after its module, since it keeps an event loop in this thread."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("there is no Chromium here; CI must install it (make browser)")
        pytest.skip("there is no Chromium on this machine; install it to run the browser tests")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """Where the pages are kept as they looked; see ``test-output/`` after a run."""
    folder = Path(__file__).parent.parent.parent / "test-output" / "desk"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
