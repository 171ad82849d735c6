"""The table [monitoring] of a study file: when a trial is looked at before its end, and what stops it."""

from itertools import pairwise
from typing import Annotated

import numpy as np
from pydantic import Field, model_validator

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import InputError
from trialeukin.survival.design.boundary_words import efficacy_named, spending_named
from trialeukin.survival.design.efficacy import AlphaSpending, EfficacyRule
from trialeukin.survival.design.futility import FutilityRule
from trialeukin.survival.design.group_sequential import Boundaries, group_sequential
from trialeukin.trial.section import LONGEST_FOLLOW_UP, Count, Flag, KeyPathError, Months, Section, Text

MOST_LOOKS = 20
Share = Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0.0, le=1.0)]


class Monitoring(Section):
    """Analyses of the primary endpoint, each when so many events are known, in the words of ``trialeukin design``."""

    looks: tuple[Share, ...] = Field(
        min_length=1,
        max_length=MOST_LOOKS,
        description=f"a list of fractions of the events, increasing, the last one 1, {MOST_LOOKS} at most",
    )
    events: Count | None = Field(
        default=None,
        description="events of both arms at the last look, 1 or more; where none are given, as many as the virtual "
        "trials see by their end",
    )
    spending: Text = Field(default="obf", description="'obf', 'pocock', 'hsd:-4', 'power:3' or 'wang-tsiatis:0'")
    futility: Text | None = Field(default=None, description="'obf', 'pocock', 'hsd:-2' or 'power:2'")
    binding: Flag = Field(default=False, description="true where the limit of efficacy counts on stops for futility")
    power: float = Field(
        default=0.9,
        strict=True,
        gt=0.0,
        lt=1.0,
        description="the power, 0 to 1; futility spends beta, one less the power",
    )
    delay_months: Months = Field(
        default=0.0,
        description=f"months from the data cut-off of a look to the decision, 0 to {LONGEST_FOLLOW_UP:,}",
    )

    @model_validator(mode="after")
    def _looks_and_words_have_a_meaning(self) -> "Monitoring":
        for index, (earlier, later) in enumerate(pairwise(self.looks), start=1):
            if later <= earlier:
                raise KeyPathError(("looks", index), f"{later:g} is not above {earlier:g}: let looks increase")
        if self.looks[-1] != 1.0:
            raise KeyPathError(("looks", len(self.looks) - 1), f"{self.looks[-1]:g}: let the last look be 1")
        for key in ("spending", "futility"):
            try:
                self.efficacy() if key == "spending" else self.stopping_for_futility()
            except InputError as fault:
                raise KeyPathError((key,), str(fault)) from None
        if self.binding and self.futility is None:
            raise KeyPathError(("binding",), "true, but nothing stops for futility: give futility, or leave it out")
        if self.futility is not None and not isinstance(self.efficacy(), AlphaSpending):
            raise KeyPathError(("spending",), f"{self.spending!r} beside futility: give a spending such as 'obf'")
        return self

    def fractions(self) -> Floats:
        """Return the fractions of the events at each look, (k,), 1."""
        return np.array(self.looks)

    def efficacy(self) -> EfficacyRule:
        """Return how the limit of efficacy is set."""
        return efficacy_named(self.spending)

    def stopping_for_futility(self) -> FutilityRule | None:
        """Return how the limit of futility is set; None: there is none."""
        if self.futility is None:
            return None
        return FutilityRule(function=spending_named(self.futility), binding=self.binding)

    def boundaries(self, level: float) -> Boundaries:
        """Return the limits of Z for a two-sided level.

        Raises
        ------
        AnalysisError
            When the power is not above the level, or no trial has it.
        """
        return group_sequential(
            self.fractions(),
            efficacy=self.efficacy(),
            alpha=0.5 * level,
            power=self.power,
            futility=self.stopping_for_futility(),
        ).boundaries
