"""The figures of the page on the evidence."""

from collections.abc import Callable

from matplotlib.figure import Figure

from trialeukin.evidence.arm_exposure import ExposureMeasure
from trialeukin.evidence.catalogue import own_studies
from trialeukin.evidence.dose_response import dose_response
from trialeukin.evidence.frozen import frozen_predictions
from trialeukin.evidence.grouping import GroupBy, group_of
from trialeukin.evidence.meta_regression import subgroups
from trialeukin.evidence.published_markers import both_effects, trials_of
from trialeukin.evidence.selection import named_pool
from trialeukin.evidence.simulated import predictions_of, simulated_beside
from trialeukin.evidence.synthesis import Method, Synthesis, synthesis_of_pool
from trialeukin.report.dose_response_figure import dose_response_figure
from trialeukin.report.evidence_figures import baujat_of, drapery_of, forest_of, funnel_of
from trialeukin.report.forest_figure import forest_figure
from trialeukin.report.surrogacy_figure import surrogacy_plane
from trialeukin.trial.endpoint import Endpoint

SHOWN, REGRESSED, DRAWN = "aml-cr1", "aml-cr1-all", ExposureMeasure.NK_RISE


def _pool(name: str) -> Synthesis:
    return synthesis_of_pool(own_studies(), named_pool(name), Endpoint.LFS, Method())


def figures() -> dict[str, Callable[[], Figure]]:
    """Return what draws each figure of the page, by its name."""
    shown, regressed = _pool(SHOWN), _pool(REGRESSED)
    parts = subgroups(shown.pooled.effects, [group_of(each, GroupBy.SCHEDULE) for each in shown.selection.taken])
    beside = simulated_beside(shown.selection, shown.pooled, frozen_predictions(), pool=SHOWN)
    forest = forest_of(shown, tuple(zip(parts.names, parts.pools, strict=True)), beside)
    response = dose_response(regressed.selection, regressed.pooled, DRAWN)
    trials = trials_of(own_studies(), Endpoint.LFS)
    predictions = predictions_of(trials, Endpoint.LFS, frozen_predictions())
    return {
        "evidence-forest": lambda: forest_figure(forest),
        "evidence-funnel": lambda: funnel_of(regressed),
        "evidence-baujat": lambda: baujat_of(regressed),
        "evidence-drapery": lambda: drapery_of(regressed),
        "evidence-dose-response": lambda: dose_response_figure(response, regressed),
        "evidence-surrogacy": lambda: surrogacy_plane(trials, predictions, both_effects(trials)),
    }
