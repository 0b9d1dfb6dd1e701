"""From the UM exchange (Uitwisselmechanisme of VNG and UWV) to contract records, field by field.

Sources: "UM API WerkzoekendeProfielen" 0.8.7 and "UM API vacatures" 0.8.2, VNG Realisatie. Only what is named here is
read. What identifies a person or says something about health or sex (contact details, web addresses, registration in
the target group register, needs for support) is never read, and so never stored. A code for "unknown" or "does not
apply" becomes unknown, and an empty list does too: in this exchange it does not mean "has none".
"""

from datetime import date, timedelta
from typing import Final

from core.exchange.untrusted import JsonObject, child, children, our_id, text

_TRANSPORT: Final = {
    "1": "car",
    "2": "moped",
    "3": "bicycle",
    "4": "motorcycle",
    "5": "public_transport",
    "9": "other",
}
# UM counts from 1 = none; 0 = unknown and 8 = does not apply have no place here.
_LANGUAGE_LEVEL: Final = {"1": 0, "2": 2, "3": 3, "4": 4}
_YES_NO: Final = {"1": True, "2": False}
_YES, _NO = "1", "2"
_MAX_TRAVEL_KM, _MAX_TRAVEL_MINUTES, _MAX_MONTHS = 500, 600, 800
_PLACE_OF_WORK: Final = ("E", "V")  # where the work is done, else where the firm is registered

TALENT_FIELDS: Final = frozenset(
    {
        "aantalWerkurenPerWeekMaximaal",
        "aantalWerkurenPerWeekMinimaal",
        "arbeidsmarktkwalificatie",
        "bemiddelingsberoep",
        "bemiddelingspostcode",
        "beroep",
        "codeBeheersingGedragscompetentie",
        "codeGedragscompetentie",
        "codeNiveauTaalbeheersingMondeling",
        "codeNiveauTaalbeheersingSchriftelijk",
        "codeSoortRijbewijs",
        "codeTaal",
        "codeVervoermiddel",
        "codeWerkEnDenkniveauWerkzoekende",
        "cursus",
        "datumAanvangBeschikbaarVoorWerk",
        "datumAanvangVolgenCursus",
        "datumAanvangWerkzaamheden",
        "datumCertificaat",
        "datumEindeBeschikbaarVoorWerk",
        "datumEindeVolgenCursus",
        "datumEindeWerkzaamheden",
        "flexibiliteit",
        "gedragscompetentie",
        "idWerkzoekende",
        "indicatieBeschikbaarVoorWoonWerkverkeer",
        "indicatieOnregelmatigWerkOfPloegendienst",
        "interesse",
        "maximaleReisafstand",
        "maximaleReistijd",
        "mobiliteit",
        "naamBeroepOngecodeerd",
        "naamCursus",
        "naamInteresse",
        "omschrijving",
        "omschrijvingBeroepsnaam",
        "persoonlijkePresentatie",
        "rijbewijs",
        "taalbeheersing",
        "toelichtingWerkervaring",
        "vakvaardigheid",
        "vervoermiddel",
        "werkervaring",
        "werktijden",
    }
)
"""Every field of a jobseeker that is read, at any depth; nothing else is kept, in a rejects file neither."""


