"""``kansrijk``: the commands, and what becomes of their errors.

Exit codes: 0 done; 1 failed; 2 wrong usage; 3 done, but some input rows were rejected; 4 refused by a gate.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer

from cli import compare, data, demo, judge, learn, rank, service, users
from cli.run import Run, give_json, people
from core.errors import KansrijkError, Refused

FAILED: Final = 1
REFUSED: Final = 4

app = typer.Typer(
    name="kansrijk",
    help="Finds the people who will last in a vacancy of a small firm, and says why.",
    epilog="--home and --json may stand before or after the command.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for group in (data, learn, judge, compare, rank, service, users, demo):
    group.add_commands(app)


@app.callback()
def _options(
    context: typer.Context,
    *,
    home: Annotated[
        Path | None,
        typer.Option(help="Folder that holds all state; default KANSRIJK_HOME or ./kansrijk-data."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object on standard output, nothing else there.")
    ] = False,
) -> None:
    context.obj = Run(home=home, as_json=as_json)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs one command and exits.

    Args:
        arguments: what follows the name of the program; None reads those of the process.
    """
    # The matrices of one request are small: sharing them out costs more than it brings, and slows the neighbours.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    given = options_first(sys.argv[1:] if arguments is None else list(arguments))
    try:
        app(args=given, prog_name="kansrijk")
    except KansrijkError as error:
        code = _report(str(error), as_json="--json" in given)
        sys.exit(REFUSED if isinstance(error, Refused) else code)
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        message = f"the system refused: {error.strerror or type(error).__name__}{where}; free the way and run it again"
        sys.exit(_report(message, as_json="--json" in given))
    except Exception as error:
        if os.environ.get("KANSRIJK_LOG_LEVEL") == "DEBUG":
            raise
        # The message of an error that nobody foresaw may quote a person's row, so only its kind is told.
        message = f"failed unexpectedly ({type(error).__name__}); run it again with KANSRIJK_LOG_LEVEL=DEBUG for more"
        sys.exit(_report(message, as_json="--json" in given))
    sys.exit(0)


def options_first(arguments: list[str]) -> list[str]:
    """Moves the options of all commands before the command, where Typer expects them.

    Only what stands before ``--`` moves; ``--home`` takes its value along.
    """
    end = arguments.index("--") if "--" in arguments else len(arguments)
    first: list[str] = []
    rest: list[str] = []
    words = iter(arguments[:end])
    for word in words:
        if word == "--home":
            first += [word, *(value for value in [next(words, None)] if value is not None)]
        elif word == "--json" or word.startswith("--home="):
            first.append(word)
        else:
            rest.append(word)
    return first + rest + arguments[end:]


def _report(message: str, *, as_json: bool) -> int:
    """Tells of a failure in one line; returns its exit code."""
    line = " ".join(message.split())
    people().print(f"kansrijk: {line}", markup=False, style="red", soft_wrap=True)
    if as_json:
        give_json({"error": line})
    return FAILED


if __name__ == "__main__":
    main()
