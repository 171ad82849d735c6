"""Published and predicted answers of two groups of patients, in lines."""

import numpy as np
from scipy.special import expit

from trialeukin.evidence.comparisons import Comparison, Scale, Side
from trialeukin.evidence.frozen import FrozenPrediction, Measure
from trialeukin.report.evidence_figures import described, said_of_subgroups
from trialeukin.report.wording import with_limits


def side_lines(side: Side) -> tuple[str, ...]:
    """Return what was published of one side, and what the model says."""
    lines = [side.name, f"  published: {published_line(side)}"]
    lines += [f"    {study}: {words}" for study, words in side.statements]
    if side.no_model:
        lines.append(f"  the model cannot say: {side.no_model}")
    lines += [f"  model ({each.structure}): {prediction_line(each)}" for each in side.predictions]
    return tuple(lines)


def published_line(side: Side) -> str:
    """Return the pooled published answer with its k, method and heterogeneity, or that no number is printed."""
    if side.pooled is None:
        return "no number printed"
    inverse = np.exp if side.scale is Scale.RATIO else expit
    answer = with_limits(*inverse([side.pooled.estimate, side.pooled.lower, side.pooled.upper]))
    return f"{side.scale.value} {answer}; {described(side.pooled)}"


def prediction_line(found: FrozenPrediction) -> str:
    """Return a frozen prediction in words: what a study of its size would find."""
    what = "HR" if found.measure is Measure.HAZARD_RATIO else "share in remission"
    ratio = with_limits(found.value, found.lower, found.upper)
    return (
        f"{found.of}, {found.population}, {found.treatment}: {what} {ratio} of {found.n}; "
        f"frozen {found.made}, result known: {found.result_known.value}"
    )


def difference_line(found: Comparison) -> str:
    """Return the test of both published answers, or why there is none."""
    if found.test is None:
        return f"published difference: not tested: {found.not_tested}"
    return (
        f"published difference: {said_of_subgroups(found.test)}; "
        f"k = {' and '.join(str(each.k) for each in found.test.pools)}"
    )
