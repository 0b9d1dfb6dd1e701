"""Groups of the audit: bands, pools, and nothing that points at a person."""

from core.records import AuditAttributes
from training.audit_groups import CROSS, K_ANONYMITY, POOLED, attributes_of


def vault(*groups: tuple[int, dict[str, object]]) -> tuple[list[AuditAttributes], list[str]]:
    records = [
        AuditAttributes.model_validate({"talent_id": f"t-{number}-{one}", **said})
        for number, (size, said) in enumerate(groups)
        for one in range(size)
    ]
    return records, [record.talent_id for record in records]


def sizes(attribute) -> dict[str, int]:
    return dict(zip(attribute.names, attribute.sizes, strict=True))


def test_groups_are_counted_by_hand() -> None:
    records, ids = vault((40, {"gender": "vrouw"}), (60, {"gender": "man"}), (25, {}))
    (gender,) = attributes_of(records, ids, year=2026)
    assert sizes(gender) == {"man": 60, "vrouw": 40, POOLED: 25}
    assert (gender.members.sum(axis=1) == 1).all()
    assert gender.members[0].tolist() == [False, True, False]


def test_age_bands_by_year_of_birth() -> None:
    years = (2001, 1999, 1982, 1981, 1972, 1971, 1950)
    records, ids = vault(*((12, {"birth_year": year}) for year in years))
    (age,) = attributes_of(records, ids, year=2026)
    assert sizes(age) == {"27 to 44": 24, "45 to 54": 24, "55 and over": 24, "under 27": 12}


def test_a_small_group_is_pooled_and_takes_company_so_that_it_cannot_be_worked_out() -> None:
    records, ids = vault((50, {"background": "A"}), (20, {"background": "B"}), (3, {"background": "C"}))
    (background,) = attributes_of(records, ids, year=2026)
    assert sizes(background) == {"A": 50, POOLED: 23}
    alone = attributes_of(*vault((50, {"background": "A"}), (3, {"background": "C"})), year=2026)
    assert sizes(alone[0]) == {POOLED: 53}


def test_an_attribute_that_is_as_good_as_a_name_says_nothing() -> None:
    records, ids = vault(*((1, {"case_number": f"Z{number}"}) for number in range(80)))
    (case,) = attributes_of(records, ids, year=2026)
    assert sizes(case) == {POOLED: 80}


def test_two_attributes_together_are_counted_where_both_are_known() -> None:
    records, ids = vault((30, {"gender": "man", "birth_year": 1985}), (20, {"gender": "man", "birth_year": 1960}))
    found = {one.name: one for one in attributes_of(records, [*ids, "t-nobody"], year=2026)}
    crossed = found[f"gender{CROSS}age"]
    assert crossed.crossed
    assert sizes(crossed) == {"man, 27 to 44": 30, POOLED: 21}
    assert min(crossed.sizes) >= K_ANONYMITY


def test_people_outside_the_audit_do_not_count() -> None:
    records, ids = vault((40, {"gender": "vrouw"}))
    assert attributes_of(records, ["somebody else"] * 5, year=2026) == []
    assert attributes_of([], ids, year=2026) == []
