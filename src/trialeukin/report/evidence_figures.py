"""From a pool of the base to its forest and funnel plots."""

import numpy as np
from matplotlib.figure import Figure

from trialeukin.evidence.heterogeneity import BetweenMethod
from trialeukin.evidence.pooling import Pooled
from trialeukin.evidence.published_effect import PublishedEffect
from trialeukin.evidence.selection import Taken
from trialeukin.evidence.synthesis import Synthesis
from trialeukin.report.forest_figure import Forest, ForestRow, RowKind
from trialeukin.report.funnel_figure import funnel_figure

LIMIT = 1.959964
NOT_ASSESSED = "not assessed"
HAZARD_RATIO = "hazard ratio"


def forest_of(found: Synthesis, subgroups: tuple[tuple[str, Pooled], ...] = ()) -> Forest:
    """Return the forest plot of a pool; with subgroups, each with its heading, its studies and its own pool.

    Parameters
    ----------
    found : Synthesis
        The pool.
    subgroups : tuple of (name, Pooled)
        Pools of parts of the same studies.
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
    rows.append(_pool_row(RowKind.TOTAL, f"pooled, k = {found.pooled.k}", found.pooled))
    rows += [_pool_row(RowKind.OTHER_CHOICE, each.words, each.pooled) for each in found.sensitivity]
    if found.published is not None:
        rows.append(_published(found.published))
    limits = found.pooled.prediction()
    return Forest(
        title=f"{found.title}: {found.selection.endpoint.label.lower()}",
        measure=HAZARD_RATIO,
        better=("IL-2 better", "control better"),
        rows=tuple(rows),
        prediction=None if limits is None else (float(np.exp(limits[0])), float(np.exp(limits[1]))),
        foot=(described(found.pooled), *_notes(found)),
    )


def funnel_of(found: Synthesis) -> Figure:
    """Return the funnel plot of a pool."""
    effects = found.pooled.effects
    points = np.column_stack([effects.estimates, effects.errors])
    return funnel_figure(
        f"{found.title}: {found.selection.endpoint.value.upper()}",
        HAZARD_RATIO,
        effects.labels,
        np.vstack([points, [found.pooled.estimate, found.pooled.error]]),
        described(found.pooled),
    )


def described(pooled: Pooled) -> str:
    """Return k, method and heterogeneity in one line; a pooled result is never shown without it."""
    head = f"k = {pooled.k}; {pooled.method.label}; interval: {pooled.interval_method.value}"
    found = pooled.heterogeneity
    if found is None:
        return f"{head}; heterogeneity: nothing can be said from one study"
    low, high = found.between_interval
    taken = "taken as 0" if pooled.method is BetweenMethod.FIXED else f"= {found.between:.3f}"
    return (
        f"{head}; Q = {found.q:.2f} on {found.spare} df (p = {found.q_p:.2f}); tau² {taken} "
        f"({low:.3f} to {high:.3f}); I² = {found.share:.0f} % ({found.share_interval[0]:.0f} to "
        f"{found.share_interval[1]:.0f})"
    )


def _short(pooled: Pooled) -> str:
    found = pooled.heterogeneity
    return f"k = {pooled.k}" if found is None else f"k = {pooled.k}, I² = {found.share:.0f} %"


def _notes(found: Synthesis) -> tuple[str, ...]:
    notes = []
    if (limits := found.pooled.prediction()) is not None:
        low, high = np.exp(limits)
        notes.append(f"blue bar: 95 % of new trials, {low:.2f} to {high:.2f} (t with k - 1 degrees of freedom)")
    notes.append("squares: trials, reconstructed from printed rates, events and p values; area by weight")
    if found.sensitivity:
        notes.append("open diamonds: the pool with trials whose sign is not known, under either sign")
    return tuple(notes)


def _study(taken: Taken, weight: float) -> ForestRow:
    value, error = taken.effect.log_hazard_ratio, taken.effect.se or 0.0
    judged = taken.study.risk_of_bias
    return ForestRow(
        kind=RowKind.STUDY,
        label=taken.name,
        value=float(np.exp(value)),
        lower=float(np.exp(value - LIMIT * error)),
        upper=float(np.exp(value + LIMIT * error)),
        weight=weight,
        bias=NOT_ASSESSED if judged is None else judged.judgement.value,
    )


def _pool_row(kind: RowKind, label: str, pooled: Pooled) -> ForestRow:
    value, lower, upper = np.exp([pooled.estimate, pooled.lower, pooled.upper])
    return ForestRow(kind=kind, label=label, value=float(value), lower=float(lower), upper=float(upper))


def _published(effect: PublishedEffect) -> ForestRow:
    value, error = effect.log_hazard_ratio, effect.se or 0.0
    return ForestRow(
        kind=RowKind.PUBLISHED,
        label=f"as printed: {effect.population}",
        value=float(np.exp(value)),
        lower=float(np.exp(value - LIMIT * error)),
        upper=float(np.exp(value + LIMIT * error)),
    )
