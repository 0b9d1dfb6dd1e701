"""Conditional requests (RFC 9110 §13): entity tags for readers who cache and writers who share a record."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Header, Response

from api.problems import PreconditionFailed, RequestRefused
from core.errors import NotFound

_TAG = re.compile(r'(?P<weak>W/)?"(?P<tag>[\x21\x23-\x7e]{0,128})"')
_LIST = re.compile(r'\s*(?:W/)?"[\x21\x23-\x7e]{0,128}"\s*(?:,\s*(?:W/)?"[\x21\x23-\x7e]{0,128}"\s*){0,19}')

TagHeader = Annotated[str | None, Header(max_length=4_096, description='Entity tags in quotes, or *. Example: "3f2a".')]


@dataclass(frozen=True, slots=True)
class Tags:
    """The entity tags of one header.

    Attributes:
        anything: the header said ``*``.
        strong: tags without quotes that may be compared byte for byte.
        weak: tags, without quotes, that were marked ``W/``.
    """

    anything: bool = False
    strong: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()


def parse_tags(header: str | None) -> Tags | None:
    """Reads an If-Match or If-None-Match header.

    Raises:
        RequestRefused: the header is neither ``*`` nor a list of quoted tags (400).
    """
    if header is None:
        return None
    if header.strip() == "*":
        return Tags(anything=True)
    if not _LIST.fullmatch(header):
        raise RequestRefused(
            HTTPStatus.BAD_REQUEST,
            'If-Match and If-None-Match take * or quoted tags, as in ETag: "3f2a".',
        )
    found = list(_TAG.finditer(header))
    return Tags(
        strong=tuple(one["tag"] for one in found if not one["weak"]),
        weak=tuple(one["tag"] for one in found if one["weak"]),
    )


@dataclass(frozen=True, slots=True)
class WriteCondition:
    """What must hold before a record is written.

    Attributes:
        match: the record must be at one of these tags.
        only_new: the record must not be there yet.
    """

    match: Tags | None
    only_new: bool

    @property
    def given(self) -> bool:
        """Whether the writer set any condition."""
        return self.match is not None or self.only_new

    def tag(self, current: Callable[[], str]) -> str | None:
        """The one tag at which the record must be when it is written.

        Args:
            current: reads the tag at which the record is now; raises NotFound when there is none.

        Returns:
            None when any state will do.

        Raises:
            PreconditionFailed: the record is not there, or at none of the tags.
        """
        if self.match is None:
            return None
        if len(self.match.strong) == 1:
            return self.match.strong[0]
        try:
            now = current()
        except NotFound:
            raise PreconditionFailed("There is no such record yet; leave If-Match out to make it.") from None
        if self.match.anything or now in self.match.strong:
            return now
        raise PreconditionFailed("The record was changed since you read it; read it again and redo the change.")


async def _write_condition(if_match: TagHeader = None, if_none_match: TagHeader = None) -> WriteCondition:
    absent = parse_tags(if_none_match)
    if absent is not None and not absent.anything:
        raise RequestRefused(HTTPStatus.BAD_REQUEST, "A write takes If-None-Match: * only; for a version use If-Match.")
    match = parse_tags(if_match)
    if match is not None and absent is not None:
        raise RequestRefused(HTTPStatus.BAD_REQUEST, "Send If-Match or If-None-Match, not both.")
    return WriteCondition(match=match, only_new=absent is not None)


async def _known_tags(if_none_match: TagHeader = None) -> Tags | None:
    return parse_tags(if_none_match)


Condition = Annotated[WriteCondition, Depends(_write_condition)]
Known = Annotated[Tags | None, Depends(_known_tags)]


def quoted(etag: str) -> str:
    """The tag as it stands in an ETag header."""
    return f'"{etag}"'


def not_modified(etag: str, known: Tags | None) -> Response | None:
    """304 when the reader already has this version (weak comparison), else None."""
    if known is None or not (known.anything or etag in known.strong or etag in known.weak):
        return None
    return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": quoted(etag)})
