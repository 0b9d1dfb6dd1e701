"""Accounts, who is logged in, and attempts to log in. What a password must be is not known here, only its hash."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from core.accounts import AttemptRules, Session, User
from core.errors import Conflict, NotFound
from core.store.engine import Database
from core.store.schema import SessionRow, SignInAttemptsRow, UserRow

SEEN_EVERY: Final = timedelta(minutes=1)
"""A session writes down its last request this often: a write for every page would make readers wait in line."""
EVERYBODY: Final = "all"
_FORGOTTEN_AFTER: Final = timedelta(days=1)
_FIELDS: Final = tuple(User.model_fields)
_RIGHTS: Final = ("role", "municipality", "employer_id", "active")


class Accounts:
    """Reads and writes the accounts of the desk."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, user: User, password_hash: str | None) -> None:
        """Adds an account; raises Conflict when its name, id or subject is taken."""
        row = {**user.model_dump(), "role": user.role.value, "password_hash": password_hash}
        with self._database.writing() as connection:
            taken = connection.execute(
                sa.select(UserRow.user_id).where(
                    sa.or_(
                        UserRow.name == user.name,
                        UserRow.user_id == user.user_id,
                        sa.and_(UserRow.subject.is_not(None), UserRow.subject == user.subject),
                    )
                )
            ).first()
            if taken is not None:
                raise Conflict("there is an account with this login name already; choose another name")
            connection.execute(sa.insert(UserRow), row)

    def replace(self, user: User) -> None:
        """Writes an account as it now is. Raises NotFound, Conflict.

        Where it may do something else now, whoever is logged in with it logs in anew.
        """
        with self._database.writing() as connection:
            before = _to_user(_one(connection, UserRow.user_id == user.user_id))
            other = connection.execute(
                sa.select(UserRow.user_id).where(UserRow.name == user.name, UserRow.user_id != user.user_id)
            ).first()
            if other is not None:
                raise Conflict("there is an account with this login name already; choose another name")
            values = user.model_dump(exclude={"user_id", "created_at", "signed_in_at"}) | {"role": user.role.value}
            connection.execute(sa.update(UserRow).where(UserRow.user_id == user.user_id).values(**values))
            if any(getattr(before, name) != getattr(user, name) for name in _RIGHTS):
                connection.execute(sa.delete(SessionRow).where(SessionRow.user_id == user.user_id))

    def set_password(self, user_id: str, password_hash: str, *, end_sessions: bool) -> None:
        """Keeps another hash. Raises NotFound."""
        with self._database.writing() as connection:
            done = connection.execute(
                sa.update(UserRow).where(UserRow.user_id == user_id).values(password_hash=password_hash)
            )
            if done.rowcount == 0:
                raise _unknown()
            if end_sessions:
                connection.execute(sa.delete(SessionRow).where(SessionRow.user_id == user_id))

    def get(self, user_id: str) -> User:
        """By id. Raises NotFound."""
        with self._database.reading() as connection:
            return _to_user(_one(connection, UserRow.user_id == user_id))

    def named(self, name: str) -> tuple[User, str | None] | None:
        """The account with this login name, and the hash of its password; None when there is none."""
        return self._found(UserRow.name == name)

    def with_subject(self, subject: str) -> User | None:
        """The account that comes from the organisation's own login, if there is one."""
        found = self._found(UserRow.subject == subject)
        return None if found is None else found[0]

    def page(self, *, limit: int, offset: int = 0) -> list[User]:
        """Up to ``limit`` accounts by login name, after the first ``offset``; there are tens of them, not thousands."""
        query = sa.select(UserRow.__table__).order_by(UserRow.name).limit(limit).offset(offset)
        with self._database.reading() as connection:
            return [_to_user(row) for row in connection.execute(query).mappings()]

    def _found(self, condition: sa.ColumnElement[bool]) -> tuple[User, str | None] | None:
        with self._database.reading() as connection:
            row = connection.execute(sa.select(UserRow.__table__).where(condition)).mappings().first()
        return None if row is None else (_to_user(row), row["password_hash"])

    # Who is logged in

    def start(self, token_hash: str, session: Session, *, instead_of: str | None) -> None:
        """Keeps a new session; the one that the browser had before ends, and so do all that ran out."""
        with self._database.writing() as connection:
            gone = SessionRow.expires_at <= session.created_at
            if instead_of is not None:
                gone = sa.or_(gone, SessionRow.token_hash == instead_of)
            connection.execute(sa.delete(SessionRow).where(gone))
            row = session.model_dump(exclude={"user"})
            connection.execute(
                sa.insert(SessionRow), {**row, "token_hash": token_hash, "user_id": session.user.user_id}
            )
            connection.execute(
                sa.update(UserRow)
                .where(UserRow.user_id == session.user.user_id)
                .values(signed_in_at=session.created_at)
            )

    def session(self, token_hash: str, *, idle: timedelta, now: datetime) -> Session | None:
        """The session of a token; None when it is not there, ran out, or its person may not log in any more."""
        columns = (SessionRow.csrf, SessionRow.created_at, SessionRow.seen_at, SessionRow.expires_at)
        query = (
            sa.select(
                *(column.label(f"session_{column.key}") for column in columns),
                *(getattr(UserRow, name) for name in _FIELDS),
            )
            .join(UserRow, UserRow.user_id == SessionRow.user_id)
            .where(
                SessionRow.token_hash == token_hash,
                SessionRow.expires_at > now,
                SessionRow.seen_at > now - idle,
                UserRow.active.is_(True),
            )
        )
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().first()
        if row is None:
            return None
        session = Session(user=_to_user(row), **{column.key: row[f"session_{column.key}"] for column in columns})
        if now - session.seen_at >= SEEN_EVERY:
            with self._database.writing() as connection:
                connection.execute(sa.update(SessionRow).where(SessionRow.token_hash == token_hash).values(seen_at=now))
        return session

    def end(self, token_hash: str) -> None:
        """Ends a session; none with this token is as good."""
        with self._database.writing() as connection:
            connection.execute(sa.delete(SessionRow).where(SessionRow.token_hash == token_hash))

    # Attempts

    def note_attempt(self, key: str, rules: AttemptRules, *, now: datetime) -> bool:
        """Counts an attempt to log in before its password is looked at, so that attempts at once count too.

        Args:
            key: hash of the name that was typed.
            rules: how often it may be tried.
            now: the moment.

        Returns:
            Whether the password may be looked at; an attempt that has to wait does not count.
        """
        old = sa.or_(
            SignInAttemptsRow.last_at < now - _FORGOTTEN_AFTER,
            sa.and_(SignInAttemptsRow.key == EVERYBODY, SignInAttemptsRow.first_at <= now - rules.everybody_every),
        )
        with self._database.writing() as connection:
            connection.execute(sa.delete(SignInAttemptsRow).where(old))
            rows = connection.execute(
                sa.select(SignInAttemptsRow.key, SignInAttemptsRow.n, SignInAttemptsRow.last_at).where(
                    SignInAttemptsRow.key.in_([key, EVERYBODY])
                )
            )
            known = {row.key: row for row in rows}
            mine, everybody = known.get(key), known.get(EVERYBODY)
            if everybody is not None and everybody.n >= rules.everybody:
                return False
            if mine is not None and now < mine.last_at + rules.wait_after(mine.n):
                return False
            for counted in (key, EVERYBODY):
                _count(connection, counted, now, known=counted in known)
        return True

    def forget_attempts(self, key: str) -> None:
        """What went before is forgotten: the right password came, or a new one was set."""
        with self._database.writing() as connection:
            connection.execute(sa.delete(SignInAttemptsRow).where(SignInAttemptsRow.key == key))
            connection.execute(
                sa.update(SignInAttemptsRow)
                .where(SignInAttemptsRow.key == EVERYBODY, SignInAttemptsRow.n > 0)
                .values(n=SignInAttemptsRow.n - 1)
            )


def _count(connection: Connection, key: str, now: datetime, *, known: bool) -> None:
    if known:
        connection.execute(
            sa.update(SignInAttemptsRow)
            .where(SignInAttemptsRow.key == key)
            .values(n=SignInAttemptsRow.n + 1, last_at=now)
        )
    else:
        connection.execute(sa.insert(SignInAttemptsRow), {"key": key, "n": 1, "first_at": now, "last_at": now})


def _one(connection: Connection, condition: sa.ColumnElement[bool]) -> RowMapping:
    row = connection.execute(sa.select(UserRow.__table__).where(condition)).mappings().first()
    if row is None:
        raise _unknown()
    return row


def _unknown() -> NotFound:
    return NotFound("there is no such account; kansrijk users list shows all")


def _to_user(row: Mapping[str, object] | RowMapping) -> User:
    return User.model_validate({name: row[name] for name in _FIELDS})
