"""A design as JSON: every number of the table, unrounded."""

from dataclasses import asdict
from typing import Any

from trialeukin.report.design_result import DesignResult
from trialeukin.report.design_sentence import notes, statistical_section


def design_document(result: DesignResult) -> dict[str, Any]:
    """Return the design as plain values."""
    found, rules = result.schedule, result.schedule.rules
    return {
        "name": result.name,
        "title": result.title,
        "level": result.level,
        "two_sided": result.two_sided,
        "alpha_one_sided": rules.alpha,
        "power": found.alternative.reject,
        "patients": found.patients,
        "events": found.events,
        "months": found.trial.end,
        "accrual_months": found.trial.enrolment.duration,
        "average_hazard_ratio": found.effects[-1].hazard_ratio,
        "efficacy": rules.efficacy.name,
        "futility": None if rules.futility is None else rules.futility.name,
        "analyses": [asdict(look) for look in result.looks],
        "expected_events": {
            "no_effect": found.expected_events(found.null),
            "effect": found.expected_events(found.alternative),
        },
        "expected_months": {
            "no_effect": found.expected_months[0],
            "effect": found.expected_months[1],
        },
        "one_analysis": [
            {
                "formula": size.formula.value,
                "power_aimed_at": rules.power,
                "patients": size.patients,
                "events": size.events,
                "power_of_patients": power,
            }
            for size, power in zip(result.sizes, result.powers, strict=True)
        ],
        "own_power": None if result.own is None else result.own.alternative.reject,
        "assurance": result.assurance,
        "statistical_section": statistical_section(result),
        "notes": list(notes(result)),
        "sources": [asdict(stated) for stated in result.sources],
    }
