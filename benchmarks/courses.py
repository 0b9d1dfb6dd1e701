"""Whether the courses that are offered for a missing skill are the right ones.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.courses [--encoder DIR]

Reads pairs of a missing skill and what a course teaches, written by hand and labelled as fitting or not: those that
the threshold was chosen on, and those that were held out (``tests/ranking/data/course_pairs_*.tsv``). Prints precision
and recall twice, with Wilson's 95 % intervals: pair by pair at the threshold, and as the product uses it, every skill
beside the whole catalogue, where any course counts as wrong that no pair calls fitting.
"""

import argparse
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
from scipy import stats

from core.courses import Course
from core.records import Talent, Vacancy
from core.settings import load_settings
from core.shortlists import Gap
from core.vocabulary import GapKind
from embeddings.encoder import Encoder, TextKind
from embeddings.loading import load_encoder
from ranking.courses import CourseBook
from ranking.features import CLOSE

PAIRS: Final = Path(__file__).parent.parent / "tests" / "ranking" / "data"
Pair = tuple[str, str]
"""A missing skill, and what a course teaches."""


def read(name: str) -> dict[Pair, bool]:
    """The pairs of a file, and whether the course fits."""
    lines = (PAIRS / f"course_pairs_{name}.tsv").read_text(encoding="utf-8").splitlines()
    return {(missing, given): fits == "1" for fits, missing, given in (line.split("\t") for line in lines)}


def close_pairs(pairs: Iterable[Pair], encoder: Encoder) -> set[Pair]:
    """The pairs that come close, each looked at alone."""
    known = list(pairs)
    missing, given = (encoder.encode([pair[side] for pair in known], kind=TextKind.PHRASE) for side in (0, 1))
    near = np.einsum("ij,ij->i", missing, given) >= CLOSE
    return {pair for pair, is_near in zip(known, near, strict=True) if is_near}


def offered(pairs: Iterable[Pair], encoder: Encoder) -> set[Pair]:
    """What is offered for every skill when all courses stand in one catalogue."""
    known = list(pairs)
    skills = sorted({given for _, given in known})
    courses = [Course(course_id=f"c-{n}", title=skill, skills_given=[skill]) for n, skill in enumerate(skills)]
    gaps = [Gap(kind=GapKind.SKILL, what=missing) for missing in sorted({missing for missing, _ in known})]
    book = CourseBook(courses, encoder, {})
    told = book.courses_for(gaps, Talent(talent_id="t"), Vacancy(vacancy_id="v", title="werk"), today=date.min)
    return {(one.gap.what, offer.course.skills_given[0]) for one in told for offer in one.offers}


def _share(part: int, whole: int) -> str:
    found = stats.binomtest(part, whole).proportion_ci(method="wilson")
    return f"{part}/{whole} = {part / whole:.2f} ({found.low:.2f} to {found.high:.2f})"


def main() -> None:
    """Prints both for the pairs of development and those held out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoder", help="another encoder than the shipped one")
    encoder = load_encoder(load_settings(encoder=parser.parse_args().encoder))
    print(f"encoder {encoder.version}, close from {CLOSE}")
    for name in ("development", "held_out"):
        pairs = read(name)
        right = {pair for pair, fits in pairs.items() if fits}
        print(f"{name}: {len(pairs)} pairs, {len(right)} of them fitting")
        for how, found in (("pair by pair", close_pairs(pairs, encoder)), ("in a catalogue", offered(pairs, encoder))):
            print(f"  {how}: precision {_share(len(found & right), len(found))}", end="")
            print(f", recall {_share(len(found & right), len(right))}")


if __name__ == "__main__":
    main()
