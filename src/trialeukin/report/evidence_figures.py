"""From a pool of the base to its plots: forest, funnel, Baujat and drapery, and to what is said beside them."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from matplotlib.figure import Figure

from trialeukin.core.counting import counted
from trialeukin.core.normal import NORMAL_975
from trialeukin.evidence.assessments import NOT_ASSESSED
from trialeukin.evidence.baujat import contributions
from trialeukin.evidence.drapery import drapery
from trialeukin.evidence.frozen import FrozenPrediction
from trialeukin.evidence.heterogeneity import BetweenMethod
from trialeukin.evidence.meta_regression import Subgroups
from trialeukin.evidence.pooling import Pooled
from trialeukin.evidence.published_effect import PublishedEffect
from trialeukin.evidence.published_study import PublishedStudy
from trialeukin.evidence.selection import Taken
from trialeukin.evidence.simulated import SimulatedEvidence
from trialeukin.evidence.small_studies import SmallStudies
from trialeukin.evidence.synthesis import Synthesis
from trialeukin.report.baujat_figure import baujat_figure
from trialeukin.report.drapery_figure import drapery_figure
from trialeukin.report.forest_figure import Forest, ForestRow, RowKind
from trialeukin.report.funnel_figure import funnel_figure
from trialeukin.report.wording import listed, p_equals, p_shortly, with_limits

ONE_STUDY = "k = 1; its own effect and interval, nothing to pool; heterogeneity: nothing can be said from one study"
STATISTIC = {"Egger": "t", "Begg": "tau"}


def forest_of(
    found: Synthesis, subgroups: tuple[tuple[str, Pooled], ...] = (), simulated: SimulatedEvidence | None = None
) -> Forest:
    """Return the forest plot of a pool; with subgroups, each with its heading, its studies and its own pool.

    Parameters
    ----------
    found : Synthesis
        The pool.
    subgroups : tuple of (name, Pooled)
        Pools of parts of the same studies.
    simulated : SimulatedEvidence or None
        Frozen predictions of the same trials; they stand below, with glyphs of their own, in no real pool.
    """
    by_name = {each.name: each for each in found.selection.taken}
    weights = dict(zip(found.pooled.effects.labels, found.pooled.weights, strict=True))
    rows: list[ForestRow] = []
    for name, part in subgroups:
        rows.append(ForestRow(kind=RowKind.HEADING, label=name))
        rows += [_study(by_name[label], float(weights[label])) for label in part.effects.labels]
        rows.append(_pool_row(RowKind.SUBTOTAL, f"{name}: {_short(part)}", part))
    if not subgroups:
        rows += [_study(each, float(weights[each.name])) for each in found.selection.taken]
    total = _pool_row(RowKind.TOTAL, f"pooled, k = {found.pooled.k}", found.pooled)
    rows.append(replace(total, bias=f"certainty: {certainty_of(found)}"))
    rows += [_pool_row(RowKind.OTHER_CHOICE, each.words, each.pooled) for each in found.sensitivity]
    if found.published is not None:
        rows.append(_published(found.published))
    if simulated is not None:
        rows += _simulated(simulated)
    limits = found.pooled.prediction()
    return Forest(
        title=f"{found.title}: {found.selection.endpoint.label.lower()}",
        better=(f"{_treated(found)} better", "control better"),
        rows=tuple(rows),
        prediction=None if limits is None else (float(np.exp(limits[0])), float(np.exp(limits[1]))),
        foot=(described(found.pooled), *_notes(found), *_notes_on(simulated)),
    )


def funnel_of(found: Synthesis) -> Figure:
    """Return the funnel plot of a pool."""
    effects = found.pooled.effects
    points = np.column_stack([effects.estimates, effects.standard_errors])
    return funnel_figure(
        _title(found),
        effects.labels,
        np.vstack([points, [found.pooled.estimate, found.pooled.standard_error]]),
        described(found.pooled),
    )


def baujat_of(found: Synthesis) -> Figure:
    """Return Baujat's plot of a pool of two studies or more."""
    return baujat_figure(_title(found), contributions(found.pooled.effects), described(found.pooled))


