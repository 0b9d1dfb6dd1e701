"""Plots of the training report, as SVG text. The only file that names matplotlib.

Colours can be told apart by the colour-blind (Wong 2011) and never carry a meaning alone.
"""

import io
import logging
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from training.calibration import Reliability
from training.evaluation import Estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = npt.NDArray[np.float64]

BLUE, ORANGE, GREY, LIGHT = "#0072b2", "#d55e00", "#6b7280", "#d1d5db"
WIDTH: Final = 7.2  # inches of 72 points: the width of the text
_ROW: Final = 0.3  # inches for a line of a list
_SPREAD: Final = 0.34  # of a line, for points that would lie on each other


def estimates(values: Mapping[str, Estimate], label: str, *, chosen: str = "") -> str:
    """A line per name, from top to bottom: the value as a point, its interval as a bar."""
    names, found = list(values), list(values.values())
    figure, axes = _figure(_ROW * len(names) + 0.7)
    for place, (name, one) in enumerate(zip(names, found, strict=True)):
        colour = ORANGE if name == chosen else BLUE
        axes.plot([one.low, one.high], [place, place], color=colour, linewidth=2.5, solid_capstyle="butt", alpha=0.45)
        axes.plot([one.value], [place], "D" if name == chosen else "o", color=colour, markersize=6)
        axes.annotate(f"{one.value:.3f}", (one.high, place), (6, 0), textcoords="offset points", va="center", size=9)
    _lines(axes, [f"{name} (chosen)" if name == chosen else name for name in names])
    axes.margins(x=0.12)
    axes.set_xlabel(label)
    return _svg(figure, "estimates")


def segments(chosen: Mapping[str, Estimate], similarity: Mapping[str, Estimate], label: str) -> str:
    """A line per segment: the chosen ranker with its interval, and similarity as an open point."""
    figure, axes = _figure(_ROW * len(chosen) + 1.0)
    for place, (name, one) in enumerate(chosen.items()):
        axes.plot([one.low, one.high], [place, place], color=ORANGE, linewidth=2.5, solid_capstyle="butt", alpha=0.45)
        axes.plot([one.value], [place], "D", color=ORANGE, markersize=5.5, label="chosen ranker" if not place else "")
        if name in similarity:
            plain = [similarity[name].value]
            axes.plot(plain, [place], "o", color=BLUE, fillstyle="none", label="similarity" if not place else "")
    _lines(axes, [f"{name} ({one.n_lists})" for name, one in chosen.items()])
    axes.set_xlabel(label)
    figure.legend(loc="outside upper right", ncols=2, frameon=False, fontsize=9)
    return _svg(figure, "segments")


def rounds(curve: Sequence[tuple[int, float]], used: int) -> str:
    """nDCG@10 on the tuning period by round of boosting, with the number of rounds that is used."""
    figure, axes = _figure(2.6)
    steps, values = zip(*curve, strict=True)
    axes.plot(steps, values, color=BLUE, linewidth=1.6)
    axes.axvline(used, color=ORANGE, linewidth=1.4, linestyle="--")
    late = used > steps[-1] * 0.7  # then the words stand on the left
    axes.annotate(
        f"{used} rounds used",
        (used, min(values)),
        (-5 if late else 5, 4),
        textcoords="offset points",
        ha="right" if late else "left",
        color=ORANGE,
        size=9,
    )
    axes.set(xlabel="round", ylabel="nDCG@10, tuning period")
    return _svg(figure, "rounds")


def trials(values: Sequence[float]) -> str:
    """What each trial of a search came to, and the best so far."""
    figure, axes = _figure(2.6)
    numbers = range(len(values))
    axes.plot(numbers, values, "o", color=BLUE, markersize=4, label="trial")
    axes.step(numbers, np.maximum.accumulate(values), where="post", color=ORANGE, label="best so far")
    axes.set(xlabel="trial (0 is the usual setting)", ylabel="nDCG@10, tuning period")
    axes.locator_params("x", integer=True)
    axes.legend(frameon=False, fontsize=9)
    return _svg(figure, "trials")


def reliability(found: Reliability) -> str:
    """Promised against real chances; the line is where they are equal."""
    figure, axes = _figure(3.6, width=4.4)
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle="--")
    for one in found.bins:
        axes.plot([one.predicted] * 2, [one.low, one.high], color=BLUE, linewidth=2.5, alpha=0.45)
        axes.plot([one.predicted], [one.observed], "o", color=BLUE, markersize=6)
        axes.annotate(f"n={one.n}", (one.predicted, one.observed), (7, -10), textcoords="offset points", size=8)
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="predicted chance to last", ylabel="share that lasted")
    axes.set_aspect("equal")
    return _svg(figure, "reliability")


