"""The pages in a real browser: a matchmaker's whole day, and every page as everybody can use it.

One file, so that one worker of the test run starts one service for all of it.
"""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from desk_browser import PASSWORD, Desk
from playwright.sync_api import Browser, Page, expect

from api.examples import VACANCY_TEXT
from core.store import Store

HOURS = "30"  # what she corrects: the text says otherwise


class Day:
    """One day, step by step; each method leaves the page where the next one begins."""

    def __init__(self, page: Page, screenshots: Path, name: str) -> None:
        self.page = page
        self._screenshots = screenshots
        self._name = name
        self._n = 0

    def picture(self, what: str) -> None:
        self._n += 1
        self.page.screenshot(path=self._screenshots / f"dag-{self._name}-{self._n:02}-{what}.png", full_page=True)

    def log_in(self) -> None:
        self.page.goto("/")
        self.page.get_by_label("Gebruikersnaam").fill("matchmaker")
        self.page.get_by_label("Wachtwoord").fill(PASSWORD)
        self.page.locator("main button[type=submit]").click()
        expect(self.page.locator("h1")).to_have_text("Vacatures")

    def placed_so_far(self) -> int:
        self.page.goto("/overzicht")
        told = self.page.locator("[data-placed]")
        n = int(told.get_attribute("data-placed") or -1)
        assert f" {n:,} ".replace(",", ".") in told.inner_text()
        return n

    def paste_vacancy(self, employer: str) -> None:
        self.page.goto("/vacatures")
        self.page.get_by_role("link", name="Nieuwe vacature").click()
        self.page.fill("[name=employer]", employer)
        self.page.fill("[name=description]", VACANCY_TEXT)
        self.picture("plakken")
        self.page.click("button[value=lezen]")
        expect(self.page.locator("[name=hours_min]")).not_to_have_value(HOURS)

    def correct_and_rank(self) -> None:
        self.picture("nakijken")
        self.page.fill("[name=hours_min]", HOURS)
        self.page.click("button[value=shortlist]")
        self.page.wait_for_url("**/shortlists/**")
        expect(self.page.locator("h1")).to_contain_text("Shortlist")

    def compare(self) -> None:
        boxes = self.page.locator("input[name=wie]")
        boxes.nth(0).check()
        boxes.nth(1).check()
        self.page.get_by_role("button", name=re.compile("Vergelijk")).first.click()
        self.page.wait_for_url("**/vergelijk?*")
        expect(self.page.locator("table thead th")).to_have_count(3)
        self.picture("vergelijken")
        self.page.go_back()

    def decide(self, path: str, talent: str, **fields: str) -> None:
        """One of the forms under a person; it is opened as she would."""
        form = self.page.locator(f"form[action$='/talenten/{talent}/{path}']")
        for summary in form.locator("xpath=ancestor::details/summary").all():
            if summary.locator("xpath=..").get_attribute("open") is None:
                summary.click()
        for name, value in fields.items():
            form.locator(f"[name={name}]").fill(value)
        form.locator("button[type=submit]").click()
        expect(self.page.locator(".notice--ok")).to_be_visible()

    def call(self, talent: str) -> None:
        """The call after the first day: she picks those calls, finds the person, and then it takes two clicks."""
        self.page.goto("/nazorg?moment=first_day")
        self.picture("nazorg")
        card = self.page.locator(".card", has=self.page.locator(f"a[href='/talenten/{talent}']"))
        while not card.count():
            self.page.locator("a[rel=next]").click()
        card.first.locator("summary").first.click()
        card.first.get_by_role("button", name="Werkt er nog", exact=True).click()
        expect(self.page.locator(".notice--ok")).to_be_visible()

    def log_out(self) -> None:
        self.page.get_by_role("button", name="Uitloggen").click()
        expect(self.page).to_have_url(re.compile("/inloggen"))
        self.page.goto("/nazorg")
        expect(self.page).to_have_url(re.compile("/inloggen"))


@pytest.mark.slow
@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_whole_day(desk: Desk, browser: Browser, screenshots: Path, *, script: bool) -> None:
    name = "met" if script else "zonder"
    context = browser.new_context(base_url=desk.url, locale="nl-NL", java_script_enabled=script)
    context.set_default_timeout(15_000)
    day = Day(context.new_page(), screenshots, name)
    day.log_in()
    before = day.placed_so_far()
    day.picture("overzicht-eerst")
    day.paste_vacancy(f"Magazijn Proef {name}")
    day.correct_and_rank()
    day.picture("shortlist")
    shortlist_id = day.page.url.partition("?")[0].rpartition("/")[2].partition("#")[0]
    day.compare()
    with Store.open(desk.store_url) as store:
        shortlist = store.shortlist(shortlist_id)
        assert shortlist.vacancy_id is not None
        vacancy = store.vacancy(shortlist.vacancy_id).record
    talent = shortlist.entries[0].talent_id
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date()
    day.decide("voorstellen", talent)
    day.decide("geplaatst", talent, start=yesterday.isoformat(), uren="32")
    day.picture("geplaatst")
    day.call(talent)
    day.picture("gebeld")
    assert day.placed_so_far() == before + 1
    day.picture("overzicht-daarna")
    day.log_out()
    context.close()
    with Store.open(desk.store_url) as store:
        events = [event for event in store.iter_events(vacancy_id=vacancy.vacancy_id) if event.talent_id == talent]
    assert vacancy.hours_min == float(HOURS)
    assert [event.kind.value for event in events] == ["shown", "proposed", "placed", "checkpoint"]
    assert events[-1].model_dump()["moment"] == "first_day"
    assert {event.extra["by"] for event in events} == {"u-matchmaker"}


