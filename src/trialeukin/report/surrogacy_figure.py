"""Two pictures of surrogacy: the plane of marker against clinical effect, and which cells the effect goes through."""

import numpy as np
from matplotlib.figure import Figure

from trialeukin.core.normal import NORMAL_975
from trialeukin.evidence.arm_exposure import ExposureMeasure, exposure_of
from trialeukin.evidence.frozen import FrozenPrediction
from trialeukin.evidence.mediation import Estimate
from trialeukin.evidence.published_markers import BothEffects
from trialeukin.evidence.selection import Taken
from trialeukin.evidence.surrogacy import StructureSurrogacy
from trialeukin.evidence.vocabulary import Sign
from trialeukin.model.structures import MarkerPath
from trialeukin.report.axes import NO_EFFECT
from trialeukin.report.framed_plot import framed, logarithmic_axis, named, ratio_axis, trial
from trialeukin.report.palette import Colour
from trialeukin.report.printed_figure import TEXT_SIZE, Sheet

MARKER = ExposureMeasure.NK_RISE
COLOURS = {MarkerPath.NK: Colour.BAND_NK, MarkerPath.CD8: Colour.BAND_CD8, MarkerPath.TREG: Colour.BAND_TREG}
ROW, LABELS, PLOT, TOP = 22.0, 250.0, 330.0, 46.0


def surrogacy_plane(trials: tuple[Taken, ...], predictions: tuple[FrozenPrediction, ...], both: BothEffects) -> Figure:
    """Return hazard ratios of trials, published and predicted, against the rise of NK cells that the model computes.

    Trials whose sign or regimen is not known cannot stand in it; the words below say what cannot be concluded.
    """
    predicted = {each.of: each for each in predictions}
    foot = (
        "squares: hazard ratio as published; circles: as the model predicts for a trial of that size",
        "rise of NK cells: computed from the regimen, not measured in these trials, so that no R2 is read from it",
        *_broken(both.refusal),
    )
    sheet, axes = framed("Effect on NK cells and effect on leukaemia-free survival", foot)
    ends = [0.7, 1.4]
    for taken in trials:
        exposure = exposure_of(taken.study.arm(taken.effect.treated))
        if exposure is None:
            continue
        place = (exposure.typical(MARKER), *exposure.interval(MARKER))
        if taken.effect.sign is Sign.KNOWN and taken.effect.se is not None:
            error = NORMAL_975 * taken.effect.se
            limits = np.exp(taken.effect.log_hazard_ratio + np.array([0.0, -error, error]))
            trial(axes, taken.name, place, limits)
            ends += limits.tolist()
        said = predicted.get(taken.name)
        if said is not None:
            beside = place[0] * 1.03
            axes.plot([beside, beside], [said.lower, said.upper], color=Colour.ARM_2.light, linewidth=1.0)
            axes.plot(beside, said.value, "o", color=Colour.ARM_2.light, markersize=5.0, gid=f"{taken.name} predicted")
            ends += [said.lower, said.upper]
            if taken.effect.sign is Sign.UNKNOWN:
                named(axes, f"{taken.name}, sign not known", (beside, said.upper))
    ratio_axis(axes, ends)
    logarithmic_axis(axes)
    axes.set_xlabel(f"{MARKER.label}, computed by the model")
    return sheet.figure


def _broken(text: str, wide: int = 110) -> tuple[str, ...]:
    """Return a text in lines of about so many letters."""
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) > wide:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return tuple(line for line in lines if line)


def mediation_figure(title: str, found: tuple[StructureSurrogacy, ...]) -> Figure:
    """Return what each kind of cell, everything else and all together do to leukaemia-free time, by structure."""
    rows = [row for each in found for row in _rows(each)]
    foot = (
        "month gained by treatment up to the horizon, in the same virtual patients; bars: two Monte Carlo errors",
        "parts add up: each path's is its mean over the orders in which paths can be opened",
    )
    wide = 28.0 + max(LABELS + PLOT, Sheet(10.0, 10.0).widest((*foot, title), "bold"))
    sheet = Sheet(wide, TOP + ROW * len(rows) + 44.0 + 16.0 * len(foot) + 14.0)
    sheet.word(title, 14.0, 14.0, fontsize=TEXT_SIZE, fontweight="bold")
    for place, line in enumerate(foot):
        top = sheet.height - 14.0 - 16.0 * (len(foot) - 1 - place)
        sheet.word(line, 14.0, top, fontsize=TEXT_SIZE, color=Colour.MUTED.light)
    high = ROW * len(rows)
    axes = sheet.figure.add_axes(
        (LABELS / wide, 1.0 - (TOP + high) / sheet.height, (wide - LABELS - 24.0) / wide, high / sheet.height)
    )
    axes.set_ylim(len(rows), 0.0)
    axes.set_yticks([])
    axes.spines[["left", "right", "top"]].set_visible(False)
    axes.axvline(0.0, **NO_EFFECT, zorder=0)
    for place, (label, estimate, colour) in enumerate(rows):
        strong = "bold" if estimate is None else "normal"
        sheet.word(label, 14.0, TOP + ROW * (place + 0.5), fontsize=TEXT_SIZE, fontweight=strong)
        if estimate is not None:
            axes.barh(place + 0.5, estimate.value, height=0.55, color=colour.light, gid=label)
            ends = [estimate.value - 2.0 * estimate.error, estimate.value + 2.0 * estimate.error]
            axes.plot(ends, [place + 0.5] * 2, color=Colour.INK.light, linewidth=1.2)
    axes.set_xlabel("months of leukaemia-free time")
    return sheet.figure


def _rows(found: StructureSurrogacy) -> list[tuple[str, Estimate | None, Colour]]:
    parts = found.mediation
    rows: list[tuple[str, Estimate | None, Colour]] = [(found.structure.name, None, Colour.INK)]
    rows += [(f"  through {each.path.value}", each.part, COLOURS[each.path]) for each in parts.paths]
    rows.append(("  other ways (toxicity, oxygen)", parts.others, Colour.MUTED))
    rows.append(("  all together", parts.total, Colour.ARM_1))
    return rows
