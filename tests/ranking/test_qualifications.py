import pytest

from ranking.qualifications import certificate_gives, certificate_satisfies, licence_categories, licences_held


@pytest.mark.parametrize(
    ("text", "categories"),
    [
        ("B", {"B"}),
        ("rijbewijs B", {"B"}),
        ("Rijbewijs B/BE", {"B", "BE"}),
        ("C + CE", {"C", "CE"}),
        ("b", {"B"}),
        ("am", {"AM"}),
        ("C1E en D1E", {"C1E", "D1E"}),
        ("A1, A2", {"A1", "A2"}),
        ("geen", set()),
        ("", set()),
        ("heftruck", set()),
        ("Bus", set()),
    ],
)
def test_categories_named_in_a_text(text: str, categories: set[str]) -> None:
    assert licence_categories(text) == categories


# Who holds the key may drive everything in the value, and nothing else (rijbewijs.nl, "rijbewijscategorieën").
HIERARCHY = {
    "AM": {"AM"},
    "A1": {"A1", "AM"},
    "A2": {"A2", "A1", "AM"},
    "A": {"A", "A2", "A1", "AM"},
    "B": {"B", "AM"},
    "BE": {"BE", "B", "AM"},
    "C1": {"C1", "B", "AM"},
    "C1E": {"C1E", "C1", "BE", "B", "AM"},
    "C": {"C", "C1", "B", "AM"},
    "CE": {"CE", "C", "C1E", "C1", "BE", "B", "AM"},
    "D1": {"D1", "B", "AM"},
    "D1E": {"D1E", "D1", "BE", "B", "AM"},
    "D": {"D", "D1", "B", "AM"},
    "DE": {"DE", "D", "D1E", "D1", "BE", "B", "AM"},
}


@pytest.mark.parametrize("category", HIERARCHY)
def test_a_licence_includes_those_below_it(category: str) -> None:
    assert licences_held([category]) == HIERARCHY[category]


def test_several_licences_add_up() -> None:
    assert licences_held(["B", "A2"]) == {"B", "A2", "A1", "AM"}
    assert licences_held([]) == frozenset()


@pytest.mark.parametrize(
    ("offered", "required"),
    [
        ("heftruckcertificaat", "heftruck"),
        ("Heftruck certificaat", "certificaat heftruck"),
        ("HEFTRUCK", "heftruckcertificaat"),
        ("VCA", "VCA-certificaat"),
        ("vca basis", "VCA"),
        ("diploma Verzorgende IG", "verzorgende ig"),
        ("een geldig BHV certificaat", "BHV"),
        ("Café-diploma", "cafe diploma"),
        ("certificaat", "Certificaat "),
        ("VCA VOL", "VCA basis"),
        ("vca-vol", "VCA"),
        ("VIL-VCU", "VCA VOL"),
        ("VCA", "VCA VOL"),  # which one is not said: doubt counts for the person
        ("lascertificaat niveau 3", "lascertificaat niveau 2"),
        ("lascertificaat", "lascertificaat niveau 2"),
    ],
)
def test_the_same_certificate_in_other_words(offered: str, required: str) -> None:
    assert certificate_satisfies(offered, required)


@pytest.mark.parametrize(
    ("offered", "required"),
    [
        ("heftruck", "reachtruck"),
        ("VCA", "BHV"),
        ("HACCP", "heftruckcertificaat"),
        ("certificaat", "heftruck"),
        ("", "VCA"),
        ("diploma", "certificaat"),
        ("sociale hygiëne", "hygiënecode"),
        ("VCA basis", "VCA VOL"),
        ("B-VCA", "VCA-VOL"),
        ("Basisveiligheid VCA", "VCA vol diploma"),
        ("VCA VOL", "VIL-VCU"),
        ("VCA", "VIL-VCU"),
        ("lascertificaat niveau 2", "lascertificaat niveau 3"),
    ],
)
def test_another_certificate(offered: str, required: str) -> None:
    assert not certificate_satisfies(offered, required)


@pytest.mark.parametrize(
    ("given", "needed"),
    [
        ("VCA basis", "VCA"),
        ("VCA", "vca-diploma"),
        ("VCA VOL", "VCA basis"),
        ("VIL-VCU", "VCA VOL"),
        ("heftruckcertificaat", "Heftruckcertificaat (RTT)"),
        ("sociale hygiëne", "SVH Sociale Hygiëne"),
        ("diploma verzorgende IG", "mbo 3 verzorgende IG"),
        ("heftruck en reachtruck", "reachtruckcertificaat"),
        ("BHV (met herhaling)", "BHV"),
    ],
)
def test_a_course_gives_a_certificate_by_name_or_higher_on_its_ladder(given: str, needed: str) -> None:
    assert certificate_gives(given, needed)


@pytest.mark.parametrize(
    ("given", "needed"),
    [
        ("VCA basis", "VCA VOL"),
        ("VCA VOL", "VIL-VCU"),
        ("mbo 2", "mbo 2 helpende"),  # would satisfy, for people get the benefit of the doubt
        ("heftruck", "heftruck en reachtruck"),
        ("EHBO", "BHV"),
        ("diploma", "VCA"),
        ("", "VCA"),
    ],
)
def test_a_course_does_not_give_what_it_does_not_name(given: str, needed: str) -> None:
    assert not certificate_gives(given, needed)