LOOKS = ((320, "light", True), (768, "light", False), (1280, "dark", True))
"""Width, colours, and whether axe looks too: it sees every page narrow and wide, light and dark."""
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "resultTypes": ["violations"],
}


@pytest.fixture(scope="module")
def pages(desk: Desk, browser: Browser) -> dict[str, tuple[str, str]]:
    """Name of each page → the role that looks at it and its address."""
    context = desk.context(browser)
    page = context.new_page()
    page.goto("/vacatures")
    page.locator("main a[href^='/vacatures/']:not([href$='nieuw'])").first.click()
    vacancy = page.url
    page.locator("form[action$='/shortlist'] button").first.click()
    page.wait_for_url("**/shortlists/**")
    shortlist = page.url.partition("?")[0]
    talents = [entry.get_attribute("href") for entry in page.locator("main a[href^='/talenten/']").all()]
    one, other = list(dict.fromkeys(str(link).rpartition("/")[2] for link in talents))[:2]
    page.goto("/nazorg")
    placement = str(page.locator("li.call h3 a").first.get_attribute("href"))
    context.close()
    matchmaker = "matchmaker"
    return {
        "inloggen": ("", "/inloggen"),
        "vacatures": (matchmaker, "/vacatures"),
        "vacatures-leeg": (matchmaker, "/vacatures?zoek=bestaatniet"),
        "vacature": (matchmaker, vacancy),
        "vacature-wijzig": (matchmaker, f"{vacancy}/wijzig"),
        "nieuw": (matchmaker, "/vacatures/nieuw"),
        "shortlist": (matchmaker, shortlist),
        "vergelijk": (matchmaker, f"{shortlist}/vergelijk?a={one}&b={other}"),
        "print": (matchmaker, f"{shortlist}/print"),
        "talenten": (matchmaker, "/talenten"),
        "talent": (matchmaker, f"/talenten/{one}"),
        "nazorg": (matchmaker, "/nazorg"),
        "nazorg-hulp": (matchmaker, "/nazorg?lijst=hulp"),
        "nazorg-plaatsing": (matchmaker, placement),
        "overzicht": (matchmaker, "/overzicht"),
        "cursussen": (matchmaker, "/cursussen"),
        "wissen": ("administrator", f"/talenten/{one}/wissen"),
        "gebruikers": ("administrator", "/gebruikers"),
        "voorgesteld": ("employer", "/voorgesteld"),
        "niet-gevonden": (matchmaker, "/vacatures/bestaat-niet"),
    }


def objections(page: Page) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{one['id']}: {one['help']} at {[node['target'] for node in one['nodes']][:3]}" for one in found]


@pytest.mark.slow
@pytest.mark.parametrize(("width", "scheme", "axe"), LOOKS)
def test_every_page_can_be_used_by_everybody(
    desk: Desk,
    browser: Browser,
    pages: dict[str, tuple[str, str]],
    screenshots: Path,
    width: int,
    scheme: str,
    axe: bool,
) -> None:
    """WCAG 2.2 AA by axe, no scrolling sideways, one heading of the first level, nothing refused by the policy."""
    wrong: list[str] = []
    for role in sorted({role for role, _ in pages.values()}):
        context = desk.context(browser, role or None, viewport={"width": width, "height": 900}, color_scheme=scheme)
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message, said=said: said.append(message.text) if message.type == "error" else None)
        for name, (who, address) in pages.items():
            if who != role:
                continue
            said.clear()
            page.goto(address)
            page.screenshot(path=screenshots / f"{name}-{width}-{scheme}.png", full_page=True)
            wrong += [f"{name}: {one}" for one in (objections(page) if axe else ())]
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            wrong += [f"{name}: {wide} px sticks out"] if wide > 0 else []
            wrong += [f"{name}: {page.locator('h1').count()} h1"] if page.locator("h1").count() != 1 else []
            wrong += [f"{name}: {one}" for one in said if "404" not in one]
        context.close()
    assert not wrong, "\n".join(wrong)
