"""Less clearance of IL-2 in patients whose kidneys have lost function."""

from trialeukin.core.errors import StudyError
from trialeukin.core.parameter import Parameter, Scale
from trialeukin.core.sources import Source
from trialeukin.model.system import System

LINEAR_CLEARANCE = "il2_linear_clearance"
WITHOUT_KIDNEYS = Parameter(
    value=0.4,
    unit="1",
    between_patients=0.0,
    uncertainty=0.0,
    scale=Scale.LINEAR,
    source=Source("kamikawa2008", "clearance of 4 patients on haemodialysis, about 40 % of that with normal kidneys"),
    meaning="linear clearance without kidneys, over the usual",
)


def clearance_factors(system: System, function: float) -> dict[str, float]:
    r"""Return what each parameter is multiplied by in patients with part of the function of their kidneys.

    .. math:: CL(f) = CL(1) \, (c_0 + (1 - c_0) f)

    Straight in f between the two states that were observed, which is assumed. What receptors clear is left as it is.

    Parameters
    ----------
    system : System
        A model with IL-2 in it.
    function : float, 1
        Glomerular filtration over the usual, f, from 0 to 1.

    Raises
    ------
    StudyError
        When the model has no clearance of IL-2.
    """
    if LINEAR_CLEARANCE not in system.parameters:
        raise StudyError(
            f"kidneys.function {function:g}: model {system.name} has no parameter {LINEAR_CLEARANCE!r} for kidneys "
            "to act on; leave [kidneys] out"
        )
    return {LINEAR_CLEARANCE: WITHOUT_KIDNEYS.value + (1.0 - WITHOUT_KIDNEYS.value) * function}
