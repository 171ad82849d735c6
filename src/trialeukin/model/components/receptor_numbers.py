"""Numbers of the receptors that several components of binding share."""

from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import Source
from trialeukin.model.fitted import fitted

CROSS_LINKING_ON_NK = Parameter(
    value=25.1,
    unit="1/cell",
    between_patients=0.0,
    uncertainty=0.6,
    source=Source(
        "nagler1990",
        "CD16- NK cells: half of 1,200 CD25 bound at 25 pM beside 10,800 CD122, so 10,200 free ones x 25 pM / 10 nM, "
        "less what is bound to CD122 alone; spread from 10 to 25 pM and that of 10 nM",
    ),
    meaning="free CD122 on a cell at which half of the IL-2 that is bound to CD25 has found one",
)
CROSS_LINKING = fitted("receptors", "cross_linking_constant")
