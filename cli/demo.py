"""``demo``: from nothing to a shortlist that explains itself, on people who do not exist."""

# ruff: noqa: PLC0415  commands import what they need: help must not wait for numpy, nor a shortlist for MLflow

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from cli.run import Run
from core.errors import InputError, TrainingRefused

if TYPE_CHECKING:
    from core.accounts import User
    from core.records import Vacancy
    from core.settings import Settings
    from core.shortlists import Shortlist
    from core.store import Store

N_TALENTS: Final = 4_000
N_VACANCIES: Final = 1_200
SEED: Final = 7
K: Final = 5
MUNICIPALITY: Final = "Rotterdam"
PORT: Final = 8_000
_MARK: Final = "demo.json"


def add_commands(app: typer.Typer) -> None:
    """Adds ``demo``."""
    app.command("demo")(demo)


def demo(context: typer.Context) -> None:
    """Show all of it on people who do not exist."""
    from cli.rendering import show_shortlist

    run: Run = context.obj
    settings = run.settings
    _check_own_stores(settings)
    claim(settings.home)
    run.say("Demo: een arbeidsmarkt die niet bestaat. Alle mensen, bedrijven en plaatsingen zijn verzonnen.")
    shortlist, vacancy = _steps(run, settings)
    run.say("")
    run.give(shortlist.model_dump(mode="json"), lambda console: show_shortlist(console, shortlist, vacancy))
    _tell_what_next(run, settings.home, shortlist)
    _tell_who_may_log_in(run, _accounts(settings))


def _check_own_stores(settings: "Settings") -> None:
    """People who do not exist have no place in a database or a registry that others use.

    Raises:
        InputError: one of them is set.
    """
    if settings.database_url is not None or settings.mlflow_tracking_uri is not None:
        raise InputError("the demo keeps to its own folder; unset DATABASE_URL and MLFLOW_TRACKING_URI first")


def claim(home: Path) -> None:
    """Takes an empty folder, or one that an earlier demo made, which starts anew.

    Raises:
        InputError: the folder holds something else, which a demo must not touch.
    """
    import shutil

    if home.exists() and any(home.iterdir()):
        if not (home / _MARK).is_file():
            raise InputError(f"{home} is not empty and no demo made it; name a new folder with --home")
        shutil.rmtree(home)
    home.mkdir(parents=True, exist_ok=True)
    (home / _MARK).write_text(json.dumps({"talents": N_TALENTS, "vacancies": N_VACANCIES, "seed": SEED}))


def _steps(run: Run, settings: "Settings") -> "tuple[Shortlist, Vacancy]":
    from cli.composition import encoder_made, opened_matcher, writable_store
    from cli.data import imported
    from core.exchange import ImportKind
    from embeddings.indexer import update_index
    from training.world import generate

    world = settings.home / "world"
    with _step(run, 1, "Wereld maken"):
        generate(world, n_talents=N_TALENTS, n_vacancies=N_VACANCIES, seed=SEED)
    with _step(run, 2, "Importeren"):
        for kind in (
            ImportKind.PLACES,
            ImportKind.TALENTS,
            ImportKind.VACANCIES,
            ImportKind.EVENTS,
            ImportKind.COURSES,
        ):
            imported(run, kind, [world / f"{kind}.jsonl"])
    with writable_store(settings) as store:
        with _step(run, 3, "Teksten leren lezen en indexeren"):
            encoder = encoder_made(settings, store)
            with run.progress("indexing records") as bar:
                update_index(store, encoder, settings.index_dir, progress=bar.advance)
        with _step(run, 4, "Leren van eerdere plaatsingen"):
            _train(run, settings, store)
        with _step(run, 5, "Shortlist maken"), opened_matcher(settings, store) as matcher:
            vacancy = _vacancy()
            return matcher.shortlist(vacancy, k=K), vacancy


def _train(run: Run, settings: "Settings", store: "Store") -> None:
    """Trains; where the gate says no, the demo goes on with similarity and says so."""
    from cli.composition import encoder_in_force
    from training.learning import train_ranker

    try:
        report = train_ranker(store, encoder_in_force(settings), settings)
    except TrainingRefused as refusal:
        run.say(f"  geen model: {'; '.join(refusal.reasons)}")
        return
    if not report.promoted:
        run.say(f"  het model is niet in gebruik genomen: {'; '.join(report.reasons)}")


def _vacancy() -> "Vacancy":
    """What an employer might write; only the text, as it comes in."""
    from api.adhoc import vacancy_of_text
    from api.examples import VACANCY_TEXT

    return vacancy_of_text(VACANCY_TEXT)


@contextmanager
def _step(run: Run, number: int, what: str) -> Iterator[None]:
    started = time.perf_counter()
    run.say(f"{number}/5 {what} …")
    yield
    run.say(f"    klaar in {time.perf_counter() - started:.1f} s")


def _tell_what_next(run: Run, home: Path, shortlist: "Shortlist") -> None:
    base = f"http://127.0.0.1:{PORT}"
    run.say("")
    run.say("Alles hierboven is verzonnen: geen echte mensen, geen echte bedrijven.")
    run.say("Verder kijken? Start de service:")
    run.say(f"  kansrijk --home {home} serve")
    run.say(f"en open {base} in je browser voor de bladzijden, of {base}/docs voor de API.")
    run.say("Of vraag zelf een shortlist:")
    run.say(f"  curl -s {base}/v1/shortlist -H 'Content-Type: application/json' \\")
    run.say('       -d \'{"text": "Wij zoeken een schoonmaker voor een school, 20 uur.", "k": 5}\'')
    run.say(f"  curl -s {base}/v1/shortlists/{shortlist.shortlist_id}")


def _accounts(settings: "Settings") -> "list[tuple[User, str]]":
    """An account for every role, each with a password of its own that is kept nowhere."""
    from cli.composition import now, writable_store
    from cli.users import generated_password
    from core.accounts import Role
    from core.passwords import Passwords
    from core.sign_in import add_user, new_user

    passwords = Passwords()
    made = []
    with writable_store(settings) as store:
        bound = {
            Role.MUNICIPALITY: {"municipality": MUNICIPALITY},
            Role.EMPLOYER: {"employer_id": _employer_with_proposals(store)},
        }
        for role in Role:
            name = f"demo-{role.value.replace('_', '-')}"
            user = new_user(name, role, now=now(), display_name=f"Demo {role.value[:20]}", **bound.get(role, {}))
            password = generated_password()
            add_user(store, passwords, user, password)
            made.append((user, password))
    return made


def _employer_with_proposals(store: "Store") -> str:
    """The employer to whom somebody was proposed last, so that their pages have something to show."""
    from core.records import Proposed

    employers = {line.vacancy_id: line.employer_id for line in store.desk.vacancies()}
    with_people = [
        employer
        for event in store.iter_events()
        if isinstance(event, Proposed) and (employer := employers.get(event.vacancy_id)) is not None
    ]
    return with_people[-1] if with_people else next(filter(None, employers.values()))


def _tell_who_may_log_in(run: Run, accounts: "list[tuple[User, str]]") -> None:
    run.say("")
    run.say("Inloggen kan met deze gebruikers (verzonnen). De wachtwoorden zie je alleen nu:")
    for user, password in accounts:
        run.say(f"  {user.name:<22} {password}")
