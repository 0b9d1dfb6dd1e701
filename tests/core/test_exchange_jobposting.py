"""From schema.org JobPosting: what is clear is taken, what is not stays unknown."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.errors import RecordInvalid
from core.exchange import ImportKind, import_files, jobposting
from core.exchange.plain_text import plain_text
from core.records import Vacancy
from core.store import Store

NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)
POSTING: dict[str, object] = {
    "@context": "https://schema.org/",
    "@type": "JobPosting",
    "identifier": {"@type": "PropertyValue", "name": "Jansen", "value": "j-1"},
    "title": "Magazijnmedewerker &amp; chauffeur",
    "description": "<p>Je verzamelt <b>orders</b>.</p><ul><li>lossen</li><li>laden</li></ul><script>x()</script>",
    "hiringOrganization": {"@type": "Organization", "name": "Jansen BV"},
    "industry": "Groothandel",
    "occupationalCategory": "9333",
    "relevantOccupation": {"@type": "Occupation", "name": "magazijnmedewerker"},
    "skills": "heftruck rijden, inpakken; scannen",
    "educationRequirements": {"@type": "EducationalOccupationalCredential", "credentialCategory": "vmbo of mbo"},
    "jobLocation": {
        "@type": "Place",
        "address": {"@type": "PostalAddress", "postalCode": "3011 AB", "addressCountry": "NL"},
        "geo": {"@type": "GeoCoordinates", "latitude": "51.92", "longitude": 4.48},
    },
    "workHours": "32 tot 38 uur per week",
    "jobStartDate": "2025-07-01",
    "validThrough": "2025-08-01T23:59",
    "totalJobOpenings": 2,
    "datePosted": "2025-05-01",
    "baseSalary": {"value": 15},
}


def convert(**changes: object) -> Vacancy:
    return Vacancy.model_validate(jobposting.vacancy({**POSTING, **changes}))


def test_a_posting_becomes_a_vacancy():
    assert convert() == Vacancy.model_validate(
        {
            "vacancy_id": "j-1",
            "title": "Magazijnmedewerker & chauffeur",
            "description": "Je verzamelt orders.\n- lossen\n- laden",
            "employer": {"name": "Jansen BV"},
            "sector": "Groothandel",
            "occupation": "magazijnmedewerker",
            "skills_required": ["heftruck rijden", "inpakken", "scannen"],
            "education_level_min": 3,
            "location": {"postcode": "3011AB", "lat": 51.92, "lon": 4.48},
            "hours_min": 32,
            "hours_max": 38,
            "starts_on": "2025-07-01",
            "closes_on": "2025-08-01",
            "positions": 2,
            "updated_at": "2025-05-01T00:00:00Z",
        }
    )


def test_a_posting_may_be_loose():
    assert convert(
        **{"@type": ["JobPosting", "Thing"], "@id": "https://x.nl/vac/1"},
        identifier=None,
        hiringOrganization="Jansen",
        skills=[{"name": "lassen"}, "solderen", 5, "x" * 200],
        educationRequirements="HBO werk- en denkniveau",
        relevantOccupation=None,
        jobLocation=[{"address": "Rotterdam", "geo": None}, {}],
        workHours="fulltime",
        jobStartDate="per direct",
        validThrough=None,
        totalJobOpenings="veel",
        datePosted="onlangs",
        dateModified="2025-05-02T10:00:00+02:00",
    ) == Vacancy.model_validate(
        {
            "vacancy_id": jobposting.vacancy({**POSTING, "identifier": "https://x.nl/vac/1"})["vacancy_id"],
            "title": "Magazijnmedewerker & chauffeur",
            "description": "Je verzamelt orders.\n- lossen\n- laden",
            "employer": {"name": "Jansen"},
            "sector": "Groothandel",
            "occupation": "9333",
            "skills_required": ["lassen", "solderen"],
            "education_level_min": 5,
            "updated_at": "2025-05-02T08:00:00Z",
            "extra": {"identifier": "https://x.nl/vac/1"},
        }
    )


@pytest.mark.parametrize(
    ("words", "hours"),
    [
        ("40 uur", (40, 40)),
        ("24-32 hours per week", (24, 32)),
        ("16 – 24u", (16, 24)),
        ("ma t/m vr 36 tot 40 uren", (36, 40)),
        ("40-32 uur", (None, None)),
        ("120 uur", (None, None)),
        ("8:00-17:00", (None, None)),
        ("", (None, None)),
    ],
)
def test_hours_in_words(words: str, hours: tuple[int | None, int | None]):
    vacancy = convert(workHours=words)
    assert (vacancy.hours_min, vacancy.hours_max) == hours


@pytest.mark.parametrize("changes", [{"@type": "Event"}, {"identifier": None}, {"identifier": {"value": True}}])
def test_without_a_kind_or_an_id_it_is_refused(changes: dict[str, object]):
    with pytest.raises(RecordInvalid):
        jobposting.vacancy({**POSTING, **changes})


def test_long_texts_are_cut_after_a_word():
    vacancy = convert(title="lange titel " * 20, description="woord " * 3_000)
    assert len(vacancy.title) <= 120
    assert vacancy.title.endswith("titel…") or vacancy.title.endswith("lange…")
    assert 7_990 <= len(vacancy.description) <= 8_000


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("plain &lt;b&gt; text", "plain <b> text"),
        ("<div>a<br>b</div>c", "a\nb\nc"),
        ("<style>p {}</style>a<p>  b\n c </p>", "a\nb\nc"),
        ("<b>open", "open"),
        ("a < b", "a < b"),
        ("</script>a<li></li>", "a"),
    ],
)
def test_html_becomes_lines(html: str, text: str):
    assert plain_text(html, cut=100) == text


def test_one_posting_in_a_file_of_its_own(sqlite_store: Store, tmp_path: Path):
    path = tmp_path / "posting.json"
    path.write_text(json.dumps(POSTING, indent=2))
    report = import_files(sqlite_store, ImportKind.JOBPOSTING, [path], rejects_dir=tmp_path, now=NOW)
    assert (report.read, report.written) == (1, 1)
    assert sqlite_store.vacancy("j-1").valid_from == datetime(2025, 5, 1, tzinfo=UTC)
