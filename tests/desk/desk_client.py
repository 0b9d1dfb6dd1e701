"""Visitors of the desk for tests: real accounts, a real login, a real session, without a network."""

import hashlib
import re
import shutil
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import create_app
from api.service import Service
from core.accounts import Role, User
from core.courses import Course
from core.errors import ArtifactMissing
from core.passwords import Passwords
from core.records import Talent, Vacancy
from core.settings import Settings
from core.shortlists import Gap, RankedVacancies, Shortlist
from core.sign_in import add_user, new_user
from core.store import Store
from core.vocabulary import RankingMode

# Secure cookies are for https; a real browser makes an exception for this machine, Python's cookie jar does not.
ADDRESS = "https://127.0.0.1"
PASSWORD = "een lang wachtwoord voor de proef"
NOW = datetime(2026, 1, 12, 9, 0, tzinfo=UTC)
CHEAP = Passwords(passes=1, memory_kib=8, lanes=1)


class Clock:
    """A clock that tests turn."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass(frozen=True, slots=True)
class Asleep:
    """The status of a ranking that is not there."""

    ready: bool = False
    ranking_mode: RankingMode | None = None
    model_version: str | None = None
    encoder_version: str | None = None
    index_version: str | None = None
    talents: int = 0
    reason: str | None = "there is no index yet; run kansrijk index"


class NoRanking:
    """A service before its first index: pages must be helpful all the same. Satisfies ``api.service.Ranking``."""

    def shortlist(self, _vacancy: Vacancy, *, k: int = 20, as_of: datetime | None = None) -> Shortlist:  # noqa: ARG002
        raise ArtifactMissing("there is no index yet; run kansrijk index")

    def vacancies(self, _talent_id: str, *, k: int) -> RankedVacancies:  # noqa: ARG002
        raise ArtifactMissing("there is no index yet; run kansrijk index")

    def courses_for(self, _gaps: Sequence[Gap], _talent: Talent, _vacancy: Vacancy) -> list[Course]:
        raise ArtifactMissing("there is no index yet; run kansrijk index")

    def same_trade(self, _pairs: object) -> list[bool]:
        raise ArtifactMissing("there is no index yet; run kansrijk index")

    def status(self) -> Asleep:
        return Asleep()


def service_on(store: Store, ranking: object, clock: Clock) -> Callable[[], AbstractContextManager[Service]]:
    """A factory for ``create_app`` around these parts, with a cheap password hasher."""

    def erase(talent_id: str, now: datetime) -> dict[str, int]:
        report = asdict(store.erase(talent_id, now=now))
        return {name: value for name, value in report.items() if name not in {"talent_id", "seq"}}

    @contextmanager
    def opened() -> Iterator[Service]:
        yield Service(store=store, ranking=ranking, erase=erase, clock=clock, passwords=CHEAP)  # type: ignore[arg-type]

    return opened


class Visitor(TestClient):
    """A browser on the desk that follows no redirect by itself, and fills in what forms carry."""

    user: User
    store: Store

    def sign_in(self, name: str, password: str = PASSWORD, **fields: str):
        """Opens the login page and sends its form."""
        shown = self.get("/inloggen")
        return self.post("/inloggen", data={"naam": name, "wachtwoord": password, "csrf": csrf_in(shown.text)} | fields)

    def submit(self, path: str, /, **fields: object):
        """Posts a form as a page of this visitor would: with the session's text and a new one-time id."""
        return self.post(path, data={"csrf": self.csrf, "once": uuid.uuid4().hex} | fields)

    @property
    def csrf(self) -> str:
        """What this session's forms carry, as the server knows it; empty for who is not logged in."""
        token = self.cookies.get("kansrijk_session", "")
        key = hashlib.sha256(token.encode()).hexdigest()
        session = self.store.accounts.session(key, idle=timedelta(days=1), now=NOW)
        return session.csrf if session is not None else ""


def csrf_in(html: str) -> str:
    found = re.search(r'name="csrf" value="([^"]*)"', html)
    return found[1] if found else ""


def add_account(
    store: Store, role: Role | str, *, name: str = "", municipality: str | None = None, employer_id: str | None = None
) -> User:
    """An account with :data:`PASSWORD`; what the role needs is filled in."""
    role = Role(role)
    if role is Role.MUNICIPALITY:
        municipality = municipality or "Rotterdam"
    if role is Role.EMPLOYER:
        employer_id = employer_id or "e-1"
    user = new_user(
        name or f"{role}-{uuid.uuid4().hex[:6]}",
        role,
        now=NOW,
        display_name=f"Proef {role}",
        municipality=municipality,
        employer_id=employer_id,
    )
    add_user(store, CHEAP, user, PASSWORD)
    return user


# Fixtures: conftest.py takes them over by name.


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.delenv("KANSRIJK_API_KEY", raising=False)
    return Settings(home=tmp_path, threads=2)


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all tables and nothing in them: copying it takes a tenth of the time that migrating does."""
    path = tmp_path_factory.mktemp("empty") / "kansrijk.db"
    Store.open(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def store(settings: Settings, empty_database: Path) -> Iterator[Store]:
    shutil.copyfile(empty_database, settings.home / "kansrijk.db")
    with Store.open(settings.store_url) as opened:
        yield opened


@pytest.fixture
def clock() -> Clock:
    """The service's clock; turn it with ``clock.turn(minutes=31)``."""
    return Clock()


@pytest.fixture
def ranking() -> object:
    """No index yet; tests of pages that rank put a fixture of this name in its place."""
    return NoRanking()


class Opener:
    """Opens the service of the test that runs."""

    def __init__(self) -> None:
        self.now: Callable[[], AbstractContextManager[Service]] | None = None

    def __call__(self) -> AbstractContextManager[Service]:
        assert self.now is not None
        return self.now()


@pytest.fixture(scope="session")
def opener() -> Opener:
    return Opener()


@pytest.fixture(scope="session")
def warm_app(opener: Opener, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """One application for all tests: its first request reads the routes of all pages, which takes a while."""
    return create_app(opener, Settings(home=tmp_path_factory.mktemp("app"), api_key=None, threads=2))


@pytest.fixture
def app(warm_app: FastAPI, opener: Opener, store: Store, ranking: object, clock: Clock) -> FastAPI:
    """With the parts of this test, opened when a visitor comes."""
    opener.now = service_on(store, ranking, clock)
    return warm_app


@pytest.fixture
def visitor(app: FastAPI, store: Store) -> Iterator[Visitor]:
    """Somebody who is not logged in."""
    with Visitor(app, base_url=ADDRESS, follow_redirects=False) as opened:
        opened.store = store
        yield opened


@pytest.fixture
def signed_in(app: FastAPI, store: Store) -> Iterator[Callable[..., Visitor]]:
    """``signed_in("municipality", municipality="Schiedam")``: somebody who is logged in."""
    with ExitStack() as open_ones:

        def enter(role: str, municipality: str | None = None, employer_id: str | None = None) -> Visitor:
            opened = open_ones.enter_context(Visitor(app, base_url=ADDRESS, follow_redirects=False))
            opened.store = store
            opened.user = add_account(store, role, municipality=municipality, employer_id=employer_id)
            answer = opened.sign_in(opened.user.name)
            assert answer.status_code == 303, answer.text
            return opened

        yield enter
