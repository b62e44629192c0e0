"""Write an evaluation as one HTML page that needs nothing from outside: plotly's script is put into it.

Plotly weighs 64 MB and no school needs it, so it comes with an extra of its own, `willing[evaluate]`.
"""

from __future__ import annotations

import html
import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from willing.face.errors import PackageMissing
from willing.face.evaluation.open_set import DefaultPoint, OpenSetResult
from willing.face.evaluation.pairs import PairsResult
from willing.face.evaluation.statistics import ErrorRate

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c2430}
table{border-collapse:collapse;margin:1rem 0}
td,th{border:1px solid #c8d0da;padding:.3rem .7rem;text-align:right}
th{background:#eef2f6}caption{text-align:left;font-weight:600;padding:.3rem 0}
"""


def write_open_set(result: OpenSetResult, path: Path) -> None:
    """Write DET curve, rates with intervals, histograms, discard curve and worst errors.

    Raises PackageMissing where plotly is not installed.
    """
    head = (
        f"{result.people} people with {result.references} references each, {result.mated} sessions of them "
        f"and {result.non_mated} of people outside the gallery; {result.frames} photographs a session. "
        f"Failures to enrol: {result.failures_to_enrol}; to acquire: {result.failures_to_acquire}; "
        f"photographs left over: {result.left_over}."
    )
    points = [[f"{p.fpir_asked:.1%}", f"{p.threshold:.3f}", _rate(p.fnir)] for p in result.points]
    parts = [
        _table(
            "Threshold found afterwards, for comparing methods", ["FPIR", "threshold", "FNIR (95 %)"], points
        ),
        _table(
            "Threshold set beforehand by the calibration",
            _DEFAULT_HEAD,
            [_default(p) for p in result.default],
        ),
        _charts(
            det_chart(result),
            histogram(result.mated_scores, result.non_mated_scores),
            discard_chart(result.discard),
        ),
        _table("Worst errors, by index", list(result.worst[0]), [list(row.values()) for row in result.worst]),
    ]
    _write(path, "Open set", head, parts)


def write_pairs(result: PairsResult, path: Path) -> None:
    """Write accuracy, histograms and worst errors. Raises as `write_open_set` does."""
    head = (
        f"{result.pairs} pairs: {result.accuracy:.2%} right (standard deviation over folds "
        f"{result.accuracy_sd:.2%}), threshold {result.threshold:.3f}, failures {result.failures}."
    )
    rows = [list(row.values()) for row in result.worst]
    parts = [
        _charts(histogram(result.mated, result.non_mated)),
        _table("Worst errors, by index", ["pair", "mated", "score"], rows),
    ]
    _write(path, "Pairs", head, parts)


def det_points(mated: Sequence[float], non_mated: Sequence[float]) -> tuple[list[float], list[float]]:
    """Return (FPIR, FNIR) at every threshold where FPIR changes, FPIR falling."""
    strangers = np.sort(np.asarray(non_mated))
    ranked = np.sort(np.asarray(mated))
    fpir = 1 - np.arange(1, len(strangers) + 1) / len(strangers)
    fnir = np.searchsorted(ranked, strangers, side="right") / len(ranked)
    return fpir.tolist(), fnir.tolist()


def det_chart(result: OpenSetResult) -> Any:
    """Return the DET curve: FNIR over FPIR, both axes logarithmic."""
    fpir, fnir = det_points(result.mated_scores, result.non_mated_scores)
    figure = require_plotly().Figure(
        require_plotly().Scatter(x=fpir, y=fnir, mode="lines", name="all thresholds")
    )
    asked = [point.fpir.rate for point in result.default]
    missed = [point.not_recognised.rate for point in result.default]
    figure.add_scatter(x=asked, y=missed, mode="markers", name="shipped calibration")
    figure.update_xaxes(type="log", title="FPIR: strangers taken for a person of the gallery")
    figure.update_yaxes(type="log", title="FNIR: people not recognised")
    return figure.update_layout(title="Detection error trade-off")


def histogram(mated: Sequence[float], non_mated: Sequence[float]) -> Any:
    """Return both kinds of scores as histograms, each of area 1."""
    options = {"histnorm": "probability density", "opacity": 0.6, "xbins": {"size": 0.02}}
    figure = require_plotly().Figure()
    figure.add_histogram(x=list(non_mated), name="non-mated", **options)
    figure.add_histogram(x=list(mated), name="mated", **options)
    return figure.update_layout(barmode="overlay", title="Scores", xaxis_title="comparison score")


def discard_chart(discard: Sequence[tuple[float, float]]) -> Any:
    """Return FNIR over the share of sessions with the lowest quality that is left out."""
    shares, rates = zip(*discard, strict=True)
    drawing = require_plotly()
    figure = drawing.Figure(drawing.Scatter(x=shares, y=rates, mode="lines+markers"))
    figure.update_xaxes(title="share discarded, lowest quality first", tickformat=".0%")
    figure.update_yaxes(title="FNIR of the rest", tickformat=".2%", rangemode="tozero")
    return figure.update_layout(title="Error versus discard")


_DEFAULT_HEAD = ["FPIR asked", "threshold", "FPIR reached", "wrong person", "not recognised", "ambiguous"]


def _default(point: DefaultPoint) -> list[str]:
    rates = (point.fpir, point.wrong_person, point.not_recognised)
    return [f"{point.fpir_asked:.1%}", f"{point.threshold:.3f}", *map(_rate, rates), str(point.ambiguous)]


def _rate(rate: ErrorRate) -> str:
    return f"{rate.rate:.2%} ({rate.errors}/{rate.trials}; {rate.low:.2%} to {rate.high:.2%})"


def _table(caption: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    def cells(tag: str, values: Sequence[object]) -> str:
        return "".join(f"<{tag}>{html.escape(str(value))}</{tag}>" for value in values)

    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    return f"<table><caption>{html.escape(caption)}</caption><tr>{cells('th', head)}</tr>{body}</table>"


def _charts(*charts: Any) -> str:
    return "".join(
        figure.to_html(full_html=False, include_plotlyjs=index == 0, config={"displaylogo": False})
        for index, figure in enumerate(charts)
    )


def _write(path: Path, title: str, head: str, parts: Sequence[str]) -> None:
    page = (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title><style>{_STYLE}</style>"
        f"<h1>{title}</h1><p>{html.escape(head)}</p>{''.join(parts)}</html>"
    )
    path.write_text(page, encoding="utf-8")


def require_plotly() -> Any:
    """Return the module that draws. Raises PackageMissing, so that nobody measures for an hour in vain."""
    try:
        return importlib.import_module("plotly.graph_objects")
    except ModuleNotFoundError:
        raise PackageMissing(
            "plotly, which draws the curves of a report, is not installed: pip install 'willing[evaluate]'"
        ) from None