def talent(profile: JsonObject, *, today: date) -> dict[str, object]:
    """A jobseeker (Werkzoekende) as the fields of a talent, to be judged by the contract.

    Args:
        profile: one Werkzoekende.
        today: a course that has not ended by then gives no certificate yet.

    Raises:
        RecordInvalid: a field has another shape than the exchange prescribes.
    """
    qualities = child(profile, "arbeidsmarktkwalificatie")
    mobility = child(profile, "mobiliteit")
    flexibility = child(profile, "flexibiliteit")
    hours = child(profile, "werktijden")
    theirs = text(profile, "idWerkzoekende")
    key = our_id(theirs, prefix="um") if theirs else None
    return _known(
        {
            "talent_id": key,
            "presentation": text(profile, "persoonlijkePresentatie"),
            "behaviours": [_behaviour(item) for item in children(qualities, "gedragscompetentie")],
            "skills": [text(item, "omschrijving") for item in children(qualities, "vakvaardigheid")],
            "interests": [text(item, "naamInteresse") for item in children(qualities, "interesse")],
            "preferred_occupations": [_occupation(item) for item in children(profile, "bemiddelingsberoep")],
            "experience": [_experience(item) for item in children(qualities, "werkervaring")],
            "education_level": text(qualities, "codeWerkEnDenkniveauWerkzoekende"),
            "certificates": [
                text(item, "naamCursus") for item in children(qualities, "cursus") if _finished(item, today)
            ],
            "licences": [text(item, "codeSoortRijbewijs") for item in children(qualities, "rijbewijs")],
            "languages": [_language(item) for item in children(qualities, "taalbeheersing")],
            "location": _known({"postcode": text(mobility, "bemiddelingspostcode")}),
            "max_travel_km": _at_most(_MAX_TRAVEL_KM, mobility.get("maximaleReisafstand")),
            "max_travel_minutes": _at_most(_MAX_TRAVEL_MINUTES, mobility.get("maximaleReistijd")),
            "transport": [
                _TRANSPORT.get(text(item, "codeVervoermiddel"), "other")
                for item in children(profile, "vervoermiddel")
                if text(item, "indicatieBeschikbaarVoorWoonWerkverkeer") != _NO
            ],
            "hours_min": hours.get("aantalWerkurenPerWeekMinimaal"),
            "hours_max": hours.get("aantalWerkurenPerWeekMaximaal"),
            "irregular_hours": _YES_NO.get(text(flexibility, "indicatieOnregelmatigWerkOfPloegendienst")),
            "available_from": text(flexibility, "datumAanvangBeschikbaarVoorWerk"),
            "available_until": text(flexibility, "datumEindeBeschikbaarVoorWerk"),
            "extra": _known({"um_id": theirs if key != theirs else None}),
        }
    )


def vacancy(posting: JsonObject) -> dict[str, object]:
    """A vacancy (Vacature) as the fields of a vacancy, to be judged by the contract.

    Raises:
        RecordInvalid: a field has another shape than the exchange prescribes.
    """
    conditions = child(posting, "arbeidsVoorwaarden")
    flexibility = child(posting, "flexibiliteit")
    hours = child(posting, "werktijden")
    firm = child(posting, "werkgever")
    theirs = text(posting, "idVacature") or text(posting, "nummerVacature")
    key = our_id(theirs, prefix="um") if theirs else None
    paragraphs = (text(posting, "omschrijvingVacature"), text(conditions, "omschrijvingArbeidsvoorwaarden"))
    return _known(
        {
            "vacancy_id": key,
            "title": text(posting, "naamVacature"),
            "description": "\n\n".join(part for part in paragraphs if part),
            "employer": _known({"name": text(firm, "handelsnaamOrganisatie", cut=120)}),
            "sector": _sector(posting, firm),
            "occupation": _occupation(child(posting, "beroep")),
            "skills_required": [text(item, "omschrijving") for item in children(posting, "vakvaardigheid")],
            "behaviours": [
                {"code": item.get("codeGedragscompetentie")} for item in children(posting, "gedragscompetentie")
            ],
            "education_level_min": text(posting, "codeWerkEnDenkniveauMinimaal"),
            "certificates_required": [text(item, "naamCursus") for item in children(posting, "cursus")],
            "licences_required": [text(item, "codeSoortRijbewijs") for item in children(posting, "rijbewijs")],
            "languages_required": [_language(item) for item in children(posting, "taalbeheersing")],
            "location": _known({"postcode": _postcode(firm)}),
            "hours_min": hours.get("aantalWerkurenPerWeekMinimaal"),
            "hours_max": hours.get("aantalWerkurenPerWeekMaximaal"),
            "irregular_hours": _YES_NO.get(text(flexibility, "indicatieOnregelmatigWerkOfPloegendienst")),
            "transport_required": [
                _TRANSPORT.get(text(item, "codeVervoermiddel"), "other")
                for item in children(posting, "vervoermiddel")
                if _YES
                in {
                    text(item, "indicatieBeschikbaarVoorUitvoeringWerk"),
                    text(item, "indicatieBeschikbaarVoorWoonWerkverkeer"),
                }
            ],
            "starts_on": text(conditions, "datumAanvangWerkzaamheden")
            or text(flexibility, "datumAanvangBeschikbaarVoorWerk"),
            "contract_ends_on": text(conditions, "datumEindeWerkzaamheden"),
            "closes_on": text(posting, "sluitingsDatumVacature"),
            "extra": _known({"um_id": theirs if key != theirs else None}),
        }
    )


