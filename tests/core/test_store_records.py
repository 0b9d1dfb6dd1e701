"""Talents and vacancies: writing, reading, history. Each test on SQLite and on PostgreSQL."""

from datetime import UTC, datetime, timedelta

import pytest

from core.errors import Conflict, NotFound
from core.records import Talent, Vacancy
from core.store import Change, ChangeKind, PutOutcome, Store, VacancyOwner
from core.vocabulary import VacancyStatus

CREATED, UPDATED, UNCHANGED = PutOutcome.CREATED, PutOutcome.UPDATED, PutOutcome.UNCHANGED
NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def talent(key: str, **fields: object) -> Talent:
    return Talent.model_validate({"talent_id": key, **fields})


def vacancy(key: str, **fields: object) -> Vacancy:
    return Vacancy.model_validate({"vacancy_id": key, "title": "Magazijnmedewerker", **fields})


def test_an_empty_store_has_nothing(store: Store):
    assert store.last_seq() == 0
    assert store.changes(after_seq=0) == []
    assert store.count_talents() == 0
    assert list(store.iter_talents()) == []
    assert list(store.iter_talents(as_of=NOW)) == []
    assert store.talents_by_id(["a"]) == {}
    with pytest.raises(NotFound, match="talent a"):
        store.talent("a")
    with pytest.raises(NotFound, match="vacancy a"):
        store.vacancy("a", as_of=NOW)


def test_what_was_written_comes_back(store: Store):
    rich = talent(
        "a",
        presentation='Ik pak graag aan, ook met m\'n "handen" – ’s ochtends',
        behaviours=[{"code": 24105, "level": 1}, {"code": 24116}],
        experience=[],
        licences=["B"],
        languages=[{"code": "nld", "spoken": 3, "written": None}],
        location={"postcode": "3011 ab", "lat": 51.92, "lon": 4.48},
        transport=["bicycle"],
        hours_min=20,
        irregular_hours=False,
        available_from="2025-07-01",
        updated_at="2025-05-01T10:00:00+02:00",
        extra={"groot": 10**30, "lijst": [1, None, {"x": "y"}]},
    )
    assert store.put_talents([rich], now=NOW) == [CREATED]
    stored = store.talent("a")
    assert stored.record == rich
    assert stored.record.licences == ["B"]
    assert stored.record.experience == []  # "none" ...
    assert stored.record.certificates is None  # ... is not "not known"
    assert stored.seq == 1
    assert stored.valid_from == datetime(2025, 5, 1, 8, tzinfo=UTC)


def test_writing_the_same_again_changes_nothing(store: Store):
    records = [talent("a", skills=["lassen"]), talent("b", updated_at=NOW)]
    assert store.put_talents(records, now=NOW) == [CREATED, CREATED]
    before = [store.talent("a"), store.talent("b")]
    assert store.put_talents(records, now=NOW + DAY) == [UNCHANGED, UNCHANGED]
    assert [store.talent("a"), store.talent("b")] == before
    assert store.last_seq() == 2


def test_a_date_of_change_counts_only_when_it_is_given(store: Store):
    store.put_talents([talent("a")], now=NOW)
    assert store.put_talents([talent("a", updated_at=NOW)], now=NOW + DAY) == [UNCHANGED]  # the same, spelled out
    assert store.put_talents([talent("a", updated_at=NOW + DAY)], now=NOW + DAY) == [UPDATED]
    assert store.put_talents([talent("a")], now=NOW + 2 * DAY) == [UNCHANGED]
    assert store.talent("a").record.updated_at == NOW + DAY


def test_in_one_batch_the_later_of_two_wins(store: Store):
    batch = [talent("a", skills=["1"]), talent("b"), talent("a", skills=["2"]), talent("a", skills=["2"])]
    assert store.put_talents(batch, now=NOW) == [CREATED, CREATED, UPDATED, UNCHANGED]
    assert store.talent("a").record.skills == ["2"]
    assert [stored.record.skills for stored in store.talent_revisions()] == [["1"], ["2"], []]
    batch = [talent("a", skills=["3"]), talent("a", skills=["4"])]
    assert store.put_talents(batch, now=NOW) == [UPDATED, UPDATED]
    assert store.talent("a").record.skills == ["4"]


