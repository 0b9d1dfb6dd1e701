"""Every sentence that ranking says to a matchmaker, in plain Dutch (B1). The only place where it is written."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from core.records import Vacancy
from core.vocabulary import KnockOut, Route, SupportKind, Transport


@dataclass(frozen=True, slots=True)
class Sentence:
    """What to say of one feature.

    Attributes:
        family: features that tell the same story share one; a list of reasons names each family once.
        plus: when the feature lifts the score.
        minus: when it lowers the score.
        unknown: what is not known, when the value is missing.
    """

    family: str
    plus: str
    minus: str
    unknown: str = "dit onderdeel"


# Places between braces are filled from the pair at hand; see ranking.facts.Words for what there is.
SENTENCES: Mapping[str, Sentence] = {
    "similarity": Sentence(
        "geheel",
        "Het profiel als geheel lijkt op deze vacature.",
        "Het profiel als geheel lijkt weinig op deze vacature.",
    ),
    "skill_coverage": Sentence(
        "vaardigheden",
        "{met} van de {asked} gevraagde punten komen terug in het profiel{example}.",
        "Van de {asked} gevraagde punten komen er {met} terug in het profiel.",
        "vaardigheden",
    ),
    "skill_weakest": Sentence(
        "vaardigheden",
        "Ook bij het lastigste punt, ‘{weak_asked}’, zegt het profiel iets dat in de buurt komt: ‘{weak_offered}’.",
        "Bij ‘{weak_asked}’ zegt het profiel niets dat in de buurt komt.",
        "vaardigheden",
    ),
    "skill_mean": Sentence(
        "vaardigheden",
        "Gevraagd: ‘{best_asked}’. In het profiel: ‘{best_offered}’.",
        "De gevraagde punten komen weinig terug in het profiel.",
        "vaardigheden",
    ),
    "desired_mean": Sentence(
        "mooi meegenomen",
        "Ook wat de werkgever graag ziet, komt terug in het profiel.",
        "Wat de werkgever graag ziet, komt weinig terug in het profiel.",
        "wat de werkgever graag ziet",
    ),
    "asked_match": Sentence(
        "vaardigheden",
        "Wat deze persoon kan en vertelt, past bij wat hier gevraagd wordt.",
        "Wat deze persoon kan en vertelt, past weinig bij wat hier gevraagd wordt.",
        "vaardigheden",
    ),
    "listed_match": Sentence(
        "vaardigheden",
        "De vaardigheden in het profiel passen bij wat hier gevraagd wordt.",
        "De vaardigheden in het profiel passen weinig bij wat hier gevraagd wordt.",
        "vaardigheden",
    ),
    "told_match": Sentence(
        "verhaal",
        "Wat deze persoon over zichzelf vertelt, past bij dit werk.",
        "Wat deze persoon over zichzelf vertelt, gaat over andere dingen.",
        "wat deze persoon over zichzelf vertelt",
    ),
    "experience_match": Sentence(
        "ervaring",
        "Het eerdere werk lijkt op de taken hier.",
        "Het eerdere werk lijkt weinig op de taken hier.",
        "de werkervaring",
    ),
    "interest_match": Sentence(
        "interesse",
        "De interesses passen bij wat hier gevraagd wordt.",
        "De interesses passen weinig bij wat hier gevraagd wordt.",
        "de interesses",
    ),
    "task_mean": Sentence(
        "taken",
        "De taken passen bij wat deze persoon vertelt.",
        "De taken passen weinig bij wat deze persoon vertelt.",
        "wat deze persoon graag doet",
    ),
    "task_best": Sentence(
        "taken",
        "Eén taak past heel goed bij wat deze persoon vertelt.",
        "Geen van de taken past goed bij wat deze persoon vertelt.",
        "wat deze persoon graag doet",
    ),
    "told_task_mean": Sentence(
        "taken",
        "Veel van wat deze persoon vertelt, komt terug in het werk.",
        "Veel van wat deze persoon vertelt, komt niet terug in het werk.",
        "wat deze persoon graag doet",
    ),
    "interest_occupation": Sentence(
        "interesse",
        "De interesses passen bij dit beroep{interest}.",
        "De interesses liggen ergens anders{interest}.",
        "de interesses",
    ),
    "interest_task": Sentence(
        "interesse",
        "De interesses passen bij de taken{interest}.",
        "De interesses passen weinig bij de taken{interest}.",
        "de interesses",
    ),
    "liking_fit": Sentence(
        "interesse",
        "Dit soort werk past bij wat deze persoon graag doet.",
        "Dit soort werk past weinig bij wat deze persoon graag doet.",
        "wat deze persoon graag doet",
    ),
    "liking_against": Sentence(
        "interesse",
        "Heeft niets tegen dit soort werk.",
        "Doet dit soort werk liever niet.",
        "wat deze persoon graag doet",
    ),
    "wish_occupation": Sentence(
        "wens",
        "Dit werk lijkt op wat deze persoon zoekt{wish}.",
        "Deze persoon zoekt ander werk{wish}.",
        "welk werk deze persoon zoekt",
    ),
    "experience_occupation": Sentence(
        "ervaring",
        "Heeft werk gedaan dat hierop lijkt{experience}.",
        "Heeft nog geen werk gedaan dat hierop lijkt.",
        "de werkervaring",
    ),
    "experience_months": Sentence(
        "werkjaren",
        "De hoeveelheid werkervaring past bij mensen die hier bleven.",
        "De hoeveelheid werkervaring past minder bij mensen die bleven.",
        "hoe lang deze persoon heeft gewerkt",
    ),
    "behaviour_fit": Sentence(
        "gedrag",
        "Sterk in wat hier telt{behaviours}.",
        "Minder sterk in wat hier telt{weak_behaviours}.",
        "de gevraagde competenties",
    ),
    "behaviour_short": Sentence(
        "gedrag",
        "Geen van de gevraagde competenties is onvoldoende.",
        "Een gevraagde competentie is nog onvoldoende{weak_behaviours}.",
        "de gevraagde competenties",
    ),
    "behaviour_level": Sentence(
        "gedrag",
        "Is op competenties goed beoordeeld.",
        "Is op competenties minder goed beoordeeld.",
        "de competenties",
    ),
    "behaviour_expected": Sentence(
        "gedrag",
        "Sterk in wat hier telt{behaviours}.",
        "Minder sterk in wat hier telt{weak_behaviours}.",
        "de gevraagde competenties",
    ),
    "education_short": Sentence(
        "niveau",
        "Het werk- en denkniveau is hoog genoeg.",
        "Het werk- en denkniveau ligt onder wat gevraagd wordt.",
        "het werk- en denkniveau",
    ),
    "education_over": Sentence(
        "niveau",
        "Het werk- en denkniveau is niet te hoog voor dit werk.",
        "Het werk- en denkniveau ligt boven het werk; dit kan gaan vervelen.",
        "het werk- en denkniveau",
    ),
    "certificates_to_get": Sentence(
        "certificaten",
        "Heeft de gevraagde certificaten.",
        "Moet nog een certificaat halen{to_get}.",
        "de certificaten",
    ),
    "certificates_taught": Sentence(
        "certificaten",
        "De werkgever leidt zelf op voor wat nog ontbreekt.",
        "Moet nog een certificaat halen bij de werkgever{to_get}.",
        "de certificaten",
    ),
    "licences_missing": Sentence(
        "rijbewijs", "Heeft het gevraagde rijbewijs.", "Mist een gevraagd rijbewijs.", "het rijbewijs"
    ),
    "language_short": Sentence(
        "taal", "Spreekt de gevraagde taal goed genoeg.", "De gevraagde taal is nog lastig.", "de talenkennis"
    ),
    "hours_below_wish": Sentence(
        "uren",
        "Het aantal uren is genoeg.",
        "De baan heeft minder uren dan gewenst{hours}.",
        "de gewenste uren",
    ),
    "hours_above_wish": Sentence(
        "uren",
        "Het aantal uren is niet te veel.",
        "De baan heeft meer uren dan gewenst{hours}.",
        "de gewenste uren",
    ),
    "hours_apart": Sentence(
        "uren",
        "Het aantal uren past bij wat gewenst is.",
        "Het aantal uren ligt naast wat gewenst is{hours}.",
        "de gewenste uren",
    ),
    "hours_overlap": Sentence(
        "uren", "De uren passen{hours}.", "De uren passen maar voor een deel{hours}.", "de gewenste uren"
    ),
    "hours_offered": Sentence(
        "uren", "De omvang van de baan helpt.", "De omvang van de baan werkt minder goed.", "het aantal uren"
    ),
    "irregular_refused": Sentence(
        "rooster",
        "Het rooster is geen bezwaar.",
        "Wil liever geen onregelmatige uren, en die zijn er wel.",
        "of onregelmatig werken kan",
    ),
    "travel_km": Sentence(
        "reizen",
        "Woont dichtbij: {km}.",
        "Woont verder weg: {km}.",
        "de afstand tot het werk",
    ),
    "travel_minutes": Sentence(
        "reizen",
        "Is er snel met eigen vervoer: ongeveer {minutes} minuten.",
        "Is lang onderweg: ongeveer {minutes} minuten.",
        "de reistijd",
    ),
    "travel_share": Sentence(
        "reizen",
        "De reis blijft ruim binnen de eigen grens ({km}).",
        "De reis komt dicht bij de eigen grens ({km}).",
        "hoe ver deze persoon wil reizen",
    ),
    "travel_time": Sentence(
        "reizen",
        "Kan er vlot zijn: {km}.",
        "Is waarschijnlijk lang onderweg: {km}.",
        "de reistijd",
    ),
    "travel_strain": Sentence(
        "reizen",
        "De reis is goed te doen: {km}.",
        "De reis is lang voor elke dag: {km}.",
        "hoe lang deze persoon wil reizen",
    ),
    "training_gap_cover": Sentence(
        "leren op het werk",
        "De werkgever leert aan wat nog mist{training}.",
        "Wat de werkgever aanleert, is niet wat hier nog mist.",
        "wat de werkgever aanleert",
    ),
    "training_offered": Sentence(
        "leren op het werk",
        "De werkgever leidt op{training}; dat helpt om te blijven.",
        "De werkgever biedt weinig opleiding.",
        "wat de werkgever aanleert",
    ),
    "employer_retention": Sentence(
        "werkgever",
        "Bij deze werkgever bleven mensen vaker dan gemiddeld.",
        "Bij deze werkgever bleven mensen minder vaak dan gemiddeld.",
    ),
    "employer_placements": Sentence(
        "werkgever",
        "Deze werkgever heeft eerder mensen aangenomen.",
        "Deze werkgever heeft nog weinig mensen aangenomen.",
    ),
    "sector_retention": Sentence(
        "sector",
        "In deze sector bleven mensen vaker dan gemiddeld.",
        "In deze sector bleven mensen minder vaak dan gemiddeld.",
    ),
    "completeness": Sentence(
        "profiel",
        "Het profiel is goed gevuld.",
        "Het profiel is nog niet zo vol; vraag door.",
    ),
}

SKILLS_ROUGHLY = "De gevraagde punten staan niet zo in het profiel, maar liggen minder ver weg dan bij anderen."
UNKNOWN_MINUS = "We weten niets over {what}; vraag ernaar."

SEMANTIC_ONLY = "Er is nog geen model dat leert van plaatsingen. De volgorde is alleen op gelijkenis van tekst."

EARLIER = "Dit is de situatie van {day}, maar de volgorde is van het model van nu (versie {version})."
EARLIER_BUT_LEARNED = " Dat model weet ook wat er daarna is gebeurd."

BY_LOT = (
    "Deze persoon staat hier door loting, niet door de score. "
    "Zo leren we ook van mensen die anders niet in beeld komen."
)
NOBODY = (
    "We verwachten bij niemand een redelijke kans om te blijven. Daarom is deze lijst kort: dit zijn de mensen die er "
    "het dichtst bij komen. Kijk met de werkgever wat er aan het werk of de begeleiding kan veranderen."
)

BLOCKED: Mapping[KnockOut, str] = {
    KnockOut.INACTIVE: "Zoekt op dit moment geen werk.",
    KnockOut.LICENCE: "Heeft niet het gevraagde rijbewijs ({licences}).",
    KnockOut.CERTIFICATE: "Mist een verplicht certificaat ({certificates}).",
    KnockOut.HOURS: "Wil {wanted} uur, de baan is {offered} uur.",
    KnockOut.AVAILABILITY: "Is niet beschikbaar op de startdatum ({starts_on}).",
    KnockOut.LANGUAGE: "De gevraagde taal is nog niet op niveau.",
    KnockOut.TRAVEL: "Te ver weg: {journey}. De eigen grens is {limit}.",
    KnockOut.TRANSPORT: "Heeft niet het vervoer dat hier nodig is.",
}

WOULD_HELP: Mapping[KnockOut, tuple[SupportKind, str]] = {
    KnockOut.LICENCE: (SupportKind.TRAINING, "Rijlessen, of een andere taakverdeling bij de werkgever."),
    KnockOut.CERTIFICATE: (SupportKind.TRAINING, "Een cursus voor {certificates}."),
    KnockOut.HOURS: (SupportKind.OTHER, "Met de werkgever praten over andere uren."),
    KnockOut.AVAILABILITY: (SupportKind.OTHER, "Met de werkgever praten over een latere start."),
    KnockOut.LANGUAGE: (SupportKind.TRAINING, "Een taalcursus, liefst op de werkvloer."),
    KnockOut.TRAVEL: (SupportKind.TRAVEL, "Een reisvergoeding, een leenfiets of meerijden met een collega."),
    KnockOut.TRANSPORT: (SupportKind.TRAVEL, "Een leenfiets, een OV-kaart of meerijden met een collega."),
}

READ_FROM_TEXT = "Gelezen uit de tekst, kijk of het klopt: {read}."
READ_UNSURE = "Niet zeker gelezen; niemand valt hierom af: {unsure}."

# How a field is called that was read from a text; both ends of the hours are told as one.
READ_FIELDS: Mapping[str, str] = {
    "occupation": "beroep",
    "hours_min": "uren",
    "hours_max": "uren",
    "irregular_hours": "rooster",
    "skills_required": "vaardigheden",
    "skills_desired": "mooi meegenomen",
    "education_level_min": "werk- en denkniveau",
    "certificates_required": "verplichte certificaten",
    "licences_required": "rijbewijs",
    "languages_required": "talen",
    "transport_required": "eigen vervoer",
    "training_offered": "leert van de werkgever",
    "starts_on": "start",
    "contract_ends_on": "einde contract",
    "location": "postcode",
    "positions": "aantal plaatsen",
}
TRANSPORT_NL: Mapping[Transport, str] = {
    Transport.CAR: "auto",
    Transport.MOPED: "brommer",
    Transport.BICYCLE: "fiets",
    Transport.MOTORCYCLE: "motor",
    Transport.PUBLIC_TRANSPORT: "openbaar vervoer",
    Transport.OTHER: "anders",
}


def what_was_read(vacancy: Vacancy, read: Collection[str], unsure: Collection[str] = ()) -> str | None:
    """What was read from a vacancy's text, for the matchmaker to check; None when nothing was.

    Args:
        vacancy: with what was read in its fields.
        read: names of the fields that were read.
        unsure: those of them that keep nobody off the list.
    """
    values = _told_values(vacancy)
    told = {name: f"{name}: {values[name]}" for field, name in READ_FIELDS.items() if field in read and values[name]}
    if not told:
        return None
    doubts = list(dict.fromkeys(READ_FIELDS[field] for field in READ_FIELDS if field in unsure))
    said = READ_FROM_TEXT.format(read="; ".join(told.values()))
    return f"{said} {READ_UNSURE.format(unsure=listed(doubts))}" if doubts else said


def _told_values(vacancy: Vacancy) -> dict[str, str]:
    """Every field that can be read, in words, by its Dutch name."""
    irregular = {True: "onregelmatig", False: "overdag op werkdagen", None: ""}[vacancy.irregular_hours]
    return {
        "beroep": vacancy.occupation or "",
        "uren": " tot ".join(
            number(value) for value in dict.fromkeys((vacancy.hours_min, vacancy.hours_max)) if value is not None
        ),
        "rooster": irregular,
        "vaardigheden": listed(vacancy.skills_required),
        "mooi meegenomen": listed(vacancy.skills_desired),
        "werk- en denkniveau": str(vacancy.education_level_min or ""),
        "verplichte certificaten": listed(vacancy.certificates_required),
        "rijbewijs": listed(vacancy.licences_required),
        "talen": listed([LANGUAGE_NL.get(item.code, item.code) for item in vacancy.languages_required]),
        "eigen vervoer": " of ".join(TRANSPORT_NL[way] for way in vacancy.transport_required),
        "leert van de werkgever": listed(vacancy.training_offered),
        "start": f"{vacancy.starts_on:%d-%m-%Y}" if vacancy.starts_on else "",
        "einde contract": f"{vacancy.contract_ends_on:%d-%m-%Y}" if vacancy.contract_ends_on else "",
        "postcode": vacancy.location.postcode or "",
        "aantal plaatsen": str(vacancy.positions),
    }


# Why a course is offered for a gap. Each is a sentence of its own.
COURSE_GIVES = "Geeft {given}."
COURSE_GIVES_LICENCE = "Geeft rijbewijs {given}."
COURSE_TEACHES = "Leert ‘{given}’."
COURSE_TEACHES_LANGUAGE = "Leert {given}."
COURSE_DIPLOMA = "Geeft een diploma op niveau {given}."
COURSE_PAID: Mapping[Route, str] = {
    Route.SCHOOL_TO_WORK: "Wordt betaald voor wie van school komt.",
    Route.WORK_TO_WORK: "Wordt betaald voor wie van werk naar werk gaat.",
    Route.BACK_TO_WORK: "Wordt betaald voor wie weer aan het werk gaat.",
}
COURSE_FREE = "Kost niets."
COURSE_COSTS = "Kost {cost} euro."
COURSE_ASK_WHO_PAYS = "Vraag wie de cursus betaalt."
COURSE_ONLINE = "Online te volgen."
COURSE_NEAR = "In {place}, {km} van huis."
COURSE_AT = "In {place}."
COURSE_IN_TIME = "Begint op {day}, voor de start van het werk."
COURSE_TOO_LATE = "Begint op {day}, na de start van het werk."
COURSE_STARTS = "Begint op {day}."


LANGUAGE_NL = {
    "nld": "Nederlands", "eng": "Engels", "deu": "Duits", "fra": "Frans", "pol": "Pools", "tur": "Turks",
    "ara": "Arabisch", "spa": "Spaans", "por": "Portugees", "ukr": "Oekraïens", "ron": "Roemeens", "bul": "Bulgaars",
    "ita": "Italiaans", "zho": "Chinees", "pap": "Papiaments", "rus": "Russisch",
}  # fmt: skip


def number(value: float) -> str:
    """A number as Dutch writes it: decimal comma, no needless zeros."""
    return f"{value:.1f}".rstrip("0").rstrip(".").replace(".", ",")


def kilometres(value: float) -> str:
    """A distance in words."""
    if value < 1:
        return "minder dan een kilometer"
    return f"{number(round(value) if value >= 10 else value)} kilometer"


def minutes(value: float) -> str:
    """A time in words."""
    return f"{value:.0f} minuten"


def listed(items: list[str]) -> str:
    """'a', 'a en b', 'a, b en c'."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} en {items[-1]}" if items else ""
