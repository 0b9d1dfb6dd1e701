"""A browser window in which somebody is logged in, on a running service."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext

from core.accounts import Role, User

PASSWORD = "een lang wachtwoord voor de proef"


@dataclass(frozen=True)
class Desk:
    """A running service: where it is, and its home. In it every role has a user of that name."""

    url: str
    home: Path
    store_url: str

    def context(self, browser: Browser, role: str | None = "matchmaker", **options: object) -> BrowserContext:
        """A window of the browser in which somebody of this role is logged in, or nobody."""
        opened = browser.new_context(base_url=self.url, locale="nl-NL", **options)  # type: ignore[arg-type]
        opened.set_default_timeout(15_000)
        if role is not None:
            page = opened.new_page()
            page.goto("/inloggen")
            page.fill("[name=naam]", role)
            page.fill("[name=wachtwoord]", PASSWORD)
            page.click("main button[type=submit]")
            page.wait_for_url(lambda address: "inloggen" not in address)
            page.close()
        return opened


def account(role: Role, **more: str) -> User:
    return User(
        user_id=f"u-{role.value}", name=role.value, display_name=f"Proef {role.value[:5]}", role=role,
        created_at=datetime.now(UTC), **more,
    )  # fmt: skip
