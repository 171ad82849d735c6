"""How the two hypotheses of a design are called: those of a superiority trial, and those of one with a margin."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Truths:
    """The words for the null hypothesis and for what is planned.

    Attributes
    ----------
    null, planned : str
        In the head of a column.
    if_null, if_planned : str
        In "a chance of 66 % ... and 5 % ...", the null first.
    averaged_plan, averaged_null : str
        In "stops after 709 events ... and 607 ...", the null last.
    effect : str
        What is planned, as a noun.
    claim : str
        What a crossed efficacy boundary shows.
    """

    null: str
    planned: str
    if_null: str
    if_planned: str
    averaged_plan: str
    averaged_null: str
    effect: str
    claim: str


def truths(margin: float) -> Truths:
    """Return the words of a design by the hazard ratio of its null hypothesis: one for superiority, else a margin."""
    if margin == 1.0:
        return Truths(
            null="no effect",
            planned="effect",
            if_null="without an effect",
            if_planned="with it",
            averaged_plan="with the effect",
            averaged_null="without",
            effect="the planned effect",
            claim="efficacy",
        )
    at_margin = f"at a hazard ratio of {margin:g}"
    return Truths(
        null=f"HR {margin:g}",
        planned="as planned",
        if_null=at_margin,
        if_planned="at the planned one",
        averaged_plan="at the planned hazard ratio",
        averaged_null=at_margin,
        effect="the planned hazard ratio",
        claim="non-inferiority" if margin > 1.0 else f"superiority by a hazard ratio below {margin:g}",
    )
