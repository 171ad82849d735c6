"""A decision as a document that programs read."""

from typing import Any

from trialeukin.evidence.decision import Decision
from trialeukin.report.decision_words import answer, statements
from trialeukin.report.evidence_figures import certainty_of
from trialeukin.store.finite import estimate_document


def decision_document(named: str | None, found: Decision) -> dict[str, Any]:
    """Return a decision in plain values; the pool's name, or None where studies are chosen by criteria, before it."""
    control = found.control
    return {
        "pool": named,
        "title": found.found.title,
        "outcome": found.found.selection.endpoint.value,
        "relevant": found.standard.relevant,
        "certainty_asked": found.standard.certainty,
        "verdict": found.verdict.value,
        "firm": found.firm,
        "answer": answer(found),
        "reasons": list(found.reasons),
        "statements": list(statements(found)),
        "views": [
            {
                "kind": each.kind.value,
                "seen_as": each.words,
                "hazard_ratio": estimate_document(each.median, each.lower, each.upper),
                "probability_below_1": each.benefit,
                "probability_below_relevant": each.worth,
                "verdict": each.verdict.value,
            }
            for each in found.views
        ],
        "by_relevant": [
            {"relevant": ratio, "probabilities_below": list(chances), "verdict": verdict.value}
            for ratio, chances, verdict in found.by_relevant
        ],
        "events_for_90_percent_power": found.needed,
        "one_more_trial": [
            {
                "events": each.events,
                "patients": each.patients,
                "shown": each.shown,
                "excluded": each.excluded,
                "harm": each.harm,
                "open": each.open,
                "significant": each.significant,
            }
            for each in found.further
        ],
        "control": None
        if control is None
        else {"study": control.study, "months": control.months, "survival": control.survival},
        "certainty": certainty_of(found.found),
    }
