"""``serve``: the HTTP service."""

# ruff: noqa: PLC0415  commands import what they need: help must not wait for numpy, nor a shortlist for MLflow

import ipaddress
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Final

import typer

from cli.run import Run, start_logging
from core.errors import InputError

if TYPE_CHECKING:
    from api.app import Application
    from api.service import Service
    from core.settings import Settings

logger = logging.getLogger(__name__)

GRACE_SECONDS: Final = 30
"""What a request may still take after the service was told to stop."""
_LISTEN_BACKLOG: Final = 512


def add_commands(app: typer.Typer) -> None:
    """Adds ``serve``."""
    app.command("serve")(serve)


def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Address to listen on; other than loopback needs an API key.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=1, max=65_535)] = 8_000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes, each with its own index.")] = 1,
) -> None:
    """Serve shortlists over HTTP until told to stop."""
    import uvicorn

    from cli.composition import writable_store

    run: Run = context.obj
    settings = run.settings
    refuse_open_door(host, settings)
    with writable_store(settings) as store:  # a store that does not answer is told here, in one line
        store.ping()
    logger.info("settings in force: %s", settings.effective())
    run.say(f"Kansrijk listens on http://{host}:{port}; try http://{host}:{port}/docs. Stop it with Ctrl-C.")
    # Workers are processes of their own: they read the settings where everybody can, in the environment.
    os.environ["KANSRIJK_HOME"] = str(settings.home.resolve())
    uvicorn.run(
        "cli.service:application",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        access_log=False,  # ours names the route, uvicorn's the person
        log_config=None,
        server_header=False,
        proxy_headers=False,
        backlog=_LISTEN_BACKLOG,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


def refuse_open_door(host: str, settings: "Settings") -> None:
    """Without an API key only this machine may call.

    Raises:
        InputError: the host is not loopback and there is no key.
    """
    if settings.api_key is None and not _is_loopback(host):
        raise InputError(
            f"listening on {host} lets others in, so it needs a key: set KANSRIJK_API_KEY, or leave --host out"
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def application() -> "Application":
    """The application for one worker; settings come from the environment."""
    from api.app import create_app
    from core.settings import load_settings

    settings = load_settings()
    start_logging(settings.log_level)
    return create_app(lambda: opened(settings), settings)


@contextmanager
def opened(settings: "Settings") -> Iterator["Service"]:
    """The parts behind the endpoints, opened for as long as the block runs."""
    from api.service import Service
    from cli.composition import erased, now, opened_ranking, writable_store

    with writable_store(settings) as store, opened_ranking(settings, store) as ranking:
        ranking.status()  # loads the index before the first caller waits for it
        yield Service(
            store=store,
            ranking=ranking,
            erase=lambda talent_id, at: erased(settings, store, talent_id, at),
            clock=now,
            warm=True,
        )
