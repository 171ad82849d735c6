"""The named models, each a short list of components."""

from dataclasses import replace
from functools import cache

import sympy

from trialeukin.core.errors import ModelError
from trialeukin.model.component import Component
from trialeukin.model.components.active_leukaemia import ActiveLeukaemia, active_log_cells, entry_share
from trialeukin.model.components.active_remission import ActiveRemission, with_disease
from trialeukin.model.components.blast_clearance import BlastClearance
from trialeukin.model.components.blast_displacement import BlastDisplacement, marrow_beside
from trialeukin.model.components.capillary_leak import CapillaryLeak
from trialeukin.model.components.cd8 import Cd8
from trialeukin.model.components.cd25_induction import Cd25Induction
from trialeukin.model.components.chemotherapy_kill import ChemotherapyKill
from trialeukin.model.components.complete_remission import CompleteRemission
from trialeukin.model.components.conditioning import MyeloablativeConditioning
from trialeukin.model.components.conventional_cd4 import ConventionalCd4
from trialeukin.model.components.cytarabine_disposition import CytarabineDisposition
from trialeukin.model.components.daunorubicin_disposition import DaunorubicinDisposition
from trialeukin.model.components.death_after_relapse import DeathAfterRelapse
from trialeukin.model.components.death_during_chemotherapy import DeathDuringChemotherapy
from trialeukin.model.components.death_in_remission import DeathInRemission
from trialeukin.model.components.death_of_relapse import DeathOfRelapse
from trialeukin.model.components.discontinuation import Discontinuation
from trialeukin.model.components.donor_lymphocytes import DonorLymphocytes
from trialeukin.model.components.donor_nk import DonorNk
from trialeukin.model.components.engineered_kinetics import EngineeredIl2, rezpegaldesleukin
from trialeukin.model.components.engraftment import Engraftment
from trialeukin.model.components.eosinophils import Eosinophils
from trialeukin.model.components.fever import Fever
from trialeukin.model.components.graft import Graft, marrow_from_graft
from trialeukin.model.components.graft_versus_host import GraftVersusHost
from trialeukin.model.components.graft_versus_leukaemia import GROWTH, POTENCY, GrowthGradient, PotencyGradient
from trialeukin.model.components.histamine import Histamine
from trialeukin.model.components.hypotension import Hypotension
from trialeukin.model.components.il2_absorption import Il2Absorption
from trialeukin.model.components.il2_disposition import Il2Disposition
from trialeukin.model.components.il2_peritoneum import Il2Peritoneum
from trialeukin.model.components.il2_response import Il2Response
from trialeukin.model.components.immune_escape import ImmuneEscape
from trialeukin.model.components.immune_kill import Killers, KillLaw, SaturatingKill
from trialeukin.model.components.immune_reconstitution import ALLOGENEIC, ImmuneReconstitution, reconstitution
from trialeukin.model.components.inflammation import Inflammation
from trialeukin.model.components.leukaemia import Leukaemia
from trialeukin.model.components.lymphodepletion import Lymphodepletion, conditioned_log_cells
from trialeukin.model.components.margination import Margination
from trialeukin.model.components.marrow_aplasia import MarrowAplasia
from trialeukin.model.components.nk import Nk
from trialeukin.model.components.overt_leukaemia import OvertLeukaemia, overt_log_cells
from trialeukin.model.components.platelet_loss import PlateletLoss
from trialeukin.model.components.platelets import Platelets
from trialeukin.model.components.reactive_oxygen import ReactiveOxygen
from trialeukin.model.components.receptor_clearance import ReceptorClearance
from trialeukin.model.components.receptor_occupancy import ALDESLEUKIN, ReceptorOccupancy
from trialeukin.model.components.recovered_counts import RecoveredCounts
from trialeukin.model.components.relapsed_leukaemia import RelapsedLeukaemia
from trialeukin.model.components.residual_leukaemia import ResidualLeukaemia
from trialeukin.model.components.steady_cells import SteadyCells
from trialeukin.model.components.treg import Treg
from trialeukin.model.compose import compose
from trialeukin.model.fitted import fitted, fitted_joint
from trialeukin.model.joint import JointUncertainty
from trialeukin.model.refit import refitted
from trialeukin.model.system import System, symbol
from trialeukin.regimen.suggest import did_you_mean

