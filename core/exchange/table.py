"""What a table's columns may be called, and which of them hold JSON in a cell."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import from_json

from core.exchange.rows import broken

MAX_COLUMNS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a kind of record.

    Attributes:
        names: known names; ``None`` where any may occur.
        nested: those whose cells hold JSON.
    """

    names: frozenset[str] | None
    nested: frozenset[str]

    def check(self, path: Path, header: list[str]) -> None:
        """Checks a header once, instead of refusing each row for it.

        Raises:
            FileUnreadable: a name is missing, double or unknown.
        """
        if not header or not all(header) or len(header) > MAX_COLUMNS:
            raise broken(path, "the first row does not name every column", "put the field names in the first row")
        double = sorted({name for name in header if header.count(name) > 1})
        if double:
            raise broken(path, f"column {_shown(double)} is there twice", "keep one of them")
        unknown = sorted(set(header) - self.names) if self.names is not None else []
        if unknown:
            raise broken(
                path, f"column {_shown(unknown)} is unknown", "rename or remove it, or put it as JSON under extra"
            )

    def record(self, cells: dict[str, object]) -> dict[str, object]:
        """Cells as a record: an empty cell is unknown, JSON is read where the field is nested.

        Raises:
            ValueError: a cell that should hold JSON does not; the message names the column.
        """
        content: dict[str, object] = {}
        for name, value in cells.items():
            if value is None or value == "":
                continue
            if name in self.nested and isinstance(value, str):
                try:
                    content[name] = from_json(value, allow_inf_nan=False)
                except ValueError as error:
                    raise ValueError(f'{name}: not JSON ({error}); write for example ["a", "b"]') from None
            else:
                content[name] = value
        return content


def columns_of(*models: type[BaseModel], open_ended: bool = False) -> Columns:
    """The columns of one or more models that share a file."""
    fields = {name: info for model in models for name, info in model.model_fields.items()}
    nested = frozenset(name for name, info in fields.items() if _is_nested(info))
    return Columns(None if open_ended else frozenset(fields), nested)


def _is_nested(info: FieldInfo) -> bool:
    return _holds_structure(info.annotation)


def _holds_structure(annotation: object) -> bool:
    if get_origin(annotation) in {list, dict}:
        return True
    if isinstance(annotation, type):
        return issubclass(annotation, BaseModel)
    return any(_holds_structure(part) for part in get_args(annotation))


def _shown(names: list[str]) -> str:
    return ", ".join(repr(name[:40]) for name in names[:3])
