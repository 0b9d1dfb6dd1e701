"""Sections of SBI 2008, as Statistics Netherlands prints them."""

import pytest

from core.sectors import Sector, sector_of


@pytest.mark.parametrize(
    ("code", "sector"),
    [
        ("81.21", Sector.SERVICES),
        ("8121", Sector.SERVICES),
        ("82", Sector.SERVICES),
        ("43.22.1", Sector.CONSTRUCTION),
        ("01.11", Sector.AGRICULTURE),
        ("99", Sector.INTERNATIONAL),
        ("49.41", Sector.TRANSPORT),
        ("56.10", Sector.HOSPITALITY),
        ("88.91", Sector.CARE),
        (" q ", Sector.CARE),
        ("N", Sector.SERVICES),
        ("04", Sector.UNKNOWN),  # SBI has no such division
        ("44.10", Sector.UNKNOWN),
        ("00", Sector.UNKNOWN),
        ("Bouw", Sector.UNKNOWN),
        ("V", Sector.UNKNOWN),
        ("", Sector.UNKNOWN),
        (None, Sector.UNKNOWN),
    ],
)
def test_a_code_belongs_to_its_section(code: str | None, sector: Sector) -> None:
    assert sector_of(code) is sector


def test_every_division_of_the_standard_is_in_one_section() -> None:
    """88 divisions, counted per section in the standard (SBI 2008, update 2019)."""
    counts = dict.fromkeys(Sector, 0)
    for division in range(100):
        counts[sector_of(f"{division:02d}")] += 1
    assert [counts[sector] for sector in Sector][:-1] == [
        3, 5, 24, 1, 4, 3, 3, 5, 2, 6, 3, 1, 7, 6, 1, 1, 3, 4, 3, 2, 1,
    ]  # fmt: skip
