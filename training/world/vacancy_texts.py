"""Writes vacancies: formal, enthusiastic, terse, agency and message-like, from the same true columns."""

from dataclasses import dataclass
from random import Random

from training.world.content import BEHAVIOUR_CODES, Content, Occupation
from training.world.firms import Employer, Job
from training.world.registers import capitalise, enumerate_nl, tell

TITLE_VARIANT_SHARE = 0.45  # how often an employer uses another Dutch title than the trade's plain one
ENGLISH_TITLE_SHARE = 0.1  # how often an English one, where the register allows
DENSE = 2.0  # homes weight of an area from which on the metro is near
OWN_WORDING_SHARE = 0.75  # how often a task is told in the trade's wording rather than the skill's


@dataclass(frozen=True)
class Draft:
    """What one vacancy has to say, chosen once and then worded by register."""

    title: str
    doing: list[str]
    tasks: list[str]
    asked: list[str]
    conduct: list[str]
    offers: list[str]


def title_of(occupation: Occupation, register: str, rnd: Random) -> str:
    """The title above the vacancy; the second of the other titles is the English one."""
    draw = rnd.random()
    if draw < ENGLISH_TITLE_SHARE and register in {"bureau", "enthousiast"}:
        return occupation.titles[1]
    return rnd.choice((occupation.titles[0], occupation.titles[2])) if draw < TITLE_VARIANT_SHARE else occupation.title


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
    """One task as ``je`` would do it and as an infinitive; mostly in the trade's own wording."""
    own = [(je, infinitive) for key, je, infinitive in occupation.tasks if key == skill]
    if own and rnd.random() < OWN_WORDING_SHARE:
        return rnd.choice(own)
    return rnd.choice(content.skills[skill].tasks)


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
    elif content.areas[job.area].homes >= DENSE and rnd.random() < 0.3:
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
    who = tell(text.conduct[:3], also=False)
    papers = _papers(job, content)
    parts = [
        _intro(job, employer, text, content, rnd),
        tell(text.doing),
        " ".join([who, *_conditions(job, content, rnd)]),
        f"Wat je nodig hebt: {enumerate_nl(papers)}." if papers else "",
        " ".join([*_training(job, content, rnd, "los"), *text.offers, _hours(job, content, rnd, "los")]),
        rnd.choice(firms["boilerplate"]["enthousiast"]) if rnd.random() < 0.7 else "",
        rnd.choice(firms["closer"]["enthousiast"]),
    ]
    return "\n\n".join(part for part in parts if part.strip())


def _short(job: Job, employer: Employer, text: Draft, content: Content, rnd: Random) -> str:
    """Three lines."""
    firms = content.firms
    lines = [_intro(job, employer, text, content, rnd), capitalise(", ".join(text.tasks[:4])) + "."]
    papers = _papers(job, content)
    if papers:
        lines.append(f"{capitalise(enumerate_nl(papers))} nodig.")
    if text.offers and rnd.random() < 0.5:
        lines.append(rnd.choice(text.offers))
    if rnd.random() < 0.6:
        lines.append(rnd.choice(firms["hours"]["irregular_yes" if job.irregular else "irregular_no"]))
    lines += _training(job, content, rnd, "los") if rnd.random() < 0.5 else []
    lines.append(_hours(job, content, rnd, "kort"))
    lines.append(rnd.choice(firms["closer"]["kort"]))
    return "\n".join(line for line in lines if line)


def _message(job: Job, employer: Employer, text: Draft, content: Content, rnd: Random) -> str:
    """A message in a group chat."""
    parts = [_intro(job, employer, text, content, rnd), tell(text.doing[:3])]
    parts.append(_hours(job, content, rnd, "los"))
    parts += rnd.sample(_conditions(job, content, rnd), 1)
    parts += _training(job, content, rnd, "los") if rnd.random() < 0.6 else []
    parts += text.offers[:1]
    parts.append(rnd.choice(content.firms["closer"]["appje"]))
    return " ".join(parts)
