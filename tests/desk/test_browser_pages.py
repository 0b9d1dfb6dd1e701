"""Every page in a real browser: nothing that axe objects to, nothing that sticks out, and a picture of how it looks."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from desk_browser import Desk
from playwright.sync_api import Browser, Page

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
