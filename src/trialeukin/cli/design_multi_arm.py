"""``trialeukin design --treatments K``: several treatments and one control, the best of which goes on."""

import os
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from trialeukin.cli.design_options import Asked, Reading, study_of
from trialeukin.cli.design_words import refuse_trials
from trialeukin.cli.terminal import print_json, results, table
from trialeukin.core.errors import InputError
from trialeukin.report.design_result import whole
from trialeukin.report.design_tables import share_beside
from trialeukin.report.wording import percent
from trialeukin.survival.design.looks import nominal_p
from trialeukin.survival.design.multi_arm_trial import MultiArmTrial, multi_arm_trial
from trialeukin.trial.estimate import Estimate
from trialeukin.trial.planned_design import planned_design
from trialeukin.trial.simulation.multi_arm import MultiArmOperating, simulated_multi_arm

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
FUTILITY_HEAD = ("futility: Z", "HR", "stop, no effect", "stop, one works")
SIMULATED_HEAD = ("simulated trials", "no effect: exact", "simulated", "one works: exact", "simulated")
TRUTHS = ("no_effect", "one_works")
NOT_INTEGRATED = "–"
MOST = 12


def refuse_beside_treatments(treatments: int, asked: Asked, *, output: Path | None) -> None:
    """Refuse what a design of several treatments does not take."""
    if not 1 < treatments <= MOST:
        raise InputError(f"--treatments {treatments}: give 1 to {MOST}; 1 is a trial of two arms")
    beside = {
        "--prior": asked.prior,
        "--patients": asked.patients,
        "--delay": asked.delay,
        "--treated-cure": asked.treated_cure,
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
    study = study_of(asked)
    reading = Reading(asked, None if study is None else planned_design(study))
    if reading.sized() or reading.rate_alone():
        raise InputError(
            f"--accrual {asked.accrual} beside --treatments: the size is found; give --accrual-months, or the shape "
            "2x6,6x18"
        )
    rules = reading.rules()
    if len(rules.fractions) < 2:
        raise InputError(
            f"--treatments {treatments} with one analysis: give two or more with --looks, such as 0.5,1; the first "
            "chooses the treatment that goes on"
        )
    return multi_arm_trial(reading.trial(), rules, treatments)


def show_multi_arm(found: MultiArmTrial, simulate: tuple[int, int] | None, *, as_json: bool) -> None:
    """Print the design, and beside it so many simulated trials of a seed where they are asked for."""
    seen = None if simulate is None else _simulated(found, *simulate)
    if as_json:
        shown = None if seen is None else {name: asdict(each) for name, each in zip(TRUTHS, seen, strict=True)}
        print_json(_document(found) | {"simulated": shown})
        return
    out, head = results(), HEAD if found.futility is None else (*HEAD, *FUTILITY_HEAD)
    out.print(table("Several treatments and one control", head, _rows(found), numeric=tuple(range(1, len(head)))))
    out.print(f"\n{_sentence(found)}", markup=False)
    if seen is not None:
        out.print()
        out.print(table("", SIMULATED_HEAD, _beside(found, seen), numeric=(1, 2, 3, 4)))


def _simulated(found: MultiArmTrial, trials: int, seed: int) -> tuple[MultiArmOperating, MultiArmOperating]:
    refuse_trials(trials)
    control, treated = (arm.hazard for arm in found.comparison.trial.arms)
    idle = (control,) * (found.design.treatments - 1)
    null, effect = (
        simulated_multi_arm(found, (control, first, *idle), seed=seed, trials=trials, threads=os.cpu_count() or 1)
        for first in (control, treated)
    )
    return null, effect


def _beside(found: MultiArmTrial, seen: tuple[MultiArmOperating, MultiArmOperating]) -> list[tuple[str, ...]]:
    """Return what was integrated and what simulated trials did; the error is one standard error of the simulation."""
    truths = tuple(zip((found.null, found.effect), seen, strict=True))

    def row(name: str, shares: Iterable[tuple[float, Estimate]]) -> tuple[str, ...]:
        return (name, *(cell for exact, met in shares for cell in share_beside(float(exact), met)))

    rows = [
        row("any claim", [(exact.any_claim, met.any_claim) for exact, met in truths]),
        row("the first treatment claimed", [(exact.claims[0].sum(), met.right) for exact, met in truths]),
    ]
    for look in range(len(found.comparison.effects) - 1):
        benefit = [(exact.claims[:, look].sum(), met.benefit[look]) for exact, met in truths]
        rows.append(row(f"stopped for benefit at interim {look + 1}", benefit))
        if found.futility is not None:
            futility = [(exact.futile[look], met.futility[look]) for exact, met in truths]
            rows.append(row(f"stopped for futility at interim {look + 1}", futility))
    null, effect = seen
    return [
        *rows,
        ("patients", NOT_INTEGRATED, _mean(null.patients), NOT_INTEGRATED, _mean(effect.patients)),
        ("months", NOT_INTEGRATED, _mean(null.months), NOT_INTEGRATED, _mean(effect.months)),
    ]


def _mean(met: Estimate) -> str:
    return f"{met.value:.1f} \u00b1 {met.error:.1f}"


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
            *(() if found.futility is None else _futile(found, look)),
        )
        for look, effect in enumerate(effects)
    )


def _futile(found: MultiArmTrial, look: int) -> tuple[str, ...]:
    """Return the lower limit at a look, and the chances of having stopped below it by then."""
    return (
        f"{found.boundaries.lower[look]:.3f}",
        f"{found.futility_ratios[look]:.3f}",
        *(percent(float(each.futile[: look + 1].sum()), 2) for each in (found.null, found.effect)),
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
        f"{whole(float(found.entered[0]))} patients.{_on_futility(found)}"
    )


def _on_futility(found: MultiArmTrial) -> str:
    if found.futility is None:
        return ""
    early = found.null.futile[:-1].sum(), found.effect.futile[:-1].sum()
    return (
        " The trial is stopped for futility where the best treatment is below the lower limit (a "
        f"{found.futility.name}, spent where one treatment works); this happens before the final analysis with a "
        f"chance of {percent(float(early[0]))} if none works and {percent(float(early[1]), 1)} if one does."
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
        "futility": None if found.futility is None else found.futility.name,
        "statement": _sentence(found),
        "analyses": [
            {
                "fraction": found.design.fractions[look],
                "month": effect.calendar,
                "entered": found.entered[look],
                "events_of_a_comparison": effect.events,
                "z": found.boundaries.upper[look],
                "hazard_ratio_at_limit": found.hazard_ratios[look],
                "any_claim_no_effect": any_claim[look],
                "right_claim_one_works": right[look],
                "wrong_claim_one_works": wrong[look],
                "futility": None
                if found.futility is None
                else {
                    "z": found.boundaries.lower[look],
                    "hazard_ratio_at_limit": found.futility_ratios[look],
                    "no_effect": float(found.null.futile[: look + 1].sum()),
                    "one_works": float(found.effect.futile[: look + 1].sum()),
                },
            }
            for look, effect in enumerate(found.comparison.effects)
        ],
    }
