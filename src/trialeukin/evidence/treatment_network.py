"""The trials of the base as a network: no IL-2, IL-2, IL-2 with histamine, compared directly or through control."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from trialeukin.evidence.network import Contrast, network_of
from trialeukin.evidence.network_effects import NetworkMethod, NetworkResult, network_meta_analysis
from trialeukin.evidence.network_inconsistency import Inconsistency, inconsistency
from trialeukin.evidence.overlaps import refuse_overlap
from trialeukin.evidence.published_study import PublishedStudy
from trialeukin.evidence.selection import Criteria, named_pool, select
from trialeukin.evidence.vocabulary import Role
from trialeukin.trial.endpoint import Endpoint

POOLS = ("aml-cr1", "aml-cr1-histamine")
NONE = Role.CONTROL.value


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatmentNetwork:
    """Log hazard ratios of every treatment over none, and whether designs agree.

    Attributes
    ----------
    endpoint : Endpoint
        What is compared.
    result : NetworkResult
        Effects over no IL-2.
    inconsistency : Inconsistency
        Its verdict says when nothing can be told.
    """

    endpoint: Endpoint
    result: NetworkResult
    inconsistency: Inconsistency


def treatment_network(
    studies: Mapping[str, PublishedStudy],
    endpoint: Endpoint,
    method: NetworkMethod = NetworkMethod.RESTRICTED_LIKELIHOOD,
    pools: Iterable[str] = POOLS,
) -> TreatmentNetwork:
    """Return the network of the trials of some pools; roles of arms are its treatments.

    Raises
    ------
    AnalysisError
        When two trials count the same patients, or the treatments are not connected.
    """
    contrasts = []
    for definition in map(named_pool, pools):
        members = {name: studies[name] for name in definition.members}
        for taken in select(members, endpoint, Criteria(role=definition.role)).taken:
            treated, control = (
                taken.study.arm(name).role.value for name in (taken.effect.treated, taken.effect.control)
            )
            contrasts.append(
                Contrast(
                    study=taken.name,
                    treatment=treated,
                    against=control,
                    effect=taken.effect.log_hazard_ratio,
                    error=taken.effect.se or 0.0,
                )
            )
    refuse_overlap(contrast.study for contrast in contrasts)
    network = network_of(contrasts)
    return TreatmentNetwork(
        endpoint=endpoint,
        result=network_meta_analysis(network, NONE, method),
        inconsistency=inconsistency(network, method),
    )
