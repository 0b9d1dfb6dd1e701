"""Behavioural competences, read from Dutch sentences by hand."""

import numpy as np
import pytest
from ranking_parts import PLACES, talent, vacancy

from core.vocabulary import BEHAVIOUR_CODE_MIN, BEHAVIOURS_NL
from ranking.columns import TalentColumns
from ranking.conduct import N_BEHAVIOURS, asked_behaviours, told_behaviours


def asked(description: str, **fields: object) -> set[int]:
    columns = asked_behaviours(vacancy(title="medewerker", description=description, **fields))
    return {column + BEHAVIOUR_CODE_MIN for column in columns}


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("Je bent eerlijk en stressbestendig.", {24106, 24123}),
        ("Je werkt nauwkeurig.", {24120}),
        ("Jij bent klantgericht, flexibel en leergierig.", {24119, 24122, 24116}),
        ("Wij zijn een flexibel en eerlijk bedrijf.", set()),  # of themselves
        ("Ervaring is niet belangrijk, stipt zijn wel.", {24121}),
        ("Creatief hoef je niet te zijn.", set()),
        ("Je geeft niet op: je bent een doorzetter.", {24124}),
        ("Je verplaatst pallets.", set()),
    ],
)
def test_what_a_text_asks(description: str, expected: set[int]) -> None:
    assert asked(description) == expected


def test_the_form_goes_before_the_text() -> None:
    assert asked("Je bent eerlijk.", behaviours=[{"code": 24116}, {"code": 24105}]) == {24105, 24116}


def test_what_people_say_of_themselves() -> None:
    told = told_behaviours("Ik leer snel en ik ben eerlijk. Plannen kan ik niet.")
    assert {int(column) + BEHAVIOUR_CODE_MIN for column in np.flatnonzero(told)} == {24106, 24116}
    assert not told_behaviours("").any()
    columns = TalentColumns.build([talent("t-1"), talent("t-2", presentation="Ik ben heel precies.")], PLACES)
    assert columns.behaviours_told.shape == (2, N_BEHAVIOURS)
    assert columns.behaviours_told.sum(axis=1).tolist() == [0, 1]


def test_every_competence_has_its_words() -> None:
    texts = {
        24100: "je neemt initiatief", 24101: "je kunt mensen aansturen", 24102: "je gaat nieuwe mensen coachen",
        24104: "je hebt inlevingsvermogen", 24105: "je kunt goed samenwerken", 24106: "je bent betrouwbaar",
        24107: "je hebt een netwerk", 24108: "je bent overtuigend", 24109: "je bent representatief",
        24110: "je bent communicatief sterk", 24111: "je levert vakwerk", 24112: "je bent zuinig op je spullen",
        24113: "je denkt logisch na", 24114: "je bent nieuwsgierig", 24115: "je bent creatief",
        24116: "je bent leergierig", 24118: "je werkt gestructureerd", 24119: "je bent klantvriendelijk",
        24120: "je werkt nauwkeurig", 24121: "je komt op tijd", 24122: "je bent flexibel",
        24123: "je blijft rustig", 24124: "je bent gedreven", 24125: "je bent commercieel",
        24126: "je bent kostenbewust",
    }  # fmt: skip
    assert set(texts) == set(BEHAVIOURS_NL)
    for code, text in texts.items():
        assert code in asked(text), text