def drapery_of(found: Synthesis) -> Figure:
    """Return the drapery plot of a pool."""
    return drapery_figure(_title(found), drapery(found.pooled), described(found.pooled))


def plots_beside(found: Synthesis) -> dict[str, Callable[[], Figure]]:
    """Return what paints each plot that stands beside a pool's forest, by its name; none of a single study."""
    if found.pooled.k < 2:
        return {}
    return {
        "funnel": lambda: funnel_of(found),
        "baujat": lambda: baujat_of(found),
        "drapery": lambda: drapery_of(found),
    }


def _treated(found: Synthesis) -> str:
    """Return what the treated arms get, in the words of their role, which is one in a pool."""
    roles = dict.fromkeys(each.role.label for each in found.selection.taken)
    return " or ".join(roles) or "treatment"


def _title(found: Synthesis) -> str:
    return f"{found.title}: {found.selection.endpoint.value.upper()}"


def said_of_small_studies(found: SmallStudies) -> str:
    """Return what tests of asymmetry and trim and fill say, in one line; nothing where none could be made."""
    said = [
        f"{test.name} {STATISTIC[test.name]} {test.statistic:.2f}, p {p_shortly(test.p_value)}" for test in found.tests
    ]
    filled = found.filled
    if filled is not None and filled.added == 0:
        said.append("trim and fill adds none")
    elif filled is not None:
        ratio = with_limits(*np.exp([filled.pooled.estimate, filled.pooled.lower, filled.pooled.upper]))
        added = f"{counted(filled.added, 'study', 'studies')} on the {filled.side.value}"
        said.append(f"trim and fill adds {added}: HR {ratio}")
    if not said:
        return ""
    few = "" if all(test.enough for test in found.tests) else "; fewer than ten studies, so that these tell little"
    return f"Small-study effects: {'; '.join(said)}{few}"


def pools_of(parts: Subgroups | str | None) -> tuple[tuple[str, Pooled], ...]:
    """Return the pools of subgroups by their names; none where there is nothing to compare."""
    return tuple(zip(parts.names, parts.pools, strict=True)) if isinstance(parts, Subgroups) else ()


def said_of_subgroups(parts: Subgroups | str) -> str:
    """Return the test between subgroups, or why there is none."""
    if isinstance(parts, str):
        return parts
    return f"Q between {parts.q_between:.2f} on {parts.degrees_of_freedom} df, p {p_shortly(parts.p_value)}"


def described(pooled: Pooled) -> str:
    """Return k, method and heterogeneity in one line; a pooled result is never shown without it."""
    found = pooled.heterogeneity
    if found is None:
        return ONE_STUDY
    head = f"k = {pooled.k}; {pooled.method.label}; interval: {pooled.interval_method.value}"
    low, high = found.tau_squared_interval
    taken = "taken as 0" if pooled.method is BetweenMethod.FIXED else f"= {found.tau_squared:.3f}"
    return (
        f"{head}; Q = {found.q:.2f} on {found.degrees_of_freedom} df ({p_equals(found.q_p_value)}); tau² {taken} "
        f"({low:.3f} to {high:.3f}); I² = {found.i_squared:.0f} % ({found.i_squared_interval[0]:.0f} to "
        f"{found.i_squared_interval[1]:.0f})"
    )


def certainty_of(found: Synthesis) -> str:
    """Return how certain a judge was of a pool (GRADE), or that nobody judged it with these studies."""
    if (judged := found.certainty) is not None:
        return f"{judged.level.value} ({judged.judge}, {judged.date})"
    excluded = found.selection.excluded
    return f"{NOT_ASSESSED} without {listed(excluded)}" if excluded else NOT_ASSESSED


