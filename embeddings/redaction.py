"""Takes out of free text what may not weigh in a match: contact data, and who a person says they are.

The named fields of a record never reach an encoder (see ``embeddings.views``). People also write such things
in their own words: a telephone number, an age, a name, a diagnosis. The patterns here remove the common Dutch
forms. They are narrow, because a sentence about caring for children with autism is a talent, and they cannot
be complete: the fairness audit measures what still leaks.
"""

import re

_CONTACT = re.compile(
    r"""
    [\w.+-]+@[\w-]+\.[\w.-]+                       # e-mail
    | (?:https?://|www\.)\S+                       # web address
    | (?<!\w)(?:\+\d{2}|0\d)[\d\s\-()]{7,13}\d     # telephone
    | \b[1-9]\d{3}\s?[A-Z]{2}\b                    # postcode
    | \b\d{8,}\b                                   # citizen service number, account number
    """,
    re.VERBOSE,
)
_AGE = re.compile(
    r"\b(?:ik\s+ben\s+|van\s+)?\d{2}\s*jaar\s*(?:oud|jong)\b"
    r"|\b(?:ik\s+ben|ben\s+ik)\s+(?:nu\s+)?\d{2}\b(?:\s*jaar\b)?"
    r"|\bgeboren\s+(?:in|op)\s+[\w\s-]{0,20}\d{4}\b"
    r"|\b\d{2}[- ]?(?:jarige|plusser)\b|\b\d{2}\+(?!\w)",
    re.IGNORECASE,
)
_NAME = re.compile(r"\b(?:[Mm]ijn\s+naam\s+is|[Ii]k\s+heet|[Nn]aam:)\s+[^\W\d_][\w'-]*(?:\s+[A-Z][\w'-]*){0,3}")
_GENDER = re.compile(
    r"\b(?:ik\s+ben|als)\s+(?:een\s+)?(?:\w+e\s+)?"
    r"(?:man|vrouw|moeder|vader|meisje|jongen|dame|heer|mama|papa|oma|opa)\b(?:\s+van\s+\w+(?:\s+kinderen)?)?",
    re.IGNORECASE,
)
_OWN_STEMS = ("ik", "mijn", "door", "wege", " een", "herstellend")  # without one of these _OWN cannot match
_CONDITIONS = (
    *("autis", "asperger", "adhd", "burn-out", "burnout", "depressi", "ptss", "psychose", "schizofreni"),
    *("bipolair", "borderline", "angststoornis", "verslaafd", "verslaving", "rugklacht", "hernia", "reuma"),
    *("artrose", "fibromyalgie", "diabetes", "suikerziekte", "epilepsie", "kanker", "hartaanval"),
    *("herseninfarct", "hersenletsel", "longcovid", "long covid", "chronisch ziek", "arbeidsongeschikt"),
    *(
        "zwanger",
        "slechthorend",
        "doof",
        "slechtziend",
        "blind",
        "rolstoel",
        "beperking",
        "handicap",
        "wajong",
    ),
    "diagnose",
)
_OWN = re.compile(
    r"\b(?:ik\s+(?:heb|ben|had|kreeg)|(?:heb|ben|had|kreeg)\s+ik|mijn|door|vanwege|wegens|na\s+een|met\s+een"
    r"|herstellend\s+van)\b",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"\b(?:ervaring|begeleid\w*|verzorg\w*|cli[eë]nten|kinderen|ouderen|mensen|bewoners|pati[eë]nten|jongeren"
    r"|leerlingen)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^.!?\n]*(?:[.!?\n]+|$)")
_HAS_DIGIT = re.compile(r"\d")


def redact(text: str) -> str:
    """Removes contact data and statements of the writer's name, age, gender and health.

    Args:
        text: free text that a person wrote.

    Returns:
        The text without those parts; a sentence about the writer's own health goes as a whole.
    """
    # Cheap looks first: nearly all texts hold nothing to remove, and an import passes millions of them.
    lowered = text.lower()
    if _holds(lowered, _OWN_STEMS) and _holds(lowered, _CONDITIONS):
        text = "".join(part for part in _SENTENCE.findall(text) if not _tells_own_health(part))
    if _HAS_DIGIT.search(text):
        text = _AGE.sub(" ", _CONTACT.sub(" ", text))
    elif "@" in text or "www." in lowered or "http" in lowered:
        text = _CONTACT.sub(" ", text)
    if "heet" in lowered or "naam" in lowered:
        text = _NAME.sub(" ", text)
    if "ik ben" in lowered or "als " in lowered:
        text = _GENDER.sub(" ", text)
    return text


def _holds(lowered: str, stems: tuple[str, ...]) -> bool:
    # A plain loop: any() over a generator takes three times as long, millions of times.
    for stem in stems:  # noqa: SIM110
        if stem in lowered:
            return True
    return False


def _tells_own_health(sentence: str) -> bool:
    """Whether a sentence names a condition as the writer's own, not as that of people named before it."""
    if not _OWN.search(sentence):
        return False
    lowered = sentence.lower()
    places = (lowered.find(stem) for stem in _CONDITIONS)
    return any(place >= 0 and not _OTHERS.search(lowered, 0, place) for place in places)
