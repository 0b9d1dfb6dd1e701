"""What people write of themselves goes; what they can do stays."""

import pytest

from embeddings.redaction import redact


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("Bel mij op 06-12345678.", "12345678"),
        ("Bel +31 6 1234 5678 voor meer.", "5678"),
        ("Mail naar fatma.yilmaz@example.nl graag.", "fatma"),
        ("Zie www.fatma.nl voor werk.", "fatma"),
        ("Ik woon op 3011 AB in de stad.", "3011"),
        ("Mijn bsn is 123456782.", "123456782"),
        ("Ik ben 54 jaar en werk hard.", "54"),
        ("Ik ben 54 en werk hard.", "54"),
        ("Als 54-jarige weet ik van aanpakken.", "54"),
        ("Ik ben geboren in 1971 en werk hard.", "1971"),
        ("Mijn naam is Fatma Yılmaz en ik werk hard.", "Fatma"),
        ("Ik heet Jan de Vries.", "Jan"),
        ("Ik ben een vrouw met energie.", "vrouw"),
        ("Ik ben een alleenstaande moeder van twee kinderen.", "moeder"),
        ("Ik werk graag. Ik heb autisme en hou van rust.", "autisme"),
        ("Na een burn-out zoek ik rust. Ik werk graag.", "burn-out"),
        ("Door mijn rugklachten kan ik niet tillen. Ik werk graag.", "rugklachten"),
        ("Vanwege een hernia heb ik niet gewerkt. Ik werk graag.", "hernia"),
    ],
)
def test_goes(text, gone):
    kept = redact(text)
    assert gone not in kept
    assert "werk" in kept or "werk" not in text


@pytest.mark.parametrize(
    "text",
    [
        "Ik heb 10 jaar ervaring als lasser.",
        "Ik werkte 12 jaar bij een bakker.",
        "Ik heb ervaring met kinderen met autisme.",
        "Ik heb cliënten met een beperking begeleid.",
        "Ik ken de haven blindelings en ben een harde werker.",
        "Ik kan 32 tot 38 uur werken, vanaf 07.00 uur.",
        "Ik werk met machines van 5000 kg en NEN 3140.",
        "Als team bereik je meer. Ik ben een doorzetter.",
        "Ik werk als vrouwenkapper en herenkapper.",
        "",
    ],
)
def test_stays(text):
    assert redact(text) == text
