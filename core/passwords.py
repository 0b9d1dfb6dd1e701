"""Hashes of passwords: Argon2id (RFC 9106), by argon2-cffi."""

import secrets
import threading
from functools import cached_property
from typing import Final

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from core.accounts import normalised

N_AT_ONCE: Final = 4
"""Hashes made at the same time: each takes its memory, and a burst of logins must not take it all."""


class Passwords:
    """Makes and checks hashes; safe to share between threads.

    Args:
        passes: over the memory.
        memory_kib: that one hash takes.
        lanes: threads of one hash.

    The defaults are the second choice of RFC 9106 §4, for machines that do more than log people in. Tests hash cheaply;
    a hash names its own parameters, so those made with others still work and are replaced at the next login.
    """

    def __init__(self, *, passes: int = 3, memory_kib: int = 64 * 1024, lanes: int = 4) -> None:
        self._hasher = PasswordHasher(
            time_cost=passes, memory_cost=memory_kib, parallelism=lanes, hash_len=32, salt_len=16, type=Type.ID
        )
        self._places = threading.BoundedSemaphore(N_AT_ONCE)

    @cached_property
    def _nobodys(self) -> str:
        """A hash that no password fits."""
        return self._hasher.hash(secrets.token_urlsafe())

    def hash(self, password: str) -> str:
        """The hash to keep."""
        with self._places:
            return self._hasher.hash(normalised(password))

    def verify(self, kept: str | None, password: str) -> bool:
        """Whether this is the password; takes as long where there is no account as where there is one.

        Args:
            kept: the hash; None where there is no such account or it has no password.
            password: what was typed.
        """
        with self._places:
            try:
                self._hasher.verify(kept if kept is not None else self._nobodys, normalised(password))
            except (VerificationError, InvalidHashError):
                return False
        return kept is not None

    def outdated(self, kept: str) -> bool:
        """Whether the hash was made with other parameters than now."""
        return self._hasher.check_needs_rehash(kept)
