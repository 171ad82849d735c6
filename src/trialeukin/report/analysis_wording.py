"""What the rows of an analysis say: the same words on the terminal and on the page."""

import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.core.counting import counted
from trialeukin.core.normal import NORMAL_975
from trialeukin.report.wording import listed, p_value, percent
from trialeukin.survival.analysis import Analysis, ArmAnalysis
from trialeukin.survival.arm_comparison import Comparison
from trialeukin.survival.cox import CoxStatus
from trialeukin.survival.log_rank import LogRank
from trialeukin.survival.max_combo import MaxCombo
from trialeukin.survival.milestone import Milestone
from trialeukin.survival.mixture_cure import CureStatus
from trialeukin.survival.pairwise import Pair
from trialeukin.survival.restricted_mean import RestrictedMeanContrast

Rows = tuple[tuple[str, ...], ...]
NO_ESTIMATE = {
    CoxStatus.INFINITE_ESTIMATE: "none: it goes to 0 or beyond all bounds (as when one side has no events)",
    CoxStatus.TOO_MANY_STEPS: "none: the search did not converge",
    CoxStatus.NOT_FINITE: "none: the likelihood is not finite",
    CoxStatus.NO_INFORMATION: "none: patients that differ are never at risk together",
}
NO_CURE = {
    CureStatus.EDGE: "none: likeliest with nobody cured",
    CureStatus.FLAT: "none: share and times not told apart",
    CureStatus.NOT_FOUND: "none: not converged",
    CureStatus.UNBOUNDED: "none: all events at one time",
}
UNDEFINED = "undefined"
SMALL = 0.05
FEW = 10  # patients a stratum
ARM_HEAD = ("arm", "patients", "events", "median", "survival at {milestone}", "restricted mean to {horizon}")
EFFECT_HEAD = ("effect", "estimate", "95 % interval", "p")
PAIR_HAZARD_HEAD = ("pair", "hazard ratio", "log-rank p", "adjusted p")
PAIR_MEAN_HEAD = ("pair", "restricted mean, difference", "p", "adjusted p")
CURE_HEAD = ("arm", "level end", "beyond the last event", "p, follow-up too short", "Weibull cure model")


def number(value: float, digits: int = 3) -> str:
    """Return a number in significant digits, never in powers of ten; a dash where there is none."""
    if not np.isfinite(value):
        return "-"
    return f"{value:.0f}" if abs(value) >= 10.0 ** (digits - 1) else f"{value:.{digits}g}"


def interval(lower: float, upper: float) -> str:
    """Return limits; a dash for one that is not reached."""
    return f"{number(lower)} to {number(upper)}"


def arm_head(found: Analysis) -> tuple[str, ...]:
    """Return the head of `arm_rows`."""
    places = {"milestone": number(found.milestone_time), "horizon": number(found.horizon)}
    return tuple(cell.format(**places) for cell in ARM_HEAD)


def arm_rows(found: Analysis) -> Rows:
    """Return a row an arm: size, median, survival at the milestone, restricted mean."""
    return tuple(_arm(arm, found.milestone_time) for arm in found.arms)


def _arm(arm: ArmAnalysis, time: float) -> tuple[str, ...]:
    low, high = arm.curve.interval_at([time])
    mean = arm.restricted_mean
    return (
        arm.label,
        f"{arm.patients}",
        f"{arm.events}",
        f"{number(arm.curve.median)} ({interval(*arm.curve.median_interval())})",
        _share_within(float(arm.curve.at([time])[0]), float(low[0]), float(high[0])),
        "-" if mean is None else f"{number(mean.mean, 4)} (SE {number(mean.standard_error)})",
    )


def _share(value: float) -> str:
    return percent(value, 1) if np.isfinite(value) else "-"


def _share_within(value: float, low: float, high: float) -> str:
    """Return a share with its limits; none and all have none, as nothing tells how far they may be off."""
    return f"{_share(value)} ({_share(low)} to {_share(high)})" if 0.0 < value < 1.0 else _share(value)


def effect_rows(found: Analysis) -> Rows:
    """Return hazard ratios, the tests, restricted means and survival at the milestone, as far as there are any."""
    made = found.comparison
    if made is None:
        return ()
    means, there = made.restricted_means, made.milestone
    return (
        *_hazard_rows(made),
        _log_rank_row(made.log_rank),
        *(() if made.max_combo is None else (_max_combo_row(made.max_combo),)),
        *(() if means is None else _mean_rows(means, found.horizon)),
        *(() if there is None else (_milestone_row(there),)),
    )


def _max_combo_row(test: MaxCombo) -> tuple[str, ...]:
    return ("MaxCombo", f"largest |z| {number(float(np.abs(test.z).max()))}", "", p_value(test.p_value))


