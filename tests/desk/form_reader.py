"""What a browser would send for a form of a page, read from the HTML alone."""

from html.parser import HTMLParser


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, list[tuple[str, str]]] = {}
        self._values: list[tuple[str, str]] | None = None
        self._text: str | None = None
        self._select: str | None = None
        self._chosen: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._values = self.forms.setdefault(given["action"], [])
        elif self._values is None:
            return
        elif tag == "input":
            ticked = given.get("type") not in {"checkbox", "radio"} or "checked" in given
            if ticked and "name" in given:
                self._values.append((given["name"], given.get("value", "")))
        elif tag == "textarea":
            self._text, self._select = "", given["name"]
        elif tag == "select":
            self._select, self._chosen = given["name"], None
        elif tag == "option" and self._select and ("selected" in given or self._chosen is None):
            self._chosen = given.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if self._values is None:
            return
        if tag == "form":
            self._values = None
        elif tag == "textarea" and self._text is not None:
            self._values.append((self._select or "", self._text.removeprefix("\n")))
            self._text = None
        elif tag == "select":
            self._values.append((self._select or "", self._chosen or ""))
            self._select = None


def form_on(html: str, action: str) -> dict[str, list[str]]:
    """Fields and values of the form that is sent to an address; buttons are not in it.

    Raises:
        KeyError: the page has no such form.
    """
    reader = _Forms()
    reader.feed(html)
    found: dict[str, list[str]] = {}
    for name, value in reader.forms[action]:
        found.setdefault(name, []).append(value)
    return found
