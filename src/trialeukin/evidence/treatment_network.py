"""The trials of the base as a network: no IL-2, IL-2, IL-2 with histamine, compared directly or through control."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from trialeukin.evidence.grouping import schedule_of
from trialeukin.evidence.network import Contrast, network_of
from trialeukin.evidence.network_effects import NetworkMethod, NetworkResult, network_meta_analysis
from trialeukin.evidence.network_inconsistency import Inconsistency, inconsistency
from trialeukin.evidence.overlaps import refuse_overlap
from trialeukin.evidence.published_study import PublishedArm, PublishedStudy
from trialeukin.evidence.selection import Criteria, named_pool, select
from trialeukin.evidence.vocabulary import Role
from trialeukin.trial.endpoint import Endpoint

POOLS = ("aml-cr1-all", "aml-cr1-histamine")


class Nodes(Enum):
    """What a node of the network is."""

    TREATMENT = "treatment"
    SCHEDULE = "schedule"

    def of(self, arm: PublishedArm) -> str:
        """Return the node of an arm; all arms without IL-2 are one."""
        if self is Nodes.TREATMENT or not arm.role.has_il2:
            return arm.role.label
        return f"{arm.role.label}, {schedule_of(arm)}"


NONE = Role.CONTROL.label


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatmentNetwork:
    """Log hazard ratios of every treatment over none, and whether designs agree.

    Attributes
    ----------
    endpoint : Endpoint
        What is compared.
    treatments, studies : tuple of str
        Its nodes, and the trials between them.
    left_out : tuple of (study, reason)
        Trials of the pools whose effect cannot be taken.
    result : NetworkResult
        Effects over no IL-2.
    inconsistency : Inconsistency
        Its verdict says when nothing can be told.
    """

    endpoint: Endpoint
    treatments: tuple[str, ...]
    studies: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]
    result: NetworkResult
    inconsistency: Inconsistency


def treatment_network(
    studies: Mapping[str, PublishedStudy],
    endpoint: Endpoint,
    method: NetworkMethod = NetworkMethod.RESTRICTED_LIKELIHOOD,
    nodes: Nodes = Nodes.TREATMENT,
) -> TreatmentNetwork:
    """Return the network of the trials of `POOLS`; roles of arms, or these with their schedules, are its nodes.

    Raises
    ------
    AnalysisError
        When two trials count the same patients, or the treatments are not connected.
    """
    contrasts, left_out = [], []
    for definition in map(named_pool, POOLS):
        members = {name: studies[name] for name in definition.members}
        found = select(members, endpoint, Criteria(role=definition.role))
        left_out += [*found.left_out, *found.without_sign]
        for taken in found.taken:
            treated, control = (
                nodes.of(taken.study.arm(name)) for name in (taken.effect.treated, taken.effect.control)
            )
            contrasts.append(
                Contrast(
                    study=taken.name,
                    treatment=treated,
                    against=control,
                    effect=taken.effect.log_hazard_ratio,
                    standard_error=taken.effect.se or 0.0,
                )
            )
    refuse_overlap(contrast.study for contrast in contrasts)
    network = network_of(contrasts)
    return TreatmentNetwork(
        endpoint=endpoint,
        treatments=network.treatments,
        studies=network.studies,
        left_out=tuple(left_out),
        result=network_meta_analysis(network, NONE, method),
        inconsistency=inconsistency(network, method),
    )
