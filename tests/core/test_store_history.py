"""Reading as of a date, judged by a plain list of everything that was ever written."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.records import Talent
from core.store import PutOutcome, Store

START = datetime(2025, 1, 1, tzinfo=UTC)
# A write: which content, and the day that the record says it changed, if it says so.
WRITES = st.lists(st.tuples(st.sampled_from(["x", "y"]), st.none() | st.integers(-3, 12)), min_size=1, max_size=6)


def day(number: int) -> datetime:
    return START + timedelta(days=number)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("history")
    with Store.open(f"sqlite:///{folder / 'kansrijk.db'}") as store:
        yield store


ids = (f"t{number}" for number in itertools.count())


@settings(max_examples=150, deadline=None)
@given(writes=WRITES)
def test_as_of_any_day_the_store_says_what_a_list_of_revisions_says(
    shared: Store, writes: list[tuple[str, int | None]]
):
    key = next(ids)
    # The oracle: (valid from, None for ever; content; date it carries), one for each write that changed something.
    kept: list[tuple[int | None, str, int]] = []
    for now, (skill, dated) in enumerate(writes):
        record = Talent(talent_id=key, skills=[skill], updated_at=None if dated is None else day(dated))
        (outcome,) = shared.put_talents([record], now=day(now))
        same = bool(kept) and kept[-1][1] == skill and dated in {None, kept[-1][2]}
        assert (outcome is PutOutcome.UNCHANGED) == same
        if not same:
            valid_from = dated if dated is not None else (now if kept else None)
            kept.append((valid_from, skill, now if dated is None else dated))
    for as_of in range(-5, 15):
        valid = [row for row in kept if row[0] is None or row[0] <= as_of]
        expected = valid[-1] if valid else min(kept, key=lambda row: row[0] if row[0] is not None else -99)
        stored = shared.talent(key, as_of=day(as_of))
        assert (stored.record.skills, stored.record.updated_at) == ([expected[1]], day(expected[2]))
        assert stored.valid_from == (None if expected[0] is None else day(expected[0]))
    assert shared.talent(key).record.skills == [kept[-1][1]]
