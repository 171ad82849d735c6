"""Writes docs/survival.md: the same statistics by us, by lifelines and by statsmodels, beside the reference of R."""

import csv
import json
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import lifelines
import numpy as np
import pandas as pd
from lifelines.statistics import logrank_test
from lifelines.utils import concordance_index, restricted_mean_survival_time
from statsmodels.duration.hazard_regression import PHReg
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight, survdiff

from trialeukin.survival.accelerated_failure import Law, accelerated_failure
from trialeukin.survival.competing_risks import cumulative_incidence
from trialeukin.survival.concordance import concordance
from trialeukin.survival.cox import cox
from trialeukin.survival.kaplan_meier import kaplan_meier
from trialeukin.survival.log_rank import log_rank
from trialeukin.survival.log_rank_weights import FlemingHarrington
from trialeukin.survival.partial_likelihood import Ties
from trialeukin.survival.restricted_mean import restricted_mean

ROOT = Path(__file__).parents[1]
DATA = ROOT / "tests" / "survival" / "data"
PAGE = ROOT / "docs" / "survival.md"
SPEED = ROOT / "validation" / "survival_speed.json"
NAMES = {"freireich": 20.0, "aml": 30.0, "veteran": 365.0, "lung": 730.0, "pbc": 10.0}
AGREE = 1e-6
HEAD = """# Survival analysis beside other packages

The same statistic of the same data by trialeukin, by lifelines {lifelines} and by statsmodels {statsmodels}, and what
R 4.2.2 (survival 3.5-3, cmprsk 2.2-11) printed. `validation/survival_agreement.py` writes this page and a test holds it
to what the packages give today. A dash: the package has no such function, or R's value is not among the references.
What differs by more than 1e-6 (of the value, where that is above one) is bold, and explained below. Data, sources and
licences: [the data behind the tests](../tests/survival/data/README.md).

| data | statistic | trialeukin | lifelines | statsmodels | R |
|---|---|---:|---:|---:|---:|
"""
TAIL = """
Where they differ:

- **Cox and parametric models of lifelines** end where its own search stops, up to 3e-4 of a standard error from the
  maximum in these Cox models. trialeukin and statsmodels (asked for Newton's method) agree with R.
- **The median of veteran**: the curve is level at exactly one half from 52 to 53 days. R and trialeukin give its
  middle, lifelines and statsmodels its start.

What neither has (Gray's test, Fine-Gray, MaxCombo, the score test of proportional hazards of R 3.0 and later, win
ratio, mixture cure with a test of follow-up, graphical procedures, reconstruction) is compared in `tests/survival` with
R or with its own definition.

Deviations known and kept: restricted means carry Greenwood's variance without a small-sample factor, as survRM2 does;
incidences are unknown after the last follow-up, where other packages extend them; times tie when they are equal to the
last bit, and no tolerance is applied.
"""
SPEED_PART = """
## Speed

`benchmarks/survival.py`, one run on {threads} cores (other work on them: load {load}), medians of {rounds} turns with
lifelines {lifelines} in the same process on the same data.

| what | trialeukin | lifelines | ratio, median (least) |
|---|---:|---:|---:|
| Cox model, {cox_patients:,} patients, {covariates} covariates | {cox[ours]:.2f} s | {cox[lifelines]:.1f} s | {cox[ratio]:.0f} ({cox[least_ratio]:.0f}) |
| Kaplan-Meier, {curve_patients:,} patients | {curve[ours]:.3f} s | {curve[lifelines]:.1f} s | {curve[ratio]:.0f} ({curve[least_ratio]:.0f}) |
| {trials:,} trials of {trial_patients} patients, entry to log-rank, Cox and restricted means | {wall:.1f} s ({used:.1f} s of processor time) | - | - |

The coefficients of both Cox models agree to {gap:.0e}.
"""  # noqa: E501


@dataclass(frozen=True)
class Row:
    """One statistic of one data set; None where a package has none."""

    data: str
    statistic: str
    ours: float
    lifelines: float | None = None
    statsmodels: float | None = None
    reference: float | None = None


