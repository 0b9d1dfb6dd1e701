"""From the audit vault to groups that may be spoken of: large enough to hide in, and large enough to say something of.

Nothing that leaves this module points at a person: a group is a name from the vault that at least ``K_ANONYMITY``
people share, and a mask over rows. What fewer share is pooled with whoever did not say; where that pool itself is
small, the next smallest group goes in, so that no small number follows from the others by subtraction.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from core.records import AuditAttributes

Bools = npt.NDArray[np.bool_]
Names = npt.NDArray[np.object_]

K_ANONYMITY = 10
"""People below which a group is not even counted in the open."""
MIN_GROUP = 30
"""People below which a group is counted, and nothing more is said of it."""
MIN_CROSSED = 50
"""The same for people who share two attributes: more cells, more chance findings."""
POOLED = "other or not said"
CROSS = " × "

AGE_FROM: Sequence[tuple[int, str]] = ((55, "55 and over"), (45, "45 to 54"), (27, "27 to 44"), (0, "under 27"))
"""Lowest age of each band; 27 is where the law on participation draws its line, 55 where older jobseekers begin."""
_CROSSED = ("gender", "age", "background")


@dataclass(frozen=True, slots=True)
class Attribute:
    """One protected attribute, or two together.

    Attributes:
        name: such as ``gender`` or ``gender × age``.
        names: of its groups, the largest first, the pool last.
        members: (t, g) who is in which group.
        minimum: people below which nothing is said of a group.
    """

    name: str
    names: tuple[str, ...]
    members: Bools
    minimum: int

    @property
    def crossed(self) -> bool:
        """Whether it is two attributes together."""
        return CROSS in self.name

    @property
    def sizes(self) -> list[int]:
        """People by group."""
        return [int(size) for size in self.members.sum(axis=0)]


def attributes_of(vault: Iterable[AuditAttributes], ids: Sequence[str], *, year: int) -> list[Attribute]:
    """Groups of some people by every attribute that the vault holds on them, and by two of the named ones.

    Args:
        vault: all audit attributes.
        ids: (t,) the people who are audited.
        year: of the audit, to make ages of years of birth.
    """
    row_of = {talent_id: row for row, talent_id in enumerate(ids)}
    said: dict[str, Names] = {}
    for record in vault:
        row = row_of.get(record.talent_id)
        if row is None:
            continue
        for name, value in _values(record, year).items():
            said.setdefault(name, np.full(len(ids), None, dtype=object))[row] = value
    single = [_grouped(name, values, MIN_GROUP) for name, values in sorted(said.items())]
    crossed = [
        _grouped(f"{one}{CROSS}{other}", _both(said[one], said[other]), MIN_CROSSED)
        for one, other in combinations([name for name in _CROSSED if name in said], 2)
    ]
    return [*single, *crossed]


def _values(record: AuditAttributes, year: int) -> Mapping[str, str]:
    values = {name: value for name, value in record.model_dump(exclude={"talent_id", "birth_year"}).items() if value}
    if record.birth_year is not None:
        values["age"] = next((band for low, band in AGE_FROM if year - record.birth_year >= low), AGE_FROM[-1][1])
    return values


def _both(one: Names, other: Names) -> Names:
    pairs = [None if a is None or b is None else f"{a}, {b}" for a, b in zip(one, other, strict=True)]
    return np.array(pairs, dtype=object)


def _grouped(name: str, values: Names, minimum: int) -> Attribute:
    counts = Counter(value for value in values if value is not None)
    kept = sorted((value for value, n in counts.items() if n >= K_ANONYMITY), key=lambda value: (-counts[value], value))
    n_pooled = len(values) - sum(counts[value] for value in kept)
    while kept and 0 < n_pooled < K_ANONYMITY:
        n_pooled += counts[kept.pop()]
    columns = [values == value for value in kept]
    if n_pooled:
        columns.append(~np.logical_or.reduce([np.zeros(len(values), dtype=np.bool_), *columns]))
        kept.append(POOLED)
    return Attribute(name, tuple(kept), np.column_stack(columns).astype(np.bool_), minimum)
