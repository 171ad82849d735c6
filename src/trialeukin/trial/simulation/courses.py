"""What happens to the patients of many trials, whatever each trial will get to see of it."""

from dataclasses import dataclass

from trialeukin.core.arrays import Booleans, Floats, Integers


@dataclass(frozen=True, slots=True, kw_only=True)
class Courses:
    """n patients, in order of entry, of each of r trials; times in months, infinity for never.

    Attributes
    ----------
    entry : (r, n)
        Calendar time of randomisation.
    treated : (r, n), 1
        Whether the patient was randomised to the treatment.
    event : (r, n)
        Time of the event since randomisation, as it comes.
    undisturbed : (r, n)
        Time of the event had the intercurrent event not been possible; nobody sees it.
    intercurrent : (r, n)
        Time of the intercurrent event since randomisation, such as stopping or changing treatment.
    lost : (r, n)
        Time of loss to follow-up since randomisation.
    strata : (r, n), 1
        Stratum of each, by which trials are randomised and analysed; None: all are of one.
    """

    entry: Floats
    treated: Booleans
    event: Floats
    undisturbed: Floats
    intercurrent: Floats
    lost: Floats
    strata: Integers | None = None
