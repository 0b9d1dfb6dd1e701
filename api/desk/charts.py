"""Plots for pages, drawn on the server as SVG. The only file of the pages that names matplotlib.

The pages' policy allows no style inside a page, so matplotlib's are turned into attributes. Words take the colour of
the text around them; the three fills stand out at least 3 to 1 on white and on the dark background alike, and every
bar has its number, so that no colour carries a meaning alone.
"""

import hashlib
import io
import logging
import re
import threading
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Self
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS: Final = ("#21866f", "#7c8a86", "#c2620c")  # green, grey, orange
FAINT: Final = "#9aa5a2"
_TEXT: Final = "#010203"  # a mark that no one sees: replaced by the colour of the page's text
_WIDTH: Final = 4.6  # inches of 72 points: on a telephone about as wide as the screen
_ROW: Final = 0.54  # inches of a bar with its words above it
_THICK: Final = 0.36  # of a row, for the bar
_FOOT: Final = 0.06  # of a row, below the bar
_MARK: Final = 0.008  # of the width, for the mark at a target
_LEGEND: Final = 0.36  # inches
_FONT: Final = 13
_BEYOND: Final = 1.5  # times the target that still can be seen
_LEFT_OUT: Final = frozenset(f"{{http://www.w3.org/2000/svg}}{name}" for name in ("metadata", "style", "defs"))
_DRAWING: Final = threading.Lock()  # matplotlib's settings belong to the process
_KEPT: Final = 256  # plots; a page that shows the same figures again draws nothing


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar.

    Attributes:
        name: what it is of.
        parts: its lengths, one for each colour.
        said: what stands behind it.
    """

    name: str
    parts: tuple[float, ...]
    said: str


@lru_cache(maxsize=_KEPT)
def shares(bars: tuple[Bar, ...], legend: tuple[str, ...], title: str, description: str) -> str:
    """Bars of equal length, each divided into parts, the first on top.

    Args:
        bars: 1 or more, all with as many parts, at least one of them above 0.
        legend: words for the parts, at most ``len(COLOURS)``.
        title: names the picture for who cannot see it.
        description: says what it shows.

    Returns:
        An ``svg`` element to put into a page.
    """
    whole = tuple(Bar(bar.name, tuple(part / sum(bar.parts) for part in bar.parts), bar.said) for bar in bars)
    with _DRAWING, _style():
        canvas = _Canvas.of(len(bars), top=_LEGEND)
        canvas.draw(whole, longest=1.0)
        canvas.draw_legend(legend)
        return _finished(canvas.figure, title, description)


@lru_cache(maxsize=_KEPT)
def against(bars: tuple[Bar, ...], title: str, description: str) -> str:
    """Shares of a target: each bar runs to what was reached, a mark stands at the target (1).

    Args:
        bars: each with one part, the share that was reached; what is beyond ``_BEYOND`` is cut off.
        title: names the picture for who cannot see it.
        description: says what it shows.

    Returns:
        An ``svg`` element to put into a page.
    """
    longest = max(1.0, min(_BEYOND, max(bar.parts[0] for bar in bars)))
    with _DRAWING, _style():
        canvas = _Canvas.of(len(bars))
        for row in range(len(bars)):
            canvas.bar(row, 0.0, 1.0 / longest, FAINT, alpha=0.35)
        canvas.draw(bars, longest)
        for row in range(len(bars)):
            canvas.bar(row, 1.0 / longest - _MARK, _MARK, _TEXT, more=0.1)
        return _finished(canvas.figure, title, description)


@dataclass(frozen=True, slots=True)
class _Canvas:
    """A picture of so many rows. Marks are put on the figure itself: axes would double the time of drawing.

    Attributes:
        figure: what is drawn on; its coordinates run from 0 to 1.
        row: height of a row in these.
        top: height of the rows together.
    """

    figure: "Figure"
    row: float
    top: float

    @classmethod
    def of(cls, n_rows: int, *, top: float = 0.0) -> Self:
        """An empty picture with so many inches above its rows."""
        logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it speaks when it makes its list of fonts
        from matplotlib.figure import Figure  # noqa: PLC0415  half a second that only who opens such a page should pay

        height = _ROW * n_rows + top
        return cls(Figure(figsize=(_WIDTH, height)), _ROW / height, _ROW * n_rows / height)

    def bar(self, row: int, left: float, width: float, colour: str, *, more: float = 0.0, **look: Any) -> None:
        """A bar in a row (0 on top), thicker by ``more`` of a row."""
        from matplotlib.patches import Rectangle  # noqa: PLC0415

        bottom = self.top - self.row * (row + 1) + self.row * (_FOOT - more / 2)
        size = width, self.row * (_THICK + more)
        self.figure.add_artist(
            Rectangle((left, bottom), *size, color=colour, linewidth=0, transform=self.figure.transFigure, **look)
        )

    def draw(self, bars: Sequence[Bar], longest: float) -> None:
        """The bars, one for each row, with their names and what is said of them above."""
        for row, bar in enumerate(bars):
            left = 0.0
            for part, colour in zip(bar.parts, COLOURS, strict=False):
                width = min(part / longest, 1.0 - left)
                if width > 0:
                    self.bar(row, left, width, colour)
                left += width
            above = self.top - self.row * (row + 1) + self.row * (_FOOT + _THICK + 0.06)
            self._say(0.0, above, bar.name, ha="left")
            self._say(1.0, above, bar.said, ha="right")

    def draw_legend(self, words: Sequence[str]) -> None:
        """What each colour is, above the rows."""
        from matplotlib.patches import Patch  # noqa: PLC0415

        handles = [Patch(facecolor=colour, label=word) for word, colour in zip(words, COLOURS, strict=False)]
        self.figure.legend(
            handles=handles, loc="upper left", bbox_to_anchor=(0, 1), ncols=len(words), frameon=False,
            fontsize=_FONT - 1,  # three words fit beside each other
            labelcolor=_TEXT, borderpad=0, borderaxespad=0, handlelength=0.8, handleheight=0.8, handletextpad=0.4,
            columnspacing=1.0,
        )  # fmt: skip

    def _say(self, left: float, bottom: float, words: str, *, ha: str) -> None:
        self.figure.text(left, bottom, words, ha=ha, va="bottom", fontsize=_FONT, color=_TEXT, parse_math=False)


def _style() -> AbstractContextManager[Any]:
    import matplotlib as mpl  # noqa: PLC0415

    return mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "kansrijk", "hatch.linewidth": 1.0})


def _finished(figure: "Figure", title: str, description: str) -> str:
    """The picture as an element that needs no style, with its words for who cannot see it."""
    out = io.StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    root = ET.fromstring(out.getvalue())  # noqa: S314  we wrote it ourselves
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in _LEFT_OUT:
                parent.remove(child)
    for element in root.iter():
        element.tag = element.tag.partition("}")[2]
        element.attrib = _attributes(element.attrib)
    width, height = root.attrib["viewBox"].split()[2:]
    root.attrib = {"viewBox": f"0 0 {width} {height}", "role": "img", "class": "chart"}
    name = f"plaat-{hashlib.sha256(out.getvalue().encode() + title.encode()).hexdigest()[:8]}"
    root.attrib["aria-labelledby"] = f"{name}-t {name}-d"
    for place, (tag, key, words) in enumerate((("title", "t", title), ("desc", "d", description))):
        element = ET.Element(tag, {"id": f"{name}-{key}"})
        element.text = words
        root.insert(place, element)
    return ET.tostring(root, encoding="unicode")


def _attributes(found: Mapping[str, str]) -> dict[str, str]:
    """Attributes without namespaces, styles as attributes of their own, our own colour for that of the text."""
    plain = {name.partition("}")[2] or name: value for name, value in found.items()}
    rules = (rule.partition(":") for rule in plain.pop("style", "").split(";"))
    plain |= {name.strip(): value.strip() for name, _, value in rules if value.strip()}
    font = plain.pop("font", "")
    size = re.search(r"[\d.]+px", font)
    if size:
        plain["font-size"] = size[0].removesuffix("px")
    kept = {name: value for name, value in plain.items() if name not in {"id", "font-family"}}
    return {name: "currentColor" if value == _TEXT else value for name, value in kept.items()}