def columns(name: str) -> dict[str, np.ndarray]:
    with (DATA / f"{name}.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    found = {}
    for key in rows[0]:
        words = [row[key] for row in rows]
        try:
            found[key] = np.array([float("nan") if word == "NA" else float(word) for word in words])
        except ValueError:
            found[key] = np.array(words)
    return found


def of_data_set(name: str, horizon: float, reference: dict) -> Iterator[Row]:
    data = columns(name)
    times, events, arm = data["time"], data["status"], data["trt"]
    second = arm == 1
    curve = kaplan_meier(times[second], events[second])
    theirs = lifelines.KaplanMeierFitter().fit(times[second], events[second])
    other = SurvfuncRight(times[second], events[second])
    yield Row(
        name, "median, trt = 1", curve.median, theirs.median_survival_time_, other.quantile(0.5),
        reference["median"]["trt=1"],
    )  # fmt: skip
    at = np.searchsorted(other.surv_times, horizon, side="right") - 1
    yield Row(
        name, f"survival at {horizon:g}, trt = 1", float(curve.at([horizon])[0]), float(theirs.predict(horizon)),
        float(other.surv_prob[at]),
    )  # fmt: skip
    mean = restricted_mean(times[second], events[second], horizon)
    yield Row(
        name, f"restricted mean to {horizon:g}, trt = 1", mean.mean, restricted_mean_survival_time(theirs, t=horizon)
    )
    for label, key, rho in (("log-rank chi-square", "logrank", 0.0), ("Peto-Peto chi-square", "peto_peto_rho1", 1.0)):
        ours = log_rank(times, events, arm, weight=FlemingHarrington(rho=rho)).test.statistic
        options = {"weightings": "fleming-harrington", "p": rho, "q": 0.0} if rho else {}
        lines = logrank_test(times[~second], times[second], events[~second], events[second], **options).test_statistic
        models = survdiff(times, events, arm, **({"weight_type": "fh", "fh_p": rho} if rho else {}))[0]
        yield Row(name, label, ours, float(lines), float(models), reference[key]["chisq"])
    yield from cox_rows(name, (times, events, arm), reference)
    ours = concordance(times, events, arm).value
    yield Row(name, "concordance of trt", ours, float(concordance_index(times, -arm, events)))
    yield from parametric_rows(name, (times, events, arm), reference)


def cox_rows(name: str, data: tuple, reference: dict) -> Iterator[Row]:
    times, events, arm = data
    frame = pd.DataFrame({"time": times, "status": events, "trt": arm})
    lines = lifelines.CoxPHFitter().fit(frame, "time", "status")
    for ties in Ties:
        expected = reference[f"cox_trt_{ties.value}"]
        fit = cox(times, events, arm, ties=ties)
        models = None if ties is Ties.EXACT else PHReg(times, arm, status=events, ties=ties.value).fit(method="newton")
        mine = lines if ties is Ties.EFRON else None
        yield Row(
            name, f"Cox, {ties.value} ties: log hazard ratio", float(fit.coefficients[0]),
            None if mine is None else float(mine.params_.iloc[0]), None if models is None else float(models.params[0]),
            expected["coef"]["trt"],
        )  # fmt: skip
        yield Row(
            name, f"Cox, {ties.value} ties: standard error", float(fit.standard_errors[0]),
            None if mine is None else float(mine.standard_errors_.iloc[0]),
            None if models is None else float(models.bse[0]), expected["se"]["trt"],
        )  # fmt: skip


def parametric_rows(name: str, data: tuple, reference: dict) -> Iterator[Row]:
    times, events, arm = data
    frame = pd.DataFrame({"time": times, "status": events, "trt": arm})
    fitters = (
        (Law.WEIBULL, "weibull", lifelines.WeibullAFTFitter),
        (Law.LOG_NORMAL, "lognormal", lifelines.LogNormalAFTFitter),
        (Law.LOG_LOGISTIC, "loglogistic", lifelines.LogLogisticAFTFitter),
    )
    for law, key, fitter in fitters:
        lines = fitter().fit(frame, "time", "status")
        slope = lines.summary.xs("trt", level="covariate")["coef"].iloc[0]
        expected = reference[f"aft_{key}"]["coef"]["trt"]
        ours = accelerated_failure(times, events, arm, law=law).coefficients[1]
        yield Row(name, f"{law.value}: log time ratio", float(ours), float(slope), None, expected)


def of_competing_risks() -> Iterator[Row]:
    data, expected = columns("pbc_competing"), json.loads((DATA / "competing_risks.json").read_text())["pbc"]
    ours, other = (
        cumulative_incidence(data["time"], data["cause"]),
        CumIncidenceRight(data["time"], data["cause"].astype(int)),
    )
    for cause in (1, 2):
        for time, value in zip(*(expected["cif_overall"][f"1 {cause}"][key] for key in ("tau", "est")), strict=True):
            models = other.cinc[cause - 1][np.searchsorted(other.times, time, side="right") - 1]
            yield Row(
                "pbc", f"incidence of cause {cause} by day {time}", float(ours.at(cause, [time])[0]), None,
                float(models), value,
            )  # fmt: skip


def rows() -> list[Row]:
    reference = json.loads((DATA / "core.json").read_text())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = [row for name, horizon in NAMES.items() for row in of_data_set(name, horizon, reference[name])]
        return [*found, *of_competing_risks()]


def cell(value: float | None, ours: float) -> str:
    if value is None or (np.isnan(value) and not np.isnan(ours)):
        return "-"
    text = f"{value:.7g}"
    return text if abs(value - ours) <= AGREE * max(1.0, abs(ours)) else f"**{text}**"


def line(row: Row) -> str:
    cells = [cell(value, row.ours) for value in (row.ours, row.lifelines, row.statsmodels, row.reference)]
    return f"| {row.data} | {row.statistic} | {' | '.join(cells)} |"


def page(found: list[Row]) -> str:
    head = HEAD.format(lifelines=lifelines.__version__, statsmodels=metadata.version("statsmodels"))
    return head + "\n".join(line(row) for row in found) + "\n" + TAIL + speed()


def speed() -> str:
    found = json.loads(SPEED.read_text(encoding="utf-8"))
    return SPEED_PART.format(
        **found["effort"],
        lifelines=found["lifelines"],
        load=found["load"],
        threads=found["trials"]["threads"],
        cox=found["cox"],
        curve=found["kaplan_meier"],
        wall=found["trials"]["seconds"],
        used=found["trials"]["processor_seconds"],
        gap=found["cox"]["gap"],
    )


def main() -> None:
    PAGE.write_text(page(rows()), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    sys.exit(main())