KINETICS: tuple[Component, ...] = (Il2Disposition(), Il2Absorption(), Il2Peritoneum(), ReceptorClearance())
CELLS: tuple[Component, ...] = (Cd25Induction(), Treg(), ConventionalCd4(), Cd8())
READINGS: tuple[Component, ...] = (
    Margination(),
    Inflammation(),
    Fever(),
    CapillaryLeak(),
    Hypotension(),
    Eosinophils(),
)
PLATELETS: tuple[Component, ...] = (Platelets(), PlateletLoss())
AFTER_CHEMOTHERAPY = Nk(marrow_gain=fitted("immune", "marrow_gain"))
LEUKAEMIA: tuple[Component, ...] = (
    ResidualLeukaemia(),
    Leukaemia(),
    SaturatingKill(),
    Histamine(),
    ReactiveOxygen(),
    DeathInRemission(),
    DeathAfterRelapse(),
    Discontinuation(),
)
CHEMOTHERAPY: tuple[Component, ...] = (
    CytarabineDisposition(),
    DaunorubicinDisposition(),
    OvertLeukaemia(),
    Leukaemia(log_cells=overt_log_cells(), remission=symbol("in_remission")),
    ChemotherapyKill(),
    marrow_beside(symbol("leukaemia_at_diagnosis")),
    BlastDisplacement(),
    RecoveredCounts(),
    CompleteRemission(),
    DeathDuringChemotherapy(),
    DeathAfterRelapse(),
)
MARROW_AT_ENTRY: tuple[Component, ...] = (marrow_beside(entry_share()), BlastDisplacement(), PlateletLoss())
BY_BLASTS_AND_COUNTS: tuple[Component, ...] = (
    RecoveredCounts(),
    ActiveRemission(counts=symbol("counts_over_limits")),
    BlastClearance(),
)
RELAPSED: tuple[Component, ...] = (RelapsedLeukaemia(), MarrowAplasia(), DeathOfRelapse())
BY_GROWTH: tuple[Component, ...] = (DonorLymphocytes(), GrowthGradient(), GraftVersusHost(), ImmuneEscape(), *RELAPSED)
BY_POTENCY: tuple[Component, ...] = (
    refitted(DonorLymphocytes(), POTENCY),
    PotencyGradient(),
    refitted(GraftVersusHost(), POTENCY),
    refitted(ImmuneEscape(), POTENCY),
    *RELAPSED,
)


def of_products(*products: EngineeredIl2) -> tuple[Component, ...]:
    """Return IL-2 and the cells of blood, which feel engineered products beside aldesleukin by their receptors.

    Each cell's law, as it was fitted to aldesleukin, meets the aldesleukin that would engage as much of that cell's
    CD122. What no source ties to one kind of cell is assumed to go with one whose affinity is near its half-signal:
    induction of CD25, margination and eosinophils (T cells, 25 to 40 pM) with CD4, platelets (43 pM) with CD56bright,
    inflammation and leak (175 and 930 pM) with CD56dim cells.
    """
    return (
        *KINETICS,
        *products,
        ReceptorOccupancy(ligands=(ALDESLEUKIN, *(product.ligand for product in products))),
        Cd25Induction(il2_felt="il2_at_cd4"),
        Treg(il2_felt="il2_at_treg"),
        ConventionalCd4(il2_felt="il2_at_cd4"),
        Cd8(il2_felt="il2_at_cd8"),
        Nk(il2_felt_by_bright="il2_at_nk_bright", il2_felt_by_dim="il2_at_nk_dim"),
        Margination(il2_felt="il2_at_cd4"),
        Inflammation(il2_felt="il2_at_nk_dim"),
        Fever(),
        CapillaryLeak(il2_felt="il2_at_nk_dim"),
        Hypotension(),
        Eosinophils(il2_felt="il2_at_cd4"),
        Platelets(),
        PlateletLoss(il2_felt="il2_at_nk_bright"),
    )


def after_transplant(
    nk: ImmuneReconstitution, cd8: ImmuneReconstitution, cd4: ImmuneReconstitution, treg: ImmuneReconstitution
) -> tuple[Component, ...]:
    """Return IL-2, marrow and lymphocytes from the day of a transplant on."""
    answering = symbol("t_cell_response")
    return (
        *KINETICS,
        MyeloablativeConditioning(),
        Graft(),
        marrow_from_graft(),
        Engraftment(),
        PlateletLoss(),
        nk,
        cd8,
        cd4,
        treg,
        Il2Response(),
        Cd25Induction(),
        Treg(home=treg.home()),
        ConventionalCd4(home=cd4.home(answering)),
        Cd8(home=cd8.home(answering)),
        Nk(home=nk.home(symbol("normal_marrow"))),
        *READINGS,
    )


