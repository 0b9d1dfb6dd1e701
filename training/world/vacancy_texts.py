"""Writes vacancies: formal, enthusiastic, terse, agency and message-like, from the same true columns."""

from dataclasses import dataclass
from random import Random

from training.world.content import BEHAVIOUR_CODES, Content, Occupation
from training.world.firms import Employer, Job
from training.world.registers import capitalise, enumerate_nl

TITLE_VARIANT_SHARE = 0.55  # how often an employer uses another title than the trade's plain one


@dataclass(frozen=True)
class Draft:
    """What one vacancy has to say, chosen once and then worded by register."""

    title: str
    doing: list[str]
    tasks: list[str]
    asked: list[str]
    conduct: list[str]
    offers: list[str]


def title_of(occupation: Occupation, rnd: Random) -> str:
    """The title above the vacancy."""
    return rnd.choice(occupation.titles) if rnd.random() < TITLE_VARIANT_SHARE else occupation.title


def draft(job: Job, title: str, content: Content, rnd: Random) -> Draft:
    """Chooses tasks, skills and offers to tell."""
    occupation = content.occupations[job.occupation]
    pairs = [_task(skill, occupation, content, rnd) for skill in job.skills]
    told = [pair for place, pair in enumerate(pairs) if place < 2 or rnd.random() < 0.8]
    asked = [rnd.choice(content.skills[skill].formal) for skill in job.skills[: job.n_core]]
    conduct = [rnd.choice(content.behaviours[BEHAVIOUR_CODES[b]]["ask"]) for b in job.behaviours]
    offers = [rnd.choice(content.themes[theme].offer) for theme in job.climate]
    feel = sorted(range(len(job.themes)), key=lambda i: -job.themes[i])
    offers += [rnd.choice(content.themes[i].offer) for i in feel[:2] if i not in job.climate and rnd.random() < 0.5]
    return Draft(title, [je for je, _ in told], [infinitive for _, infinitive in told], asked, conduct, offers)


def _task(skill: int, occupation: Occupation, content: Content, rnd: Random) -> tuple[str, str]:
    """One task as ``je`` would do it and as an infinitive; the trade's own wording first."""
    own = [(je, infinitive) for key, je, infinitive in occupation.tasks if key == skill]
    return rnd.choice(own or list(content.skills[skill].tasks))


def describe(job: Job, employer: Employer, text: Draft, content: Content, rnd: Random) -> str:
    """The description in the vacancy's register."""
    writer = {"formeel": _listed, "bureau": _listed, "enthousiast": _letter, "kort": _short, "appje": _message}
    return writer[job.register](job, employer, text, content, rnd)


def _intro(job: Job, employer: Employer, text: Draft, content: Content, rnd: Random) -> str:
    return str(rnd.choice(content.firms["intro"][job.register])).format(
        firm=employer.name,
        place=content.areas[job.area].place,
        title=text.title,
        Title=capitalise(text.title),
        n=employer.n_people,
        year=employer.founded,
    )


def _hours(job: Job, content: Content, rnd: Random, style: str) -> str:
    low, high = job.hours
    span = str(low) if low == high else rnd.choice((f"{low} tot {high}", f"{low}-{high}"))
    return str(rnd.choice(content.firms["hours"][style])).format(h=span, H=capitalise(span))


def _conditions(job: Job, content: Content, rnd: Random) -> list[str]:
    """Rota, language, newcomers, papers and the way there, as sentences."""
    firms, occupation = content.firms, content.occupations[job.occupation]
    found = [rnd.choice(firms["hours"]["irregular_yes" if job.irregular else "irregular_no"])]
    if rnd.random() < 0.7:
        found.append(rnd.choice(firms["language"][f"level{min(job.dutch, 3)}"]))
    if rnd.random() < 0.75:
        found.append(rnd.choice(firms["newcomer"]["yes" if job.newcomers else "no"]))
    if job.own_wheels:
        found.append(rnd.choice(firms["travel"]["wheels"]))
    elif rnd.random() < 0.25:
        found.append(rnd.choice(firms["travel"]["open"]))
    if occupation.declaration:
        found.append(rnd.choice(firms["declaration"]["text"]))
    return found


def _papers(job: Job, content: Content) -> list[str]:
    papers = [f"rijbewijs {licence}" for licence in job.licences]
    return papers + [content.certificates[key]["name"] for key in job.certificates if key not in job.taught]


def _training(job: Job, content: Content, rnd: Random, style: str) -> list[str]:
    if not job.training:
        return []
    return [str(rnd.choice(content.firms["training"][style])).format(t=enumerate_nl(list(job.training)))]


