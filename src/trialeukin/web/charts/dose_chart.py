"""How much of each drug has been given by each day."""

from collections import defaultdict
from itertools import accumulate

from trialeukin.regimen.body import scale
from trialeukin.regimen.course import HOURS, Regimen
from trialeukin.regimen.expand import expand
from trialeukin.regimen.products import product, to_usual
from trialeukin.report.calendar import calendar_of
from trialeukin.report.palette import DRUGS
from trialeukin.report.picture import Words
from trialeukin.report.table import Table
from trialeukin.web.charts.chart import Chart, Trace, token

MOST_ROWS = 40
DASHES = ("solid", "dash", "dot", "dashdot")


def dose_chart(regimen: Regimen, *, bsa: float, weight: float) -> Chart | None:
    """Return the cumulative dose of each drug for one patient, in per cent of its total; None without known doses.

    Parameters
    ----------
    regimen : Regimen
        What is planned.
    bsa : float, m2
        Body surface.
    weight : float, kg
        Body weight.
    """
    given: dict[str, dict[float, float]] = defaultdict(lambda: defaultdict(float))
    planned = expand(regimen)
    for dose in planned:
        scaled = scale(dose, bsa, weight)
        if scaled.amount is None:
            return None
        day = regimen.first_day + dose.start // HOURS
        given[dose.drug][day] += to_usual(scaled.amount, scaled.unit, product(dose.drug))
    if not given:
        return None
    courses = {
        drug: (list(given[drug]), list(accumulate(given[drug].values()))) for drug in calendar_of(planned).drugs()
    }
    return Chart(
        words=Words(
            name="cumulative-dose",
            title="Cumulative dose",
            description="Cumulative planned dose by day: "
            + "; ".join(_total(drug, totals[-1]) for drug, (_, totals) in courses.items())
            + " in all.",
            caption=f"Planned for {bsa:g} m2 and {weight:g} kg, in per cent of each drug's total: "
            + "; ".join(_total(drug, totals[-1]) for drug, (_, totals) in courses.items())
            + ".",
        ),
        traces=tuple(_trace(index, drug, *course) for index, (drug, course) in enumerate(courses.items())),
        layout={
            "xaxis": {"title": {"text": "day of the regimen"}},
            "yaxis": {"title": {"text": "% of the total"}, "range": [0, 105]},
            "showlegend": len(courses) > 1,
        },
        table=_table(courses),
        height=230,
    )


def _total(drug: str, amount: float) -> str:
    return f"{drug} {amount:,.4g} {product(drug).usual_unit}"


def _trace(index: int, drug: str, days: list[float], totals: list[float]) -> Trace:
    return {
        "x": days,
        "y": [100.0 * total / totals[-1] for total in totals],
        "customdata": totals,
        "hovertemplate": "day %{x}: %{customdata:.4g} " + product(drug).usual_unit,
        "mode": "lines+markers",
        "marker": {"size": 3},
        "name": drug,
        "line": {"shape": "hv", "color": token(DRUGS[index % len(DRUGS)]), "dash": DASHES[index % len(DASHES)]},
    }


def _table(courses: dict[str, tuple[list[float], list[float]]]) -> Table:
    rows = [
        (drug, f"{day:g}", f"{total:,.4g} {product(drug).usual_unit}")
        for drug, (days, totals) in courses.items()
        for day, total in zip(days, totals, strict=True)
    ]
    step = -(-len(rows) // MOST_ROWS)
    shown = tuple(row for place, row in enumerate(rows) if place % step == 0 or place == len(rows) - 1)
    return Table(caption="Dose given by each day", head=("drug", "day", "given so far"), rows=shown)