def bias_of(study: PublishedStudy) -> str:
    """Return how a judge saw a study's risk of bias, or that nobody judged."""
    return NOT_ASSESSED if study.risk_of_bias is None else study.risk_of_bias.judgement.value


def _short(pooled: Pooled) -> str:
    found = pooled.heterogeneity
    return f"k = {pooled.k}" if found is None else f"k = {pooled.k}, I² = {found.i_squared:.0f} %"


def _notes(found: Synthesis) -> tuple[str, ...]:
    notes = []
    if (limits := found.pooled.prediction()) is not None:
        low, high = np.exp(limits)
        notes.append(f"blue bar: 95 % prediction interval, {low:.2f} to {high:.2f} (t with k - 1 degrees of freedom)")
    notes.append("squares: trials, reconstructed from printed rates, events and p values; area by weight")
    if found.sensitivity:
        notes.append("open diamonds: the pool with trials whose sign is not known, under either sign")
    return tuple(notes)


def _study(taken: Taken, weight: float) -> ForestRow:
    value, error = taken.effect.log_hazard_ratio, taken.effect.se or 0.0
    return ForestRow(
        kind=RowKind.STUDY,
        label=taken.name,
        value=float(np.exp(value)),
        lower=float(np.exp(value - NORMAL_975 * error)),
        upper=float(np.exp(value + NORMAL_975 * error)),
        weight=weight,
        bias=bias_of(taken.study),
    )


def _pool_row(kind: RowKind, label: str, pooled: Pooled) -> ForestRow:
    value, lower, upper = np.exp([pooled.estimate, pooled.lower, pooled.upper])
    return ForestRow(kind=kind, label=label, value=float(value), lower=float(lower), upper=float(upper))


def _simulated(found: SimulatedEvidence) -> list[ForestRow]:
    rows = [ForestRow(kind=RowKind.HEADING, label="simulated: frozen predictions, in no pool above")]
    rows += [_prediction(each, each.of) for each in found.trials]
    if found.pool is not None:
        rows.append(_prediction(found.pool, f"the pool {found.pool.of}"))
    if (added := found.discounted) is not None:
        value, lower, upper = np.exp([added.estimate, added.lower, added.upper])
        rows.append(
            ForestRow(
                kind=RowKind.OTHER_CHOICE,
                label=f"real with simulated at a discount of {added.discount:g}",
                value=float(value),
                lower=float(lower),
                upper=float(upper),
                bias=f"{100.0 * added.real_share:.0f} % of the weight is real",
            )
        )
    return rows


def _prediction(found: FrozenPrediction, label: str) -> ForestRow:
    return ForestRow(
        kind=RowKind.SIMULATED,
        label=f"{label}, n = {found.n}",
        value=found.value,
        lower=found.lower,
        upper=found.upper,
        bias=f"result known: {found.result_known.value}",
    )


def _notes_on(found: SimulatedEvidence | None) -> tuple[str, ...]:
    if found is None:
        return ()
    if not found.trials:
        return ("no prediction of these trials is frozen",)
    made = ", ".join(sorted({each.made.isoformat() for each in found.trials}))
    notes = [f"circles: what a trial of that size would find by {found.trials[0].model}, frozen {made}"]
    if found.spread is not None:
        notes.append(f"simulated medians differ by a standard deviation of {found.spread:.3f} (log hazard ratio)")
    if found.missing:
        notes.append(f"no prediction is frozen of {', '.join(found.missing)}")
    return tuple(notes)


def _published(effect: PublishedEffect) -> ForestRow:
    value, error = effect.log_hazard_ratio, effect.se or 0.0
    return ForestRow(
        kind=RowKind.PUBLISHED,
        label=f"as printed: {effect.population}",
        value=float(np.exp(value)),
        lower=float(np.exp(value - NORMAL_975 * error)),
        upper=float(np.exp(value + NORMAL_975 * error)),
    )