def _mean_rows(means: RestrictedMeanContrast, horizon: float) -> Rows:
    name = f"restricted mean to {number(horizon)}"
    difference, ratio = interval(*means.difference_interval()), interval(*means.ratio_interval())
    return (
        (f"{name}, difference", number(means.difference), difference, p_value(means.difference_p_value)),
        (f"{name}, ratio", number(means.ratio), ratio, p_value(means.ratio_p_value)),
    )


def _milestone_row(there: Milestone) -> tuple[str, ...]:
    difference, half = there.difference, NORMAL_975 * float(np.hypot(*there.standard_error))
    return (
        f"survival at {number(there.time)}, difference in points",
        number(100.0 * difference),
        interval(100.0 * (difference - half), 100.0 * (difference + half)),
        f"{p_value(there.p_log_log)} (log-log)",
    )


def _log_rank_row(found: LogRank | None) -> tuple[str, ...]:
    if found is None:
        return ("log-rank", UNDEFINED, "", "-")
    freedom = f" on {found.test.degrees_of_freedom} df" if found.groups.size > 2 else ""
    return ("log-rank", f"chi-square {number(found.test.statistic, 4)}{freedom}", "", p_value(found.p_value))


def pair_hazard_rows(found: Analysis) -> Rows:
    """Return a row a pair of arms: hazard ratio of that pair, log-rank p, and the same adjusted (Holm)."""
    return tuple(_pair_hazard(pair) for pair in found.pairs)


def _pair_hazard(pair: Pair) -> tuple[str, ...]:
    if pair.comparison is None or pair.comparison.log_rank is None:
        return (pair.label, f"none: {pair.refused.partition(': ')[0]}", "-", "-")
    ratio, limits = _hazard_rows(pair.comparison)[0][1:3]
    return (
        pair.label,
        f"{ratio} ({limits})" if limits else ratio,
        p_value(pair.comparison.log_rank.p_value),
        p_value(pair.log_rank_adjusted),
    )


def pair_mean_rows(found: Analysis) -> Rows:
    """Return a row a pair of arms that has a difference in restricted means, its p, and the same adjusted (Holm)."""
    return tuple(
        (
            pair.label,
            f"{number(means.difference)} ({interval(*means.difference_interval())})",
            p_value(means.difference_p_value),
            p_value(pair.mean_adjusted),
        )
        for pair in found.pairs
        if pair.comparison is not None and (means := pair.comparison.restricted_means) is not None
    )


def _hazard_rows(made: Comparison) -> list[tuple[str, ...]]:
    """Return a row a hazard ratio; one for all that are none."""
    fit = made.hazards
    if fit is None:
        return [("hazard ratio", UNDEFINED, "", "-")]
    if fit.status is not CoxStatus.CONVERGED:
        shown = "" if made.weighted else f"{p_value(fit.likelihood_ratio_test.p_value)} (likelihood ratio)"
        return [("hazard ratio", NO_ESTIMATE[fit.status], "", shown)]
    lower, upper = fit.interval()
    return [
        (
            f"hazard ratio, {label}",
            number(float(fit.hazard_ratios[place])),
            interval(float(lower[place]), float(upper[place])),
            p_value(float(fit.p_values[place])),
        )
        for place, label in enumerate(made.labels)
    ]


def proportionality_rows(found: Analysis) -> Rows:
    """Return the tests of proportional hazards, one a covariate and one of all."""
    made = found.comparison
    if made is None or made.proportional is None:
        return ()
    rows = [
        (label, number(test.statistic), f"{test.degrees_of_freedom}", p_value(test.p_value))
        for label, test in zip(made.labels, made.proportional.covariates, strict=True)
    ]
    whole = made.proportional.overall
    return (*rows, ("all together", number(whole.statistic), f"{whole.degrees_of_freedom}", p_value(whole.p_value)))


def cure_rows(found: Analysis) -> Rows:
    """Return a row an arm: how high the curve ends, how long it has been level, and what a cure model makes of it."""
    rows = []
    for arm in found.arms:
        if arm.plateau is None:
            continue
        end = arm.plateau
        rows.append(
            (
                arm.label,
                _share_within(end.height, end.lower, end.upper),
                f"{counted(end.at_risk, 'patient')}, {number(end.last_follow_up - end.last_event)} long",
                p_value(end.p_too_short),
                _cure(arm),
            )
        )
    return tuple(rows)


def _cure(arm: ArmAnalysis) -> str:
    if arm.cure is None:
        return "-"
    if arm.cure.status is not CureStatus.CONVERGED:
        return NO_CURE[arm.cure.status]
    logit, error = -float(arm.cure.incidence[0]), float(arm.cure.standard_errors[0])
    ends = (1.0 / (1.0 + np.exp(-(logit + shift * error))) for shift in (-NORMAL_975, NORMAL_975))
    return f"{percent(arm.cure.cured(), 1)} cured ({' to '.join(percent(float(end), 1) for end in ends)})"


