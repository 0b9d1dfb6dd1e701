"""From the UM exchange: every field where it belongs, and nothing that identifies or reveals."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from core.errors import RecordInvalid
from core.exchange import ImportKind, import_files, um
from core.records import Talent, Vacancy
from core.store import Store

NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)
SECRET = "Onmiskenbaar"
PROFILE: dict[str, object] = {
    "idWerkzoekende": "wz-1",
    "indicatieLdrRegistratie": 1,
    "indicatieBeschikbaarheidContactgegevens": 1,
    "persoonlijkePresentatie": " Ik werk graag met mijn handen. ",
    "voorkeursland": [{"landencodeIso": "NL"}],
    "eisAanWerk": {"indicatieBegeleiding": 1},
    "vervoermiddel": [
        {"codeVervoermiddel": 3, "indicatieBeschikbaarVoorWoonWerkverkeer": 1},
        {"codeVervoermiddel": 1, "indicatieBeschikbaarVoorWoonWerkverkeer": 2},
        {"codeVervoermiddel": 5},
    ],
    "mobiliteit": {"bemiddelingspostcode": "3011 ab", "maximaleReisafstand": 999, "maximaleReistijd": 45},
    "flexibiliteit": {
        "codeRegiostraal": 3,
        "indicatieOnregelmatigWerkOfPloegendienst": 2,
        "datumAanvangBeschikbaarVoorWerk": "2025-07-01",
        "datumEindeBeschikbaarVoorWerk": "2025-12-31",
    },
    "werktijden": {
        "aantalWerkurenPerWeekMinimaal": 24,
        "aantalWerkurenPerWeekMaximaal": 32,
        "indicatieKantoortijden": 1,
    },
    "contractvorm": [{"codeTypeArbeidscontract": "B"}],
    "arbeidsmarktkwalificatie": {
        "codeWerkEnDenkniveauWerkzoekende": 3,
        "vakvaardigheid": [{"omschrijving": "solderen"}, {"omschrijving": "solderen"}, {}],
        "taalbeheersing": [
            {"codeTaal": "nld", "codeNiveauTaalbeheersingMondeling": 3, "codeNiveauTaalbeheersingSchriftelijk": 1},
            {"codeTaal": "ara", "codeNiveauTaalbeheersingMondeling": 8, "codeNiveauTaalbeheersingLezen": 4},
        ],
        "gedragscompetentie": [
            {"codeGedragscompetentie": 24105, "codeBeheersingGedragscompetentie": 1},
            {"codeGedragscompetentie": 24116, "omschrijvingGedragscompetentie": "Leren"},
        ],
        "interesse": [{"naamInteresse": "techniek"}],
        "rijbewijs": [{"codeSoortRijbewijs": "AM"}, {"codeSoortRijbewijs": "B+"}],
        "cursus": [
            {"naamCursus": "VCA", "datumCertificaat": "2024-01-01"},
            {"naamCursus": "Lopend", "datumAanvangVolgenCursus": "2025-01-01"},
            {"naamCursus": "Gepland", "datumEindeVolgenCursus": "2025-06-02"},
            {"naamCursus": "Gedaan", "datumAanvangVolgenCursus": "2024-01-01", "datumEindeVolgenCursus": "2025-06-01"},
            {"naamCursus": "Zonder datum", "naamOpleidingsinstituut": SECRET},
        ],
        "opleiding": [{"codeNiveauOpleiding": 2, "naamOpleidingsinstituut": SECRET}],
        "werkervaring": [
            {
                "datumAanvangWerkzaamheden": "2020-01-15",
                "datumEindeWerkzaamheden": "2021-03-14",
                "naamOrganisatie": SECRET,
                "beroep": {"codeBeroepsnaam": "1", "omschrijvingBeroepsnaam": "monteur"},
                "toelichtingWerkervaring": "witgoed",
            },
            {"beroep": {"naamBeroepOngecodeerd": "klusser"}, "datumAanvangWerkzaamheden": "2022-01-01"},
        ],
    },
    "emailadres": [f"{SECRET}@example.nl"],
    "webadres": [{"url": f"https://{SECRET}.nl"}],
    "telefoonnummer": ["0612345678"],
    "contactpersoon": [{"naamContactpersoonAfdeling": SECRET}],
    "sector": [{"codeSbi": 43}],
    "bemiddelingsberoep": [{"omschrijvingBeroepsnaam": "elektromonteur"}, {"naamBeroepOngecodeerd": "fietsenmaker"}],
    # Not in 0.8.7, and not to be trusted to stay out.
    "naam": SECRET,
    "geslacht": SECRET,
    "geboortedatum": SECRET,
}


def test_a_jobseeker_becomes_a_talent():
    assert Talent.model_validate(um.talent(PROFILE, today=NOW.date())) == Talent.model_validate(
        {
            "talent_id": "wz-1",
            "presentation": "Ik werk graag met mijn handen.",
            "behaviours": [{"code": 24105, "level": 1}, {"code": 24116, "level": 5}],
            "skills": ["solderen"],
            "interests": ["techniek"],
            "preferred_occupations": ["elektromonteur", "fietsenmaker"],
            "experience": [{"occupation": "monteur", "months": 14, "text": "witgoed"}, {"occupation": "klusser"}],
            "education_level": 3,
            "certificates": ["VCA", "Gedaan", "Zonder datum"],
            "licences": ["AM", "B+"],
            "languages": [{"code": "nld", "spoken": 3, "written": 0}, {"code": "ara"}],
            "location": {"postcode": "3011AB"},
            "max_travel_km": 500,
            "max_travel_minutes": 45,
            "transport": ["bicycle", "public_transport"],
            "hours_min": 24,
            "hours_max": 32,
            "irregular_hours": False,
            "available_from": "2025-07-01",
            "available_until": "2025-12-31",
        }
    )


def test_what_is_not_said_stays_unknown():
    sparse = {
        "idWerkzoekende": "wz",
        "vervoermiddel": [],
        "werktijden": None,
        "flexibiliteit": {"indicatieOnregelmatigWerkOfPloegendienst": 0},
        "arbeidsmarktkwalificatie": {
            "codeWerkEnDenkniveauWerkzoekende": 7,
            "rijbewijs": [],
            "cursus": [],
            "werkervaring": [],
        },
    }
    assert Talent.model_validate(um.talent(sparse, today=NOW.date())) == Talent(talent_id="wz")


@pytest.mark.parametrize("code", [0, 7, "0", "7"])
def test_an_education_that_is_not_known_is_unknown(code: object):
    profile = {"idWerkzoekende": "wz", "arbeidsmarktkwalificatie": {"codeWerkEnDenkniveauWerkzoekende": code}}
    assert Talent.model_validate(um.talent(profile, today=NOW.date())).education_level is None


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        ("2020-01-01", "2020-12-31", 12),
        ("2020-01-01", "2020-12-30", 11),
        ("2020-01-15", "2020-02-14", 1),
        ("2020-01-15", "2020-02-13", 0),
        ("2020-01-31", "2020-01-01", None),
        ("2020-01-31", "later", None),
        ("1900-01-01", "2020-01-01", None),
    ],
)
def test_months_of_experience(first: str, last: str, months: int | None):
    work = {"datumAanvangWerkzaamheden": first, "datumEindeWerkzaamheden": last, "beroep": {}}
    profile = {"idWerkzoekende": "wz", "arbeidsmarktkwalificatie": {"werkervaring": [work]}}
    talent = Talent.model_validate(um.talent(profile, today=NOW.date()))
    assert [item.months for item in talent.experience or []] == [months]


def test_a_foreign_id_gets_a_stable_one_of_ours():
    first, again, other = (um.talent({"idWerkzoekende": key}, today=date.min) for key in ("a/1", "a/1", "a/2"))
    assert first == again
    assert first["talent_id"] != other["talent_id"]
    assert str(first["talent_id"]).startswith("um:")
    assert first["extra"] == {"um_id": "a/1"}
    assert Talent.model_validate(first)


VACATURE: dict[str, object] = {
    "idVacature": "vac-1",
    "nummerVacature": "12345678901",
    "naamVacature": "Monteur",
    "omschrijvingVacature": "Je monteert.",
    "codeWerkEnDenkniveauMinimaal": "4",
    "sluitingsDatumVacature": "2025-08-01",
    "werkgever": {
        "handelsnaamOrganisatie": "J" * 130,
        "contactpersoon": [{"naamContactpersoonAfdeling": SECRET}],
        "sector": [{"codeSbi": 43210}],
        "adresHouding": [
            {"codeFunctieAdres": "C", "adres": {"adresNederland": {"postcode": "1000AA"}}},
            {"codeFunctieAdres": "V", "adres": {"adresNederland": {"postcode": "2000AA"}}},
            {"codeFunctieAdres": "E", "adres": {"adresNederland": {"postcode": "3011AB"}}},
        ],
    },
    "sector": {"codeSbi": 4321},
    "arbeidsVoorwaarden": {
        "datumAanvangWerkzaamheden": "2025-09-01",
        "datumEindeWerkzaamheden": "2026-09-01",
        "omschrijvingArbeidsvoorwaarden": "Goede lunch.",
    },
    "beroep": {"naamBeroepOngecodeerd": "monteur"},
    "rijbewijs": [{"codeSoortRijbewijs": "B"}],
    "vervoermiddel": [
        {"codeVervoermiddel": 1, "indicatieBeschikbaarVoorUitvoeringWerk": 1},
        {"codeVervoermiddel": 3, "indicatieBeschikbaarVoorUitvoeringWerk": 0},
    ],
    "flexibiliteit": {"indicatieOnregelmatigWerkOfPloegendienst": 1},
    "werktijden": {"aantalWerkurenPerWeekMinimaal": 32, "aantalWerkurenPerWeekMaximaal": 40},
    "cursus": [{"naamCursus": "VCA"}],
    "gedragscompetentie": [{"codeGedragscompetentie": 24105, "codeBeheersingGedragscompetentie": 1}],
    "vakvaardigheid": [{"omschrijving": "solderen"}],
    "taalbeheersing": [{"codeTaal": "nld", "codeNiveauTaalbeheersingMondeling": 2}],
}


def test_a_vacature_becomes_a_vacancy():
    assert Vacancy.model_validate(um.vacancy(VACATURE)) == Vacancy.model_validate(
        {
            "vacancy_id": "vac-1",
            "title": "Monteur",
            "description": "Je monteert.\n\nGoede lunch.",
            "employer": {"name": "J" * 120},
            "sector": "4321",
            "occupation": "monteur",
            "skills_required": ["solderen"],
            "behaviours": [{"code": 24105}],
            "education_level_min": 4,
            "certificates_required": ["VCA"],
            "licences_required": ["B"],
            "languages_required": [{"code": "nld", "spoken": 2}],
            "location": {"postcode": "3011AB"},
            "hours_min": 32,
            "hours_max": 40,
            "irregular_hours": True,
            "transport_required": ["car"],
            "starts_on": "2025-09-01",
            "contract_ends_on": "2026-09-01",
            "closes_on": "2025-08-01",
        }
    )


def test_a_vacature_may_be_sparse():
    sparse = {"nummerVacature": "1", "naamVacature": "Kok", "werkgever": {"sector": [{"codeSbi": 56}]}}
    vacancy = Vacancy.model_validate(um.vacancy(sparse))
    assert vacancy == Vacancy(vacancy_id="1", title="Kok", sector="56")
    with pytest.raises(RecordInvalid, match="werkgever: an object"):
        um.vacancy({"idVacature": "1", "werkgever": "Jansen"})


def test_nothing_that_identifies_reaches_the_store_or_the_rejects(sqlite_store: Store, tmp_path: Path):
    path = tmp_path / "um.json"
    refused = {**PROFILE, "idWerkzoekende": "wz-2", "werktijden": {"aantalWerkurenPerWeekMinimaal": 400}}
    path.write_text(json.dumps([PROFILE, refused, SECRET], indent=1))
    report = import_files(sqlite_store, ImportKind.UM_TALENTS, [path], rejects_dir=tmp_path / "rejects", now=NOW)
    assert (report.written, report.rejected) == (1, 2)
    sqlite_store.close()
    for folder in (tmp_path / "rejects", tmp_path / "home"):
        for file in folder.iterdir():
            content = file.read_bytes()
            assert SECRET.encode() not in content
            assert b"0612345678" not in content
    assert report.rejects_file is not None
    first, second = map(json.loads, report.rejects_file.read_text().splitlines())
    assert first["raw"]["idWerkzoekende"] == "wz-2"
    assert first["raw"]["arbeidsmarktkwalificatie"]["vakvaardigheid"] == [{"omschrijving": "solderen"}] * 2 + [{}]
    # What was kept of the refused one says all that we would have read of it.
    assert um.talent(first["raw"], today=NOW.date()) == um.talent(refused, today=NOW.date())
    assert "raw" not in second