def _listed(job: Job, employer: Employer, text: Draft, content: Content, rnd: Random) -> str:
    """Formal and agency texts: headings with lists."""
    firms = content.firms
    do, ask, offer = firms["heading"][job.register]
    extra = rnd.sample(firms["boilerplate"][job.register], 2 if job.register == "formeel" else 3)
    asked = text.asked + [f"je {clause}" for clause in text.conduct] + _papers(job, content)
    offered = _training(job, content, rnd, "formeel") + text.offers + extra
    parts = [
        _intro(job, employer, text, content, rnd),
        f"{do}\n" + "\n".join(f"- {task}" for task in text.tasks),
        f"{ask}\n" + "\n".join(f"- {item}" for item in asked),
        " ".join(_conditions(job, content, rnd)),
        f"{offer}\n" + "\n".join(f"- {item}" for item in [_hours(job, content, rnd, "formeel"), *offered]),
        rnd.choice(firms["closer"][job.register]),
    ]
    return "\n\n".join(parts)


def _letter(job: Job, employer: Employer, text: Draft, content: Content, rnd: Random) -> str:
    """A small entrepreneur who likes the shop and says so."""
    firms = content.firms
    doing = [f"Je {enumerate_nl(text.doing[:3])}."] + ([f"Ook {_inverted(text.doing[3:])}."] if text.doing[3:] else [])
    who = f"Je {enumerate_nl(text.conduct[:3])}." if text.conduct else ""
    papers = _papers(job, content)
    parts = [
        _intro(job, employer, text, content, rnd),
        " ".join(doing),
        " ".join([who, *_conditions(job, content, rnd)]),
        f"Wat je nodig hebt: {enumerate_nl(papers)}." if papers else "",
        " ".join([*_training(job, content, rnd, "los"), *text.offers, _hours(job, content, rnd, "los")]),
        rnd.choice(firms["boilerplate"]["enthousiast"]) if rnd.random() < 0.7 else "",
        rnd.choice(firms["closer"]["enthousiast"]),
    ]
    return "\n\n".join(part for part in parts if part.strip())


def _inverted(clauses: list[str]) -> str:
    """``vult de schappen`` after ``Ook``: the verb first, then je."""
    verb, _, rest = clauses[0].partition(" ")
    first = f"{_with_je(verb)} je {rest}"
    return enumerate_nl([first, *clauses[1:]])


def _with_je(verb: str) -> str:
    """Inversion drops the t: ``jij vult`` but ``vul je``; verbs whose stem ends in t or d keep what they are."""
    irregular = {
        "bent": "ben", "hebt": "heb", "houdt": "houd", "rijdt": "rijd", "bindt": "bind", "snijdt": "snijd", "gaat": "ga",
        "doet": "doe", "staat": "sta", "laadt": "laad", "let": "let", "zit": "zit", "zet": "zet", "sluit": "sluit",
        "merkt": "merk", "test": "test", "spuit": "spuit", "snoeit": "snoei", "wast": "was", "past": "pas", "lost": "los",
        "last": "las", "kiest": "kies", "leest": "lees", "meet": "meet", "weet": "weet", "fietst": "fiets", "reist": "reis",
        "ziet": "zie", "slaat": "sla", "haalt": "haal", "poetst": "poets", "verplaatst": "verplaats", "plaatst": "plaats",
    }  # fmt: skip
    return irregular.get(verb, verb[:-1] if verb.endswith("t") else verb)


def _short(job: Job, employer: Employer, text: Draft, content: Content, rnd: Random) -> str:
    """Three lines."""
    firms = content.firms
    lines = [_intro(job, employer, text, content, rnd), capitalise(", ".join(text.tasks[:4])) + "."]
    papers = _papers(job, content)
    if papers:
        lines.append(f"{capitalise(enumerate_nl(papers))} nodig.")
    if text.offers and rnd.random() < 0.5:
        lines.append(rnd.choice(text.offers))
    lines += [rnd.choice(firms["hours"]["irregular_yes" if job.irregular else "irregular_no"])] if rnd.random() < 0.6 else []
    lines += _training(job, content, rnd, "los") if rnd.random() < 0.5 else []
    lines.append(_hours(job, content, rnd, "kort"))
    lines.append(rnd.choice(firms["closer"]["kort"]))
    return "\n".join(line for line in lines if line)


def _message(job: Job, employer: Employer, text: Draft, content: Content, rnd: Random) -> str:
    """A message in a group chat."""
    parts = [_intro(job, employer, text, content, rnd), f"Je {enumerate_nl(text.doing[:3])}."]
    parts.append(_hours(job, content, rnd, "los"))
    parts += rnd.sample(_conditions(job, content, rnd), 1)
    parts += _training(job, content, rnd, "los") if rnd.random() < 0.6 else []
    parts += text.offers[:1]
    parts.append(rnd.choice(content.firms["closer"]["appje"]))
    return " ".join(parts)
