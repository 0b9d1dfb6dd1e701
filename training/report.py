"""The report of a training run: one HTML file with its plots inside, for a person who opens the run in MLflow."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from typing import Final

import numpy as np

from ranking.features import FEATURE_NAMES, FEATURES
from training import report_plots
from training.calibration import Reliability
from training.evaluation import Estimate
from training.segments import plotted
from training.trained import Trained
from training.tuning import Tuning

TOP: Final = 15
"""Features in the plots; the table has all."""
_SAMPLE: Final = 400  # rows whose contributions are shown
_MAX_SEGMENTS: Final = 24

_STYLE: Final = """
:root { color-scheme: light; }
body { font: 16px/1.55 system-ui, sans-serif; color: #1f2937; background: #fff; margin: 0; }
main { max-width: 47rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.15rem; margin: 2.75rem 0 .5rem; }
.facts { color: #4b5563; font-size: .9rem; margin: 0; overflow-wrap: anywhere; }
.synthetic { background: #fff7e6; border: 1px solid #e0a100; border-radius: 6px; padding: .5rem .9rem; }
.verdict { border-left: 5px solid; padding: .7rem 1.1rem; background: #f8fafc; margin: 1.25rem 0; }
.verdict.yes { border-color: #00725c; } .verdict.no { border-color: #d55e00; }
.verdict strong { display: block; font-size: 1.1rem; }
.verdict ul { margin: .4rem 0 0; padding-left: 1.1rem; }
table { border-collapse: collapse; min-width: 26rem; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .35rem 1.4rem .35rem 0; border-bottom: 1px solid #e5e7eb; vertical-align: top; }
th { color: #4b5563; font-weight: 600; } td.n, th.n { text-align: right; white-space: nowrap; }
tr.chosen td { font-weight: 650; }
figure { margin: 1rem 0; } figure svg { max-width: 100%; height: auto; display: block; }
figcaption, .note { color: #4b5563; font-size: .9rem; }
summary { cursor: pointer; color: #0b5394; margin: .5rem 0; }
.wide { overflow-x: auto; }
"""

Row = Sequence[str]


def training_report(trained: Trained) -> str:
    """Writes the report; it asks nothing of the network and runs no script."""
    info = trained.model.info
    parts: list[Callable[[Trained], Iterable[str]]] = [
        _verdict,
        _candidates,
        _learning,
        _tuning,
        _retention,
        _features,
        _segments,
        _data,
    ]
    body = "\n".join(line for part in parts for line in part(trained))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Ranker trained as of {escape(info.trained_as_of[:10])}</title><style>{_STYLE}</style></head>\n"
        f"<body><main>\n{body}\n</main></body></html>\n"
    )


def _verdict(trained: Trained) -> Iterable[str]:
    info = trained.model.info
    yield f"<h1>Ranker trained as of {escape(info.trained_as_of[:10])}</h1>"
    yield (
        f'<p class="facts">Ranker: {_name(trained.evaluation.choice.name)} · label: {escape(info.label)} · '
        f"encoder: {escape(info.encoder_version)}</p>"
    )
    if trained.synthetic:
        yield (
            '<p class="synthetic"><strong>Synthetic data.</strong> These people and placements do not exist; the '
            "figures say nothing of a real labour market.</p>"
        )
    passed = trained.verdict.passed
    yield f'<div class="verdict {"yes" if passed else "no"}"><strong>'
    yield ("Passed: it may be put in service." if passed else "Not passed: it is kept out of service.") + "</strong>"
    yield "<ul>" + "".join(f"<li>{escape(reason)}</li>" for reason in trained.reasons) + "</ul></div>"


def _candidates(trained: Trained) -> Iterable[str]:
    found = trained.evaluation
    chosen = str(found.choice.name)
    yield "<h2>Candidates beside baselines, on later lists</h2>"
    yield (
        "<p>Each learned from what was known before the test period and was judged on the lists shown in it. The "
        "registered model has the same settings, fitted on everything up to the cut-off. Intervals are 95 %, by a "
        "bootstrap over lists.</p>"
    )
    named = {_name(name): value for name, value in found.ndcg.items()}
    yield _figure(
        report_plots.estimates(named, "nDCG@10, test period", chosen=_name(chosen)),
        "nDCG@10 of each candidate with its interval; the table below has the same numbers.",
    )
    rows = [
        [_name(name), *_cells(value), _cells(found.reciprocal_rank[name])[0] if name in found.reciprocal_rank else ""]
        for name, value in found.ndcg.items()
    ]
    heads = ["ranker", "nDCG@10", "95 % interval", "lists", "MRR of the placed"]
    yield _table(heads, rows, marked=_name(chosen))
    compared = [
        [f"{_name(chosen)} − {_name(str(name))}", f"{one.value:+.3f}", *_cells(one)[1:]]
        for name, one in found.differences.items()
    ]
    if compared:
        yield "<p>What the gate looks at: differences on the same lists, with intervals for all candidates at once.</p>"
        yield _table(["difference", "nDCG@10", "interval", "lists"], compared)
    if found.unseen:
        yield "<p>Fitted without every talent and vacancy of the test period, so that nobody is on both sides:</p>"
        unseen = [[_name(name), *_cells(value)] for name, value in found.unseen.items()]
        yield _table(["ranker", "nDCG@10", "95 % interval", "lists"], unseen)


def _learning(trained: Trained) -> Iterable[str]:
    found = trained.evaluation
    if not found.curve:
        return
    best = max(value for _, value in found.curve)
    yield "<h2>Learning curve of the LambdaMART trees</h2>"
    yield _figure(
        report_plots.rounds(found.curve, found.rounds),
        f"nDCG@10 on the tuning period by round of boosting: at most {best:.3f} in {len(found.curve)} rounds; "
        f"{found.rounds} rounds are used.",
    )


def _tuning(trained: Trained) -> Iterable[str]:
    tuning = trained.tuning
    if tuning is None:
        return
    values = [trial.ndcg_at_10 for trial in tuning.trials]
    yield f"<h2>Search for settings: {len(values)} tried</h2>"
    yield _figure(
        report_plots.trials(values),
        f"nDCG@10 on the tuning period by trial: {values[0]:.3f} with the usual settings, {values[tuning.best]:.3f} "
        "with the best. The best of many is flattered by luck on this period; the test period above had no part in it.",
    )
    yield _table(["setting", "usual", "best"], _settings(tuning))


def _settings(tuning: Tuning) -> list[Row]:
    usual, best = tuning.trials[0].parameters, tuning.trials[tuning.best].parameters
    return [[name, f"{value:.4g}", f"{best[name]:.4g}"] for name, value in usual.items()]


def _retention(trained: Trained) -> Iterable[str]:
    yield "<h2>Chance to last: predicted and real</h2>"
    if trained.retention is None:
        yield "<p>There is no retention head: too few placements have a known outcome.</p>"
        return
    found = trained.retention
    if found.reliability.n:
        yield _figure(report_plots.reliability(found.reliability), _in_words(found.reliability))
    else:
        yield "<p>There are no later placements to hold it against yet.</p>"
    yield (
        f"<p>Learned by {_name(found.chosen)}, calibration: {escape(found.calibration.kind.value)}; beside the ways "
        f"that were not chosen, on later placements ({found.n_judged} for log loss and Brier score):</p>"
    )
    rows = [
        [_name(method), _number(found.period_loss.get(method)), _number(loss), _number(found.brier[method])]
        for method, loss in found.log_loss.items()
    ]
    heads = ["way of learning", "loss per period", "log loss", "Brier score"]
    yield _table(heads, rows, marked=_name(found.chosen))


def _in_words(found: Reliability) -> str:
    return (
        f"Reliability diagram over {found.n} placements that were signed later: expected calibration error "
        f"{found.ece:.3f} (95 % interval {found.low:.3f} to {found.high:.3f}). On the dashed line promises are kept."
    )


def _features(trained: Trained) -> Iterable[str]:
    ranker, rows = trained.model.ranker, trained.past.rows.features
    gain = ranker.importance()
    total = sum(gain.values()) or 1.0
    shares = {name: value / total for name, value in gain.items()}
    top = sorted(shares, key=lambda name: -shares[name])[:TOP]
    yield "<h2>What the ranker looks at</h2>"
    yield _figure(
        report_plots.bars({name: shares[name] for name in top if shares[name] > 0}, "share of importance"),
        f"The {TOP} features with the largest share of the importance; the table below has all of them.",
    )
    sample = rows[np.unique(np.linspace(0, len(rows) - 1, _SAMPLE).astype(int))]
    parts = ranker.contributions(sample)
    size = dict(zip(FEATURE_NAMES, np.abs(parts).mean(axis=0).tolist(), strict=True))
    top = [name for name in sorted(size, key=lambda name: -size[name])[:TOP] if size[name] > 0]
    columns = [FEATURE_NAMES.index(name) for name in top]
    yield _figure(
        report_plots.swarm(top, parts[:, columns], sample[:, columns]),
        f"SHAP summary: what each feature did to the score of {len(sample)} shown pairs, a point a pair, the feature "
        f"with the largest mean effect ({top[0]}) on top. Right of the line it raised the score; light is a high "
        "value of the feature, dark a low one, grey an unknown.",
    )
    arrows = {1: "more is better", -1: "less is better", 0: "the data decides"}
    table = [
        [one.name, f"{shares[one.name]:.1%}", f"{size[one.name]:.4f}", one.unit, arrows[one.monotone], one.why]
        for one in sorted(FEATURES, key=lambda one: -shares[one.name])
    ]
    heads = ["feature", "importance", "mean effect", "unit", "direction", "why it is there"]
    yield f"<details><summary>All {len(table)} features</summary>{_table(heads, table)}</details>"


def _segments(trained: Trained) -> Iterable[str]:
    found = trained.evaluation.segments
    chosen = _estimates(plotted(found, str(trained.evaluation.choice.name)))
    if not chosen:
        return
    yield "<h2>For whom it works: nDCG@10 by segment</h2>"
    shown = dict(list(chosen.items())[:_MAX_SEGMENTS])
    plain = _estimates(plotted(found, "similarity"))
    lowest = min(shown, key=lambda name: shown[name].value)
    yield _figure(
        report_plots.segments(shown, plain, "nDCG@10, test period (number of lists behind the name)"),
        f"nDCG@10 of the chosen ranker by segment, similarity beside it. Lowest: {lowest} "
        f"({shown[lowest].value:.3f}). Segments with too few lists are left out.",
    )
    rows = [[name, *_cells(one), _cells(plain[name])[0] if name in plain else ""] for name, one in chosen.items()]
    table = _table(["segment", "nDCG@10", "95 % interval", "lists", "similarity"], rows)
    yield f"<details><summary>The numbers of {len(rows)} segments</summary>{table}</details>"


def _estimates(values: Mapping[str, Mapping[str, float]]) -> dict[str, Estimate]:
    return {name: Estimate(one["value"], one["low"], one["high"], int(one["n_lists"])) for name, one in values.items()}


def _data(trained: Trained) -> Iterable[str]:
    split, info = trained.split, trained.model.info
    yield "<h2>Data and versions</h2>"
    yield _table(
        ["what", "value"],
        [
            *([name, f"{count:,}"] for name, count in trained.counts.items()),
            ["learning period", f"until {str(split.tune_from)[:10]}"],
            ["tuning period", f"{str(split.tune_from)[:10]} until {str(split.test_from)[:10]}"],
            ["test period", f"{str(split.test_from)[:10]} to {str(split.test_until)[:10]}"],
            ["cut-off", info.trained_as_of],
            ["label", info.label],
            ["encoder", info.encoder_version],
        ],
    )


def _figure(svg: str, caption: str) -> str:
    """The picture with its words: a reader who cannot see it hears them."""
    alt = escape(caption, quote=True)
    picture = svg.replace("<svg", f'<svg role="img" aria-label="{alt}"', 1)
    return f"<figure>{picture}<figcaption>{alt}</figcaption></figure>"


def _table(heads: Row, rows: Iterable[Row], *, marked: str = "") -> str:
    """The first column says what; columns of numbers stand on the right."""
    rows = list(rows)
    number = [number_of(rows, column) for column in range(len(heads))]

    def line(cells: Row, tag: str) -> str:
        parts = zip(cells, number, strict=True)
        return "".join(f"<{tag}{' class=n' if right else ''}>{escape(cell)}</{tag}>" for cell, right in parts)

    body = "".join(f"<tr{' class=chosen' if row[0] == marked else ''}>{line(row, 'td')}</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{line(heads, "th")}</tr></thead><tbody>{body}</tbody></table></div>'


def number_of(rows: Sequence[Row], column: int) -> bool:
    """Whether a column holds numbers."""
    return column > 0 and all(row[column][:1].isdigit() or row[column][:1] in "+-−" for row in rows)


def _cells(value: Estimate) -> list[str]:
    if not value.n_lists:
        return ["", "", "0"]
    return [f"{value.value:.3f}", f"{value.low:.3f} to {value.high:.3f}", str(value.n_lists)]


def _number(value: float | None) -> str:
    return "" if value is None or not np.isfinite(value) else f"{value:.4f}"


def _name(name: str) -> str:
    """A ranker's or a method's name as people read it."""
    return {"lightgbm": "LambdaMART", "two_head": "two heads"}.get(str(name), str(name).replace("_", " "))