def test_every_change_gets_a_number_and_followers_see_all(store: Store):
    store.put_talents([talent("a"), talent("b")], now=NOW)
    store.put_vacancies([vacancy("v")], now=NOW)
    store.put_talents([talent("b"), talent("a", skills=["x"])], now=NOW)
    expected = [
        Change(1, ChangeKind.TALENT, "a", erased=False),
        Change(2, ChangeKind.TALENT, "b", erased=False),
        Change(3, ChangeKind.VACANCY, "v", erased=False),
        Change(4, ChangeKind.TALENT, "a", erased=False),
    ]
    assert store.changes(after_seq=0) == expected
    assert store.changes(after_seq=2, limit=1) == expected[2:3]
    assert store.changes(after_seq=4) == []
    assert store.last_seq() == 4


def test_the_past_can_be_read(store: Store):
    store.put_talents([talent("a", skills=["0"]), talent("b", updated_at=NOW + 2 * DAY)], now=NOW)
    store.put_talents([talent("a", skills=["1"])], now=NOW + DAY)
    store.put_talents([talent("a", skills=["2"], updated_at=NOW + 3 * DAY)], now=NOW + 9 * DAY)
    seen = [store.talent("a", as_of=NOW + days * DAY).record.skills for days in (-100, 0, 1, 2, 3, 100)]
    assert seen == [["0"], ["0"], ["1"], ["1"], ["2"], ["2"]]
    assert store.talent("a", as_of=NOW).valid_from is None
    # b is dated later: its first revision stands for the time before.
    assert store.talent("b", as_of=NOW).record.updated_at == NOW + 2 * DAY
    stream = {stored.record.talent_id: stored for stored in store.iter_talents(as_of=NOW + DAY)}
    assert {key: stored.record.skills for key, stored in stream.items()} == {"a": ["1"], "b": []}
    assert store.talents_by_id(["b", "a", "nobody"], as_of=NOW + DAY) == stream


def test_an_older_state_written_later_is_the_present(store: Store):
    store.put_vacancies([vacancy("v", title="nieuw", updated_at=NOW)], now=NOW)
    store.put_vacancies([vacancy("v", title="oud", updated_at=NOW - 9 * DAY)], now=NOW)
    assert store.vacancy("v").record.title == "oud"
    assert store.vacancy("v", as_of=NOW).record.title == "oud"
    # Before both, the one that was valid first.
    assert store.vacancy("v", as_of=NOW - 99 * DAY).record.title == "oud"


def test_concurrent_writers_are_told(store: Store):
    first, outcome = store.put_talent(talent("a"), now=NOW, if_none_match=True)
    assert outcome is CREATED
    with pytest.raises(Conflict, match="exists already"):
        store.put_talent(talent("a", skills=["x"]), now=NOW, if_none_match=True)
    second, outcome = store.put_talent(talent("a", skills=["x"]), now=NOW, if_match=first.etag)
    assert outcome is UPDATED
    assert second.etag != first.etag
    assert second == store.talent("a")
    with pytest.raises(Conflict, match="changed by someone else"):
        store.put_talent(talent("a", skills=["y"]), now=NOW, if_match=first.etag)
    with pytest.raises(Conflict, match="does not exist"):
        store.put_talent(talent("b"), now=NOW, if_match=first.etag)
    same, outcome = store.put_talent(talent("a", skills=["x"]), now=NOW + DAY, if_match=second.etag)
    assert (same, outcome) == (second, UNCHANGED)
    assert store.last_seq() == 2


def test_the_etag_depends_on_the_date_too(store: Store):
    first, _ = store.put_vacancy(vacancy("v", updated_at=NOW), now=NOW)
    second, _ = store.put_vacancy(vacancy("v", updated_at=NOW + DAY), now=NOW)
    assert first.etag != second.etag


