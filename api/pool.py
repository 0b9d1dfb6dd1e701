"""Threads for ranking, apart from those of all other requests, and a queue with an end."""

from collections.abc import Callable
from typing import Annotated, TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import Depends, Request

from api.problems import Busy

MAX_WAITING = 64
"""Rankings that may wait for a thread; one more is told to come back, instead of waiting without end."""

T = TypeVar("T")


class RankingPool:
    """Runs rankings in threads of its own, so that other requests never wait for ranking.

    Args:
        n_threads: rankings made at the same time.
        max_waiting: rankings that wait.
    """

    def __init__(self, n_threads: int, max_waiting: int = MAX_WAITING) -> None:
        self._limiter = CapacityLimiter(n_threads)
        self._n_places = n_threads + max_waiting
        self._n_taken = 0

    async def run(self, call: Callable[[], T]) -> T:
        """What the call returns, made in a thread.

        Raises:
            Busy: all places are taken.
        """
        if self._n_taken >= self._n_places:
            raise Busy("Too many shortlists are being made at this moment; ask again in a few seconds.")
        self._n_taken += 1
        try:
            return await to_thread.run_sync(call, limiter=self._limiter)
        finally:
            self._n_taken -= 1


async def _pool_of(request: Request) -> RankingPool:
    """The pool that the lifespan made."""
    pool: RankingPool = request.state.ranking_pool
    return pool


OpenPool = Annotated[RankingPool, Depends(_pool_of)]
"""Parameter type of endpoints that rank."""
