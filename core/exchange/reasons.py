"""Why a record was refused, in one line that a person can act on, without quoting what they wrote."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

MAX_PROBLEMS: Final = 5
MAX_PATH_CHARS: Final = 80

# pydantic's own words where they would quote the value or show a pattern.
_WORDS: Final[Mapping[str, str]] = {
    "missing": "missing; give a value",
    "extra_forbidden": "unknown field; correct the name, or put it under extra",
    "union_tag_not_found": "missing; give a value",
    "union_tag_invalid": "unknown; use one of the contract's kinds of event",
    "value_error": "",
    "timezone_aware": "no offset; write for example 2026-01-31T09:00:00+01:00",
}
_PATTERNS: Final[Mapping[str, str]] = {
    r"^[A-Za-z0-9._:-]{1,64}$": "use 1 to 64 letters, digits, dots, colons, dashes or underscores",
    r"^[^\x00]*$": "a NUL character; remove it",
    r"^[a-z]{3}$": "use the three letters of ISO 639-3, for example nld",
    r"^[1-9][0-9]{3}([A-Z]{2})?$": "use 1234 or 1234AB",
    r"^https://[^\s\x00<>\"]+$": "use an address that begins with https://",
    r"^[1-9][0-9]{3}$": "use the four digits",
}


def explain(error: ValidationError) -> str:
    """The first problems of a refused record, each as ``path: what is wrong; what to do``."""
    problems = error.errors(include_url=False, include_input=False)
    shown = [_problem(problem) for problem in problems[:MAX_PROBLEMS]]
    if len(problems) > MAX_PROBLEMS:
        shown.append(f"and {len(problems) - MAX_PROBLEMS} more")
    return " | ".join(shown)


def _problem(problem: ErrorDetails) -> str:
    path = _path(problem)
    words = _words(problem)
    return f"{path}: {words}" if path else words


def _path(problem: ErrorDetails) -> str:
    parts = [str(part) for part in problem["loc"]]
    if problem["type"].startswith("union_tag"):
        parts.append("kind")
    return ".".join(parts)[:MAX_PATH_CHARS]


def _words(problem: ErrorDetails) -> str:
    context: Mapping[str, Any] = problem.get("ctx", {})
    if problem["type"] == "string_pattern_mismatch":
        return _PATTERNS.get(str(context.get("pattern")), "not in the form that the contract asks for")
    if problem["type"] == "value_error":
        return str(context.get("error", problem["msg"]))
    return _WORDS.get(problem["type"]) or f"{problem['msg']}; correct or leave it out"
