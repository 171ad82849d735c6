"""``trialeukin design --treatments K``: several treatments and one control, the best of which goes on."""

from pathlib import Path
from typing import Any

import numpy as np

from trialeukin.cli.design_options import Asked, Reading
from trialeukin.cli.terminal import print_json, results, table
from trialeukin.core.errors import InputError
from trialeukin.report.design_result import whole
from trialeukin.report.wording import percent
from trialeukin.survival.design.looks import nominal_p
from trialeukin.survival.design.multi_arm_trial import MultiArmTrial, multi_arm_trial
from trialeukin.trial.planned_design import planned_design
from trialeukin.trial.study_file import load_study

HEAD = (
    "analysis",
    "month",
    "patients",
    "events of a comparison",
    "efficacy: Z",
    "p",
    "HR",
    "any claim, no effect",
    "right claim, one works",
    "wrong claim, one works",
)
MOST = 12


def refuse_beside_treatments(treatments: int, asked: Asked, *, simulate: int | None, output: Path | None) -> None:
    """Refuse what a design of several treatments does not take."""
    if not 1 < treatments <= MOST:
        raise InputError(f"--treatments {treatments}: give 1 to {MOST}; 1 is a trial of two arms")
    beside = {
        "--futility": asked.futility,
        "--prior": asked.prior,
        "--patients": asked.patients,
        "--delay": asked.delay,
        "--treated-cure": asked.treated_cure,
        "--simulate": simulate,
        "--output": output,
    }
    given = [name for name, value in beside.items() if value is not None]
    if given:
        raise InputError(
            f"{given[0]} beside --treatments {treatments}: the size is found for one treatment that works by a "
            "constant hazard ratio, on the terminal or as --json; leave it out"
        )


def multi_arm(asked: Asked, treatments: int) -> MultiArmTrial:
    """Return the design that the options and the study file ask for."""
    reading = Reading(asked, None if asked.study is None else planned_design(load_study(asked.study)))
    if reading.sized() or reading.rate_alone():
        raise InputError(
            f"--accrual {asked.accrual} beside --treatments: the size is found; give --accrual-months, or the shape "
            "2x6,6x18"
        )
    return multi_arm_trial(reading.trial(), reading.rules(), treatments)


def show_multi_arm(found: MultiArmTrial, *, as_json: bool) -> None:
    """Print the design."""
    if as_json:
        print_json(_document(found))
        return
    out = results()
    out.print(table("Several treatments and one control", HEAD, _rows(found), numeric=tuple(range(1, len(HEAD)))))
    out.print(f"\n{_sentence(found)}", markup=False)


def _cumulated(found: MultiArmTrial) -> tuple[np.ndarray[Any, Any], ...]:
    return (
        found.null.claims.sum(axis=0).cumsum(),
        found.effect.claims[0].cumsum(),
        found.effect.claims[1:].sum(axis=0).cumsum(),
    )


def _rows(found: MultiArmTrial) -> tuple[tuple[str, ...], ...]:
    chances, effects = _cumulated(found), found.comparison.effects
    p_values, last = nominal_p(found.boundaries.upper), len(effects) - 1
    return tuple(
        (
            "final" if look == last else f"interim {look + 1} ({percent(float(found.design.fractions[look]))})",
            f"{effect.calendar:.1f}",
            f"{whole(float(found.entered[look]))}",
            f"{whole(effect.events)}",
            f"{found.boundaries.upper[look]:.3f}",
            f"{p_values[look]:.4f}" if p_values[look] >= 5e-5 else f"{p_values[look]:.1e}",
            f"{found.hazard_ratios[look]:.3f}",
            *(percent(float(chance[look]), 2) for chance in chances),
        )
        for look, effect in enumerate(effects)
    )


def _sentence(found: MultiArmTrial) -> str:
    rules, trial = found.comparison.rules, found.comparison.trial
    treatments = found.design.treatments
    return (
        f"{whole(found.patients)} patients are randomised to {treatments} treatments and one control "
        f"({found.design.allocation:.3g} to each treatment for one to control). After "
        f"{whole(found.comparison.effects[0].events)} events in a comparison the treatment with the largest log-rank "
        "statistic goes on with control and the others take in no more patients. Efficacy is claimed above the limits, "
        f"which hold the chance of any false claim to {percent(rules.alpha, 1)} (one-sided; {rules.efficacy.name}, "
        f"exact by integration). If one treatment has a hazard ratio of {trial.ratios[0]:g} and the others none, it is "
        f"chosen and claimed with a chance of {percent(found.power, 1)}. Stopped at the first look the trial has "
        f"{whole(float(found.entered[0]))} patients."
    )


def _document(found: MultiArmTrial) -> dict[str, Any]:
    any_claim, right, wrong = _cumulated(found)
    return {
        "treatments": found.design.treatments,
        "alpha_one_sided": found.comparison.rules.alpha,
        "power": found.power,
        "patients": found.patients,
        "months": found.comparison.trial.end,
        "efficacy": found.comparison.rules.efficacy.name,
        "statement": _sentence(found),
        "analyses": [
            {
                "fraction": found.design.fractions[look],
                "month": effect.calendar,
                "entered": found.entered[look],
                "events_of_a_comparison": effect.events,
                "z": found.boundaries.upper[look],
                "hazard_ratio": found.hazard_ratios[look],
                "any_claim_no_effect": any_claim[look],
                "right_claim_one_works": right[look],
                "wrong_claim_one_works": wrong[look],
            }
            for look, effect in enumerate(found.comparison.effects)
        ],
    }
