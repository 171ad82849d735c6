"""What every fact of a published study carries: the work, the place in it, and how near it is to the data."""

from typing import Annotated

from pydantic import Field

from trialeukin.evidence.vocabulary import Quality
from trialeukin.trial.section import Section, Text

Amount = Annotated[float, Field(strict=True, allow_inf_nan=False)]


class Sourced(Section):
    """A fact with its origin.

    Attributes
    ----------
    source : str
        Name of one of the file's ``[sources]``.
    place : str
        Page, table or sentence there.
    quality : Quality
        How near the fact is to those who measured it.
    note : str or None
        What a reader must know of it.
    """

    source: Text = Field(description="the name of one of [sources]")
    place: Text = Field(description="the page, table or sentence in that work")
    quality: Quality = Field(description=f"one of {', '.join(repr(each.value) for each in Quality)}")
    note: Text | None = Field(default=None, description="a remark")
