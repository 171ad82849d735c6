"""Predicted against observed, as the printed figure has it: filled marks meet their yardstick, open ones miss it."""

from collections.abc import Sequence

import numpy as np

from trialeukin.inference.case import Use
from trialeukin.inference.prediction import Prediction
from trialeukin.inference.score import POINTS, TWO_FOLD, meets
from trialeukin.report.case_words import gap, observed, predicted, treatment, verdict, what, where
from trialeukin.report.palette import Colour
from trialeukin.report.picture import Words
from trialeukin.report.table import Table
from trialeukin.web.charts.chart import Chart, Trace, error_bars, logarithmic, numbers_or_none, token

MARKS = {
    Use.FITTED: ("circle", Colour.ARM_1),
    Use.HELD_OUT: ("diamond", Colour.ARM_2),
    Use.UNUSED: ("square", Colour.MUTED),
    Use.OWN: ("star", Colour.ARM_3),
}
INTERVALS = (
    "Lines: 95 % prediction interval of the published number, over what is not known of the parameters and the chance "
    "of as many patients or the stated error. Marks are at the fitted values, of more patients than a draw has, and "
    "need not lie in its middle: where a response saturates, worse draws take away more than better ones add."
)
HEAD = ("case", "study", "what", "treatment", "observed", "predicted (95 %)", "ratio", "verdict", "source")


def observed_charts(predictions: Sequence[Prediction]) -> tuple[Chart, ...]:
    """Return one chart of ratios and one of shares of patients, as far as there are any."""
    parts = {points: [each for each in predictions if each.case.in_points is points] for points in (False, True)}
    return tuple(_chart(part, points=points) for points, part in parts.items() if part)


def _chart(predictions: Sequence[Prediction], *, points: bool) -> Chart:
    kind = "shares of patients, %" if points else "in the unit of each"
    met = sum(meets(each) for each in predictions)
    said = [
        f"{sum(meets(each) for each in mine)} of {len(mine)} {use.value}"
        for use in Use
        if (mine := [each for each in predictions if each.case.use is use])
    ]
    within = f"{POINTS:g} points" if points else f"{TWO_FOLD:g}-fold"
    unit = ", % of patients" if points else ", in the unit of each"
    axis = {"range": [-3, 103]} if points else _axis(predictions)
    return Chart(
        words=Words(
            name="observed-shares" if points else "observed-ratios",
            title=f"Predicted against observed, {kind}",
            description=f"{met} of {len(predictions)} predictions meet their yardstick.",
            caption=f"Within {within} or beyond a published bound: {'; '.join(said)}. Filled marks are met, open ones "
            f"miss; dashed: equality. {INTERVALS}",
        ),
        traces=(_equality(predictions, points=points), *(trace for use in Use for trace in _marks(predictions, use))),
        layout={
            "hovermode": "closest",
            "showlegend": True,
            "xaxis": {"title": {"text": f"observed{unit}"}, **axis},
            "yaxis": {"title": {"text": f"predicted{unit}"}, **axis},
        },
        table=Table(
            caption=f"Every case, {kind}",
            head=HEAD,
            rows=tuple(_row(each) for each in predictions),
            numeric=(False,) * len(HEAD),
        ),
        height=460,
    )


def _axis(predictions: Sequence[Prediction]) -> dict[str, object]:
    low, high = _span(predictions)
    return dict(logarithmic(low, high))


def _span(predictions: Sequence[Prediction]) -> tuple[float, float]:
    seen = np.array([(each.case.value, each.value) for each in predictions]).ravel()
    seen = seen[np.isfinite(seen) & (seen > 0.0)]
    return float(seen.min()), float(seen.max())


def _equality(predictions: Sequence[Prediction], *, points: bool) -> Trace:
    ends = (0.0, 100.0) if points else _span(predictions)
    line = {"color": token(Colour.MUTED), "width": 1, "dash": "dash"}
    return {"x": list(ends), "y": list(ends), "mode": "lines", "line": line, "showlegend": False, "hoverinfo": "skip"}


def _marks(predictions: Sequence[Prediction], use: Use) -> list[Trace]:
    symbol, colour = MARKS[use]
    traces: list[Trace] = []
    for met in (True, False):
        mine = [each for each in predictions if each.case.use is use and meets(each) is met]
        if not mine:
            continue
        values = np.array([each.value for each in mine])
        traces.append(
            {
                "x": numbers_or_none(np.array([each.case.value for each in mine])),
                "y": numbers_or_none(values),
                "text": [f"{what(each.case)} ({each.case.study}): {gap(each)}" for each in mine],
                "hovertemplate": "%{text}<extra></extra>",
                "mode": "markers",
                "name": f"{use.value}, {'met' if met else 'missed'}",
                "marker": {"symbol": symbol if met else f"{symbol}-open", "color": token(colour), "size": 9},
                "error_y": error_bars(
                    np.array([each.high for each in mine]) - values,
                    values - np.array([each.low for each in mine]),
                    token(colour, 0.5),
                    1.1,
                ),
            }
        )
    return traces


def _row(made: Prediction) -> tuple[str, ...]:
    case = made.case
    name = f"{case.name} ({case.use.value})"
    rest = (observed(case), predicted(made), gap(made), verdict(made), where(case))
    return (name, case.study, what(case), treatment(case), *rest)
