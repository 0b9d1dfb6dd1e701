"""A vacancy from an employer's text: paste it, check what was read, keep it, make its shortlist; and changing one."""

import hashlib
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from api.bodies import VacancyId
from api.desk import words
from api.desk.roles import Permission, requires
from api.desk.site import catalogue, page, redirect
from api.desk.vacancies import reader_of, shortlist_address, vacancy_title
from api.desk.vacancy_facts import education_words, fact_name, irregular_words, language_words, sector_words, today_of
from api.desk.vacancy_form import (
    EDUCATION,
    LEVELS,
    LICENCES,
    MAX_LANGUAGES,
    Basis,
    Typed,
    TypedForm,
    languages,
    typed_of,
    vacancy_of,
)
from api.pool import OpenPool
from api.service import OpenService, Service
from core.accounts import User
from core.errors import Conflict
from core.records import Employer, Language, Vacancy
from core.sectors import Sector
from core.store import Stored
from core.vocabulary import BEHAVIOURS_NL, Transport
from ranking.reading import Proposed, Quote, Sureness
from ranking.reading.reader import MAX_CHARS
from ranking.vacancy_list import known_employer, same_open_vacancy

router = APIRouter()

EMPLOYERS_OFFERED: Final = 300
_NEW: Final = "/vacatures/nieuw"
_READ, _KEEP, _RANK = "lezen", "bewaren", "shortlist"
_FEWEST_LANGUAGES: Final = 2
Writer = Annotated[User, requires(Permission.VACANCY_ADD)]
# A field of the form, and the field of the record that fills it, where they have other names.
_FILLED_FROM: Final = {"title": "occupation", "place": "location"}
_SHOWN: Final = (
    "title", "positions", "hours_min", "hours_max", "irregular_hours", "starts_on", "contract_ends_on", "place",
    "transport_required", "education_level_min", "licences_required", "certificates_required", "languages_required",
    "skills_required", "skills_desired", "training_offered",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """What the text says for a field.

    Attributes:
        value: the item of a list that it fills, in Dutch; None where the field holds one value.
        quote: the words.
        sureness: how sure; None where it fills nothing.
    """

    value: str | None
    quote: Quote
    sureness: Sureness | None

    @property
    def how_sure(self) -> str:
        """In Dutch."""
        return catalogue()(f"new_vacancy.sure.{self.sureness or 'mention'}")


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the form shows around its fields.

    Attributes:
        said: by field of the form, in the order of the text's proposals.
        text: the employer's text in stretches, each with whether a proposal rests on it.
    """

    said: Mapping[str, Sequence[Said]]
    text: Sequence[tuple[str, bool]]

    @property
    def unsure(self) -> list[str]:
        """Fields that need another look."""
        return [field for field, said in self.said.items() if any(one.sureness is Sureness.LIKELY for one in said)]

    @property
    def n_filled(self) -> int:
        """Fields that the text filled."""
        return sum(any(one.sureness for one in said) for said in self.said.values())


@router.get(_NEW)
def ask_text(request: Request, service: OpenService, _user: Writer) -> Response:
    """Step 1: the text and the employer."""
    return _text_page(request, service, Typed({}), {})


@router.post(_NEW)
async def answer(request: Request, service: OpenService, pool: OpenPool, typed: TypedForm, user: Writer) -> Response:
    """Step 1 sent: reads the text. Step 2 sent: keeps the vacancy, and makes its shortlist where asked."""
    if typed.one("actie") not in {_KEEP, _RANK}:
        return await run_in_threadpool(_read, request, service, typed)
    vacancy, response = await run_in_threadpool(_keep_new, request, service, typed, user)
    if vacancy is None:
        return response
    return await _kept(request, service, pool, vacancy, typed)


@router.get("/vacatures/{vacancy_id}/wijzig")
def ask_change(request: Request, vacancy_id: VacancyId, service: OpenService, _user: Writer) -> Response:
    """The form of a vacancy that is there."""
    stored = service.store.vacancy(vacancy_id)
    told = reader_of(request, service).told(stored.record)
    return _change_page(request, service, stored, typed_of(told.record), {})


@router.post("/vacatures/{vacancy_id}/wijzig")
async def change(
    request: Request, vacancy_id: VacancyId, service: OpenService, pool: OpenPool, typed: TypedForm, user: Writer
) -> Response:
    """Keeps the change, if nobody else changed the vacancy meanwhile."""
    vacancy, response = await run_in_threadpool(_keep_change, request, service, vacancy_id, typed, user)
    if vacancy is None:
        return response
    return await _kept(request, service, pool, vacancy, typed)


async def _kept(request: Request, service: Service, pool: OpenPool, vacancy: Vacancy, typed: Typed) -> Response:
    """Leads on from a vacancy that was kept: to its page, or to its new shortlist."""
    own = f"/vacatures/{vacancy.vacancy_id}"
    if typed.one("actie") != _RANK:
        return redirect(own, done="new_vacancy.done.kept")
    address = await shortlist_address(request, service, pool, vacancy)
    return redirect(address) if address else redirect(own, done="new_vacancy.done.kept_only")


def _read(request: Request, service: Service, typed: Typed) -> Response:
    """The text as fields to check, or what is wrong with it."""
    t, errors = catalogue(), {}
    if not typed.one("employer"):
        errors["employer"] = t("new_vacancy.error.employer_missing")
    if not typed.one("description"):
        errors["description"] = t("new_vacancy.error.text_missing")
    if (n_over := len(typed.one("description")) - MAX_CHARS) > 0:
        errors["description"] = t("new_vacancy.error.text_long", n=words.number(n_over))
    if errors:
        return _text_page(request, service, typed, errors)
    asked = Vacancy(
        vacancy_id="new", description=typed.one("description"), employer=Employer(name=typed.one("employer")[:120])
    )
    today = today_of(service.clock)
    record = reader_of(request, service).told(asked, asked_on=today).record
    # What an employer is called for is the title; the record keeps the occupation for where the two differ.
    named = (record.occupation or "")[:1].upper() + (record.occupation or "")[1:]
    known = known_employer(service.store.desk.vacancies(), asked.employer.name)
    filled = record.model_copy(update={"title": named, "occupation": None, "sector": known.sector if known else None})
    return _check_page(request, service, typed_of(filled), {})


def _keep_new(request: Request, service: Service, typed: Typed, user: User) -> tuple[Vacancy | None, Response]:
    """Writes the new vacancy; None, and the form again, where that cannot be."""
    known = known_employer(service.store.desk.vacancies(), typed.one("employer"))
    today, once = today_of(service.clock), typed.one("once") or uuid.uuid4().hex
    # Made from the form's one-time id: sending the form twice makes one vacancy.
    number = hashlib.sha256(once.encode()).hexdigest()[:8]
    employer = Employer(employer_id=known.employer_id if known else f"e-{number}")
    blank = Vacancy(vacancy_id=f"v-{today:%Y%m%d}-{number}", title="-", employer=employer, extra={"by": user.user_id})
    basis = Basis(blank, service.store.desk.places(), (known.sector if known else None,))
    vacancy, errors = vacancy_of(typed, basis)
    if not typed.one("employer"):
        errors = {"employer": catalogue()("new_vacancy.error.employer_missing")} | errors
    if vacancy is None or errors:
        return None, _check_page(request, service, typed, errors)
    try:
        service.store.put_vacancy(vacancy, now=service.clock(), if_none_match=True)
    except Conflict:
        before = service.store.vacancy(vacancy.vacancy_id).record
        if before.model_copy(update={"updated_at": None}) != vacancy:
            return None, _check_page(request, service, typed, {}, sent=before)
    return vacancy, Response()


def _keep_change(
    request: Request, service: Service, vacancy_id: str, typed: Typed, user: User
) -> tuple[Vacancy | None, Response]:
    """Writes the changed vacancy; None, and the form again, where that cannot be."""
    stored = service.store.vacancy(vacancy_id)
    before = stored.record.model_copy(update={"extra": {**stored.record.extra, "by": user.user_id}})
    vacancy, errors = vacancy_of(typed, Basis(before, service.store.desk.places()))
    if vacancy is None:
        return None, _change_page(request, service, stored, typed, errors)
    try:
        service.store.put_vacancy(vacancy, now=service.clock(), if_match=typed.one("etag") or "none")
    except Conflict:
        return None, _change_page(request, service, service.store.vacancy(vacancy_id), typed, {}, meanwhile=True)
    return vacancy, Response()


def _text_page(request: Request, service: Service, typed: Typed, errors: Mapping[str, str]) -> Response:
    employers = {line.employer for line in service.store.desk.vacancies() if line.employer}
    return page(
        request,
        "new_vacancy.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        step=1,
        typed=typed,
        errors=errors,
        employers=sorted(employers)[:EMPLOYERS_OFFERED],
        max_chars=MAX_CHARS,
    )


def _check_page(
    request: Request, service: Service, typed: Typed, errors: Mapping[str, str], *, sent: Vacancy | None = None
) -> Response:
    """Step 2.

    Args:
        request: of the visitor.
        service: the store.
        typed: what stands in the form.
        errors: what has to be mended.
        sent: the vacancy that this very form made before, with other content.
    """
    today = today_of(service.clock)
    text = typed.one("description")
    same = same_open_vacancy(service.store.desk.vacancies(), typed.one("employer"), text) if text else None
    known = known_employer(service.store.desk.vacancies(), typed.one("employer"))
    sheet = _sheet(request, service, text, today)
    status = HTTPStatus.CONFLICT if sent else HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
    return page(
        request,
        "new_vacancy.html",
        status=status,
        step=2,
        typed=typed,
        errors=errors,
        sheet=sheet,
        postcodes=_postcodes(service, sheet, typed),
        same=same if sent is None else None,
        sent=sent,
        sector_known=sector_words(known.sector) if known else "",
        **_choices(typed),
    )


def _change_page(
    request: Request,
    service: Service,
    stored: Stored[Vacancy],
    typed: Typed,
    errors: Mapping[str, str],
    *,
    meanwhile: bool = False,
) -> Response:
    """The form of a vacancy that is there.

    Args:
        request: of the visitor.
        service: the store.
        stored: the vacancy as it is now.
        typed: what stands in the form; its etag is that of the vacancy that the visitor began to change.
        errors: what has to be mended.
        meanwhile: somebody else changed the vacancy.
    """
    vacancy = stored.record
    written_on = vacancy.updated_at.date() if vacancy.updated_at else today_of(service.clock)
    # A field that somebody filled in needs no words of the text beside it.
    read = reader_of(request, service).told(vacancy).read
    sheet = _sheet(request, service, vacancy.description, written_on, only=read)
    return page(
        request,
        "edit_vacancy.html",
        status=HTTPStatus.CONFLICT if meanwhile else HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        typed=typed,
        errors=errors,
        vacancy=vacancy,
        title=vacancy_title(vacancy),
        # Who keeps it once more after being told of the other change, means it.
        etag=stored.etag if meanwhile else typed.one("etag") or stored.etag,
        meanwhile=meanwhile,
        sheet=sheet,
        postcodes=_postcodes(service, sheet, typed),
        sector_known="",
        **_choices(typed),
    )


def _sheet(request: Request, service: Service, text: str, today: date, *, only: Collection[str] | None = None) -> Sheet:
    """What the text says, field by field, and the text itself with those words marked.

    Args:
        request: of the visitor.
        service: the store.
        text: of the employer.
        today: the day on which it was written.
        only: fields of the record to tell about; all where left out.
    """
    proposal = reader_of(request, service).proposal(text, today=today) if text else None
    if proposal is None:
        return Sheet({}, [])
    said: dict[str, list[Said]] = {}
    for field in _SHOWN:
        source = _FILLED_FROM.get(field, field)
        if only is not None and source not in only:
            continue
        several = source in {"skills_required", "skills_desired", "certificates_required", "training_offered"}
        several = several or source in {"languages_required", "licences_required", "transport_required"}
        found = [Said(_in_words(one, several=several), one.quote, one.sureness) for one in proposal.of(source)]
        found += [Said(None, quote, None) for quote in proposal.mentioned(source)]
        if found:
            said[field] = found
    used = (one.quote for several_said in said.values() for one in several_said if one.sureness)
    spans = sorted((quote.start, quote.end) for quote in used)
    return Sheet(said, marked(text, spans))


def _in_words(one: Proposed, *, several: bool) -> str | None:
    """What a proposal fills in, where its field does not show it beside the words."""
    value = one.value
    if isinstance(value, Language):
        return language_words(value)
    if isinstance(value, date):
        return words.day(value)
    if one.field == "transport_required":
        return catalogue().label(Transport(str(value)))
    if one.field == "education_level_min":
        return education_words(int(str(value)))
    if one.field == "irregular_hours":
        return irregular_words(irregular=bool(value))
    return str(value) if several else None


def _postcodes(service: Service, sheet: Sheet, typed: Typed) -> list[tuple[str, str]]:
    """Postcodes to choose from, where only the name of a town with several is known: of the text, or as typed."""
    named = {one.quote.words.casefold() for one in sheet.said.get("place", ()) if one.sureness is None}
    named.add(typed.one("place").casefold())
    places = service.store.desk.places().values()
    return [(place.postcode, place.place) for place in places if place.place and place.place.casefold() in named]


def marked(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[str, bool]]:
    """A text in stretches, each with whether it lies in a span.

    Args:
        text: the whole.
        spans: first character and after the last of each, in order; they may overlap.
    """
    parts: list[tuple[str, bool]] = []
    at = 0
    for start, end in spans:
        if end > at:
            begin = max(start, at)
            parts += [(text[at:begin], False), (text[begin:end], True)]
            at = end
    return [part for part in [*parts, (text[at:], False)] if part[0]]


def _choices(typed: Typed) -> dict[str, Any]:
    """What can be chosen in the form."""
    t = catalogue()
    used = sum(bool(typed.one(f"language_{place}")) for place in range(MAX_LANGUAGES))
    own = [one for one in typed.all("licences_required") if one not in LICENCES]
    known = [sector for sector in Sector if sector is not Sector.UNKNOWN]
    return {
        "licences": [(one, one) for one in (*LICENCES, *own)],
        "sectors": [("", t("new_vacancy.not_known")), *((one.value, t.label(one)) for one in known)],
        "education": [("", t("new_vacancy.not_asked")), *((one, t(f"vacancies.education.{one}")) for one in EDUCATION)],
        "languages": [("", t("new_vacancy.no_language")), *languages(typed)],
        "levels": [("", t("new_vacancy.not_known")), *((one, t(f"vacancies.level.{one}")) for one in LEVELS)],
        "n_languages": min(max(used + 1, _FEWEST_LANGUAGES), MAX_LANGUAGES),
        "ways": [(way.value, t.label(way)) for way in Transport],
        "behaviours": [(str(code), name) for code, name in BEHAVIOURS_NL.items()],
        "name_of": _name_of,
    }


def _name_of(field: str) -> str:
    """What a field of the form is called."""
    return fact_name({"place": "location", "hours_max": "hours_min"}.get(field, field))