def _of_weights(values: Floats, column: str) -> str:
    effective = float(values.sum() ** 2 / (values**2).sum())
    return (
        f"Patients weigh {number(float(values.min()))} to {number(float(values.max()))} (column {column!r}) and are as "
        f"precise as {number(effective)} who weigh alike. Curves, hazard ratio, log-rank and milestone are weighted, "
        "with robust errors that take the weights as known. Restricted means, MaxCombo, the test of proportional "
        "hazards, plateau and cure model take no weights and are left out."
    )


def _left_out(found: Analysis) -> str:
    """Return what two arms would be compared by, were there events enough."""
    made = found.comparison
    if made is None or len(found.arms) > 2 or found.data.entry is not None or made.weighted:
        return ""
    parts: dict[str, object] = {
        "MaxCombo": made.max_combo,
        "the comparison of restricted means": made.restricted_means,
        f"the difference in survival at {number(found.milestone_time)}": made.milestone,
    }
    if made.hazards is not None and made.hazards.status is CoxStatus.CONVERGED:
        parts["the test of proportional hazards"] = made.proportional
    missing = [name for name, part in parts.items() if part is None]
    return f"Too few events, or too alike, to define: {listed(missing)}; left out." if missing else ""


def _without_events(found: Analysis) -> str:
    """Return what cannot be told of arms for want of events, and why."""
    roles, made = found.data.roles, found.comparison
    if not any(arm.events for arm in found.arms):
        size = found.data.times.size
        everybody = f"All {size} patients are" if size > 1 else "The only patient is"
        return (
            f"{everybody} censored in column {roles.outcome!r}: nothing is estimated but "
            f"that nobody had the event; check that events are coded {0 if roles.censored else 1}."
        )
    if made is None or not made.undefined:
        return ""
    return f"The log-rank test is undefined{'' if made.hazards else ', and so is the hazard ratio'}: {made.undefined}."


def _never_beside(found: Analysis) -> str:
    """Return which arms have no hazard ratio, and why."""
    made = found.comparison
    if made is None or made.undefined or not made.never_beside:
        return ""
    named = listed([repr(label) for label in made.never_beside])
    whose = "Arm" if len(made.never_beside) == 1 else "Arms"
    left = "no hazard ratio over it is defined" if made.hazards is None else "the hazard ratios are of the others"
    return (
        f"{whose} {named}: at no event time (of a stratum) at risk beside another arm, so that {left}; the log-rank "
        "test compares the arms that are."
    )


def _of_strata(found: Analysis) -> str:
    """Return how many strata there are where patients are few in each: most of what they tell is then lost."""
    data = found.data
    count = 0 if data.strata is None else np.unique(data.strata).size
    if count < 2 or data.times.size >= FEW * count:
        return ""
    return (
        f"{data.times.size} patients in {count} strata, fewer than {FEW} each: they are compared inside strata alone, "
        "so that most of what they tell is lost; if these are values of a number, give classes of it."
    )


def cautions(found: Analysis) -> tuple[str, ...]:
    """Return what a reader must know before using the figures."""
    notes = []
    if found.control_taken:
        notes.append(
            f"No control was named: the first arm in order, {found.arms[0].label!r}, is taken; --control names it."
        )
    if found.chosen_here:
        chosen, options = listed(found.chosen_here), listed([f"--{each}" for each in found.chosen_here])
        notes.append(f"From the data came: {chosen}. A protocol fixes such times beforehand: give {options}.")
    notes.extend(filter(None, (_without_events(found), _never_beside(found), _left_out(found))))
    made = found.comparison
    if made is not None and made.proportional is not None and made.proportional.overall.p_value < SMALL:
        notes.append(
            "Hazards are not proportional (p below 0.05): the hazard ratio is an average over this follow-up; read "
            "the curves, the restricted means and MaxCombo."
        )
    if lone := _of_strata(found):
        notes.append(lone)
    if found.data.entry is not None:
        notes.append(
            "Patients enter late (left truncation): restricted means, milestone, MaxCombo and plateau are left out."
        )
    if found.data.weights is not None:
        notes.append(_of_weights(found.data.weights.values, str(found.data.roles.weights)))
    if any(arm.plateau is not None and arm.plateau.at_risk > 0 for arm in found.arms):
        notes.append(
            "A level end is a plateau only if follow-up is long enough. A small p in the column 'follow-up too short' "
            "(Maller and Zhou) speaks for it, but comes too easily while events still fall steadily; a cure "
            "model that does not converge speaks against it."
        )
    return tuple(notes)