def of_active_disease(
    *, kill: KillLaw, log_cells: sympy.Expr, marrow: tuple[Component, ...], remission: tuple[Component, ...]
) -> tuple[Component, ...]:
    """Return IL-2, cells and a leukaemia that is there.

    Every parameter is that of another model: of maintenance the NK cells after chemotherapy and the death after a
    relapse included, of induction the marrow, which starts as full as the blasts at entry leave it. Only the cells at
    entry and what counts as a response differ.
    """
    return (
        *KINETICS,
        *CELLS,
        AFTER_CHEMOTHERAPY,
        *READINGS,
        *marrow,
        ActiveLeukaemia(),
        Leukaemia(log_cells=log_cells, remission=symbol("in_remission")),
        kill,
        Histamine(),
        ReactiveOxygen(),
        *remission,
        DeathInRemission(),
        DeathAfterRelapse(with_disease=with_disease()),
        Discontinuation(),
    )


def of_nk_infusion() -> tuple[Component, ...]:
    """Return active disease after lymphodepletion, which donor NK cells fight beside what is left of the host's.

    Remission is judged by blasts alone: no source of this project gives what the conditioning leaves of the marrow.
    """
    host = symbol("host_lymphocytes")
    cells = Killers(
        nk=symbol("nk_killing") * host + symbol("donor_nk_killing"),
        cd8=symbol("cd8_killing") * host,
        treg=symbol("host_treg"),
    )
    return (
        *of_active_disease(
            kill=SaturatingKill(cells=cells),
            log_cells=conditioned_log_cells(),
            marrow=PLATELETS,
            remission=(ActiveRemission(),),
        ),
        Lymphodepletion(),
        DonorNk(),
    )


MODELS: dict[str, tuple[Component, ...]] = {
    "il2-pharmacokinetics": (*KINETICS, SteadyCells()),
    "il2-immune": (*KINETICS, *CELLS, Nk(), *READINGS, *PLATELETS),
    "il2-products": of_products(rezpegaldesleukin()),
    "aml-maintenance": (*KINETICS, *CELLS, AFTER_CHEMOTHERAPY, *READINGS, *PLATELETS, *LEUKAEMIA),
    "aml-induction": CHEMOTHERAPY,
    "autologous-transplant": after_transplant(
        reconstitution("nk"), reconstitution("cd8"), reconstitution("cd4"), reconstitution("treg")
    ),
    "allogeneic-transplant": after_transplant(
        reconstitution("nk"), reconstitution("cd8"), reconstitution("cd4", ALLOGENEIC), reconstitution("treg")
    ),
    "aml-refractory": of_active_disease(
        kill=SaturatingKill(),
        log_cells=active_log_cells(),
        marrow=MARROW_AT_ENTRY,
        remission=BY_BLASTS_AND_COUNTS,
    ),
    "aml-nk-infusion": of_nk_infusion(),
    "donor-lymphocytes": (*KINETICS, *CELLS, Nk(), *BY_GROWTH),
    "donor-lymphocytes-by-potency": (*KINETICS, *CELLS, Nk(), *BY_POTENCY),
}
AFTER_TRANSPLANT = ("immune", "chemotherapy", "reconstitution")
FITS: dict[str, tuple[str, ...]] = {
    "autologous-transplant": AFTER_TRANSPLANT,
    "allogeneic-transplant": AFTER_TRANSPLANT,
    "donor-lymphocytes": ("immune", "control_arms", GROWTH),
    "donor-lymphocytes-by-potency": ("immune", "control_arms", POTENCY),
}
"""The fits whose joint uncertainty a model has, where they are not those of IL-2 and the control arms alone."""
USUAL_FITS = ("immune", "control_arms", "chemotherapy")


@cache
def model(name: str) -> System:
    """Return one named model.

    Raises
    ------
    ModelError
        When there is none of that name.
    """
    if name not in MODELS:
        others = "those of papers are in trialeukin.model.published.library"
        raise ModelError(f"unknown model {name!r}: there are {', '.join(MODELS)}; {others}{did_you_mean(name, MODELS)}")
    return as_fitted(compose(name, MODELS[name]))


def as_fitted(system: System) -> System:
    """Return the system with what the fits to observations left unknown of its parameters, together."""
    unknown = frozenset(name for name, parameter in system.parameters.items() if parameter.uncertainty > 0.0)
    joint = JointUncertainty()
    for fit in FITS.get(system.name, USUAL_FITS):
        joint = joint.beside(fitted_joint(fit))
    joint = joint.of(unknown)
    spread = dict(zip(joint.names, joint.spreads, strict=True))
    parameters = {
        name: replace(parameter, uncertainty=spread.get(name, parameter.uncertainty))
        for name, parameter in system.parameters.items()
    }
    return replace(system, parameters=parameters, joint=joint)


def models() -> dict[str, System]:
    """Return every named model, composed."""
    return {name: model(name) for name in MODELS}