def test_pages_follow_each_other_by_id(store: Store):
    ids = ["A", "Z", "a", "a-1", "a.1", "a1", "a:1", "a_1", "b", "é".encode().hex()]
    store.put_talents([talent(key) for key in reversed(ids)], now=NOW)
    seen: list[str] = []
    after = None
    while page := store.page_talents(limit=3, after=after):
        seen += [stored.record.talent_id for stored in page]
        after = seen[-1]
    assert seen == sorted(ids)  # by bytes, on both databases
    assert [stored.record.talent_id for stored in store.iter_talents()] == sorted(ids)
    for limit in (0, 10_001):
        with pytest.raises(ValueError, match="limit"):
            store.page_talents(limit=limit)


def test_vacancies_can_be_listed_by_status(store: Store):
    store.put_vacancies([vacancy(f"v{i}", status="open" if i % 3 else "filled") for i in range(7)], now=NOW)
    page = store.page_vacancies(limit=3, status=VacancyStatus.OPEN)
    assert [stored.record.vacancy_id for stored in page] == ["v1", "v2", "v4"]
    page = store.page_vacancies(limit=3, after="v4", status=VacancyStatus.OPEN)
    assert [stored.record.vacancy_id for stored in page] == ["v5"]
    store.put_vacancies([vacancy("v5", status="withdrawn")], now=NOW)
    assert store.page_vacancies(limit=3, after="v4", status=VacancyStatus.OPEN) == []
    assert len(store.page_vacancies(limit=10)) == 7
    assert store.vacancies_by_id(["v0", "nothing"]).keys() == {"v0"}


def test_inactive_talents_are_counted_apart(store: Store):
    store.put_talents([talent("a"), talent("b", active=False)], now=NOW)
    assert (store.count_talents(), store.count_talents(active_only=False)) == (1, 2)
    store.put_talents([talent("a", active=False)], now=NOW)
    assert store.count_talents() == 0


def test_streams_cross_the_borders_of_their_batches(store: Store):
    ids = [f"t{i:04}" for i in range(2_500)]
    store.put_talents([talent(key, skills=["oud"]) for key in ids], now=NOW)
    store.put_talents([talent(key, skills=["nieuw"]) for key in ids[::2]], now=NOW + DAY)
    assert [stored.record.talent_id for stored in store.iter_talents()] == ids
    past = list(store.iter_talents(as_of=NOW))
    assert [stored.record.talent_id for stored in past] == ids
    assert {skill for stored in past for skill in stored.record.skills} == {"oud"}
    history = [(stored.record.talent_id, stored.seq) for stored in store.talent_revisions()]
    assert history == sorted(history)
    assert len(history) == 3_750
    assert len(store.talents_by_id(ids)) == 2_500
    assert len(store.changes(after_seq=0)) == 3_750


def test_whose_a_vacancy_was_by_each_of_its_revisions(store: Store):
    first = Vacancy(vacancy_id="v-1", title="kok", employer={"employer_id": "inn"}, sector="56.10")
    later = Vacancy(vacancy_id="v-1", title="kok", updated_at=NOW + timedelta(days=9))  # of nobody known
    other = Vacancy(vacancy_id="v-2", title="kok", employer={"name": "De Haven"}, sector="50", updated_at=NOW)
    store.put_vacancies([first], now=NOW)
    store.put_vacancies([later, other], now=NOW)
    found = list(store.vacancy_owners(["v-2", "v-9", "v-1"]))
    assert found == [
        VacancyOwner("v-1", "inn", "56.10", None),
        VacancyOwner("v-1", None, None, NOW + timedelta(days=9)),
        VacancyOwner("v-2", None, "50", NOW),
    ]


def test_revisions_of_some_talents_only(store: Store):
    for level in (1, 2):
        store.put_talents([Talent(talent_id=f"t-{n}", education_level=level) for n in range(3)], now=NOW)
    found = [(one.record.talent_id, one.record.education_level) for one in store.talent_revisions(["t-2", "t-0"])]
    assert found == [("t-0", 1), ("t-0", 2), ("t-2", 1), ("t-2", 2)]