def bars(shares: Mapping[str, float], label: str) -> str:
    """A bar per name, the longest on top."""
    names = sorted(shares, key=lambda name: -shares[name])
    figure, axes = _figure(_ROW * 0.85 * len(names) + 0.7)
    values = [shares[name] for name in names]
    axes.barh(range(len(names)), values, color=BLUE, height=0.66)
    for place, value in enumerate(values):
        axes.annotate(f"{value:.1%}", (value, place), (4, 0), textcoords="offset points", va="center", size=8)
    _lines(axes, names)
    axes.margins(x=0.1)
    axes.set_xlabel(label)
    axes.set_xticks([])  # every bar has its number
    axes.spines["bottom"].set_visible(False)
    return _svg(figure, "bars")


def swarm(names: Sequence[str], parts: Floats, values: Floats) -> str:
    """What each feature did to the scores of a sample, a point a row: the SHAP summary.

    Args:
        names: of the features, from top to bottom.
        parts: (n, f) contributions to the score.
        values: (n, f) the features; their rank within the feature is the colour, grey where unknown.
    """
    figure, axes = _figure(_ROW * len(names) + 1.2)
    axes.axvline(0, color=LIGHT, linewidth=1, zorder=0)
    for place in range(len(names)):
        heights = place + _apart(parts[:, place])
        known = ~np.isnan(values[:, place])
        points: dict[str, Any] = {
            "s": 9,
            "linewidths": 0,
            "rasterized": True,
        }  # thousands of points: as a picture they are light
        axes.scatter(parts[~known, place], heights[~known], color=LIGHT, **points)
        drawn = axes.scatter(
            parts[known, place],
            heights[known],
            c=_ranks(values[known, place]),
            cmap="viridis",
            vmin=0,
            vmax=1,
            **points,
        )
    _lines(axes, names)
    axes.set_xlabel("adds to the score →")
    bar = figure.colorbar(drawn, ax=axes, fraction=0.03, pad=0.02, ticks=[0, 1])
    bar.ax.set_yticklabels(["low", "high"], fontsize=9)
    bar.set_label("value of the feature (grey: unknown)", fontsize=9)
    bar.outline.set_visible(False)
    return _svg(figure, "swarm")


def _apart(values: Floats) -> Floats:
    """Offsets (n,) that lay points of about the same value beside each other, as wide as they are many."""
    low, high = float(values.min()), float(values.max())
    bins = np.minimum(((values - low) / ((high - low) or 1.0) * 60).astype(int), 59)
    offset = np.zeros(len(values))
    most = int(np.bincount(bins).max())
    for one in np.unique(bins):
        inside = np.flatnonzero(bins == one)
        offset[inside] = (np.arange(len(inside)) - (len(inside) - 1) / 2) / most * 2 * _SPREAD
    return offset


def _ranks(values: Floats) -> Floats:
    """Share of smaller values (n,), the same for equal ones: outliers take no colour from the others."""
    rest: Floats = np.searchsorted(np.sort(values), values).astype(np.float64)
    return rest / (rest.max() or 1.0) if len(rest) else rest


def _figure(height: float, width: float = WIDTH) -> "tuple[Figure, Axes]":
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it speaks when it makes its list of fonts
    from matplotlib.figure import Figure  # noqa: PLC0415  half a second that only who trains should pay

    with _style():
        figure = Figure(figsize=(width, height), layout="constrained")
        axes = figure.add_subplot()
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["left", "bottom"]].set_color(LIGHT)
        axes.tick_params(color=LIGHT, labelsize=9)
        axes.grid(visible=True, color="#eef0f3", linewidth=1)
        axes.set_axisbelow(True)
    return figure, axes


def _lines(axes: "Axes", names: Sequence[str]) -> None:
    """Names along the left side, the first on top."""
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    axes.spines["left"].set_visible(False)
    axes.set_ylim(len(names) - 0.4, -0.6)


def _style() -> AbstractContextManager[Any]:
    import matplotlib as mpl  # noqa: PLC0415

    return mpl.rc_context(
        {
            "svg.fonttype": "none",  # text stays text: readable by machines, and light
            "svg.hashsalt": "kansrijk",  # same data, same picture
            "font.family": "sans-serif",
            "font.size": 10,
            "axes.labelsize": 9,
            **dict.fromkeys(("text.color", "axes.labelcolor", "xtick.labelcolor", "ytick.labelcolor"), "#1f2937"),
        }
    )


def _svg(figure: "Figure", name: str) -> str:
    """Text to put into a page; ``name`` tells its marks from those of the other pictures there."""
    out = io.StringIO()
    with _style():
        figure.savefig(out, format="svg", metadata={"Date": None}, dpi=144)
    text = out.getvalue()
    for mark in ('id="', 'href="#', "url(#"):
        text = text.replace(mark, f"{mark}{name}-")
    return text[text.index("<svg") :]
