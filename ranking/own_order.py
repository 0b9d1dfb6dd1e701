"""The order that a matchmaker made of a list: her moves, one after another, on the order that the list gave."""

from collections.abc import Iterable, Sequence

from core.records import Event, Overruled


def moves_of(events: Iterable[Event], shortlist_id: str) -> list[Overruled]:
    """The moves on one list, in the order in which they were made."""
    moves = [event for event in events if isinstance(event, Overruled) and event.shortlist_id == shortlist_id]
    return sorted(moves, key=lambda move: (move.occurred_at, move.event_id))


def reordered(talent_ids: Sequence[str], moves: Iterable[Overruled]) -> list[str]:
    """The list after the moves: each takes someone out and puts them on their new place; who stood there moves on.

    Args:
        talent_ids: as the list gave them, best first.
        moves: in the order in which they were made; of who is not on the list (any more) they do nothing. A place
            beyond the end is the last.
    """
    order = list(talent_ids)
    for move in moves:
        if move.talent_id in order:
            order.remove(move.talent_id)
            order.insert(move.rank - 1, move.talent_id)
    return order


def last_moves(moves: Iterable[Overruled]) -> dict[str, Overruled]:
    """The last move of each person who was moved, by talent_id."""
    return {move.talent_id: move for move in moves}