def _known(fields: dict[str, object]) -> dict[str, object]:
    """Only what says something: unknown is left out."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}


def _occupation(name: JsonObject) -> str:
    """Beroepsnaam: coded (BO&C register) or in free words."""
    return text(name, "omschrijvingBeroepsnaam") or text(name, "naamBeroepOngecodeerd")


def _behaviour(item: JsonObject) -> dict[str, object]:
    return _known(
        {
            "code": item.get("codeGedragscompetentie"),
            "level": item.get("codeBeheersingGedragscompetentie"),
        }
    )


def _language(item: JsonObject) -> dict[str, object]:
    return {
        "code": text(item, "codeTaal"),
        "spoken": _LANGUAGE_LEVEL.get(text(item, "codeNiveauTaalbeheersingMondeling")),
        "written": _LANGUAGE_LEVEL.get(text(item, "codeNiveauTaalbeheersingSchriftelijk")),
    }


def _experience(item: JsonObject) -> dict[str, object]:
    """Werkervaring without the employer's name, which narrows down who someone is."""
    return _known(
        {
            "occupation": _occupation(child(item, "beroep")),
            "months": _months(item),
            "text": text(item, "toelichtingWerkervaring"),
        }
    )


def _months(item: JsonObject) -> int | None:
    """Whole months from the first day to the last, both worked; unknown where a day is missing or cannot be."""
    try:
        first = date.fromisoformat(text(item, "datumAanvangWerkzaamheden"))
        end = date.fromisoformat(text(item, "datumEindeWerkzaamheden")) + timedelta(days=1)
    except (ValueError, OverflowError):
        return None
    months = (end.year - first.year) * 12 + end.month - first.month - (end.day < first.day)
    return months if 0 <= months <= _MAX_MONTHS else None


def _finished(course: JsonObject, today: date) -> bool:
    """Whether a course (Cursus) was completed: it has a certificate date, has ended, or bears no dates at all."""
    if text(course, "datumCertificaat"):
        return True
    end = text(course, "datumEindeVolgenCursus")
    if end:
        return end <= today.isoformat()
    return not text(course, "datumAanvangVolgenCursus")


def _sector(posting: JsonObject, firm: JsonObject) -> str:
    own = text(child(posting, "sector"), "codeSbi")
    return own or next((text(item, "codeSbi") for item in children(firm, "sector")), "")


def _postcode(firm: JsonObject) -> str:
    """The Dutch postcode of the place of work, or else of the registered address."""
    found = {
        text(item, "codeFunctieAdres"): text(child(child(item, "adres"), "adresNederland"), "postcode")
        for item in children(firm, "adresHouding")
    }
    return next((found[use] for use in _PLACE_OF_WORK if found.get(use)), "")


def _at_most(limit: int, value: object) -> object:
    """The exchange allows up to 999; beyond the contract's bound it makes no difference."""
    return min(value, limit) if isinstance(value, int) and not isinstance(value, bool) else value
