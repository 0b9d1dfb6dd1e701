"""One run of a command: its settings, and what it says to people and to machines.

Standard output is for machines: with ``--json`` it holds one JSON object, without it nothing. People read standard
error: results, progress, logs, errors.
"""

# ruff: noqa: PLC0415  commands import what they need: help must not wait for numpy, nor a shortlist for MLflow

import json
import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from core.settings import Settings

# Kansrijk's own packages; what libraries say at INFO is not for people who rank vacancies.
_OWN_LOGGERS: Final = ("api", "cli", "core", "embeddings", "ranking", "training", "uvicorn")
_WIDTH_WITHOUT_TERMINAL: Final = 100


def people() -> Console:
    """Where people read: standard error, as it is now."""
    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        console = Console(stderr=True, highlight=False, width=_WIDTH_WITHOUT_TERMINAL)
    return console


@dataclass(frozen=True)
class Run:
    """What the options before the command say.

    Attributes:
        home: folder given with ``--home``; None leaves it to the environment.
        as_json: whether a machine reads the result.
        console: where people read.
    """

    home: Path | None = None
    as_json: bool = False
    console: Console = field(default_factory=people)

    @cached_property
    def settings(self) -> "Settings":
        """The settings in force, read once; logging starts with them.

        Raises:
            SettingsInvalid: a variable is unknown or out of bounds.
        """
        from core.settings import load_settings

        settings = load_settings(home=self.home)
        start_logging(settings.log_level)
        logging.getLogger(__name__).debug("settings in force: %s", settings.effective())
        return settings

    def give(self, result: Mapping[str, Any], tell: Callable[[Console], None]) -> None:
        """Gives the result to whoever reads it.

        Args:
            result: the JSON object.
            tell: tells people the same.
        """
        if self.as_json:
            give_json(result)
        else:
            tell(self.console)

    def say(self, message: str) -> None:
        """Tells people something on the way; machines do not hear it."""
        self.console.print(message, markup=False, soft_wrap=True)  # a path or command must stay whole

    @contextmanager
    def progress(self, what: str, total: int | None = None) -> "Iterator[Bar]":
        """A progress bar on standard error while the block runs.

        Args:
            what: what is being done.
            total: number of steps, when it is known.
        """
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[count]}"),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self.console) as progress:
            yield Bar(progress, progress.add_task(what, total=total, count=""))


class Bar:
    """A progress bar that is being shown."""

    def __init__(self, progress: "Progress", task: "TaskID") -> None:
        self._progress = progress
        self._task = task
        self._n_done = 0

    def advance(self, n_done: int) -> None:
        """So many further steps were done."""
        self._n_done += n_done
        self._progress.update(self._task, completed=self._n_done, count=f"{self._n_done:,}")

    def reach(self, share: float, count: str) -> None:
        """This share of the work, 0 to 1, was done; ``count`` says it in words."""
        self._progress.update(self._task, total=1.0, completed=share, count=count)


def give_json(result: Mapping[str, Any]) -> None:
    """Writes the one JSON object of a run on standard output."""
    sys.stdout.write(json.dumps(result, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()


def start_logging(level: str) -> None:
    """Logs to standard error; Kansrijk's own parts from this level on, libraries from WARNING on."""
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    for name in _OWN_LOGGERS:
        logging.getLogger(name).setLevel(level)
