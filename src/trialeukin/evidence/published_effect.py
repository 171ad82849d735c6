"""A hazard ratio of a published comparison, with the printed numbers it is solved from, so that it can be checked."""

import math

from pydantic import Field, model_validator

from trialeukin.core.errors import AnalysisError
from trialeukin.evidence.reconstructed_ratio import (
    ReconstructedRatio,
    events_by,
    normal_quantile,
    ratio_from_limit_and_p,
    ratio_from_limits,
    ratio_from_lower_limit,
    ratio_from_p,
    ratio_from_rates,
    ratio_from_ratio_and_p,
)
from trialeukin.evidence.sourced import Sourced
from trialeukin.evidence.vocabulary import SETTINGS, Lineage, Origin, Quality, Setting, Sign
from trialeukin.trial.endpoint import Endpoint
from trialeukin.trial.section import Flag, KeyPathError, Number, Positive, Probability, Text

AGREE = 0.002  # of four printed digits and events rounded to 0.1
OTHER_TEST = 0.3  # of z, by which a log-rank test or one with other strata or covariates is off a ratio's own interval
APART = 3.0  # standard errors; curves that cross part less at one time, another trial or a slip of the pen more
OF_CURVES = (Quality.DERIVED, Quality.DOUBTFUL)
WAY_OUT = "mend one, or leave out what 'origin' has no need of and say so under [[conflicts]]"
SURVIVAL = "the survival probability, from 0 to 1"


class PublishedEffect(Sourced):
    """A log hazard ratio, treated over control; below zero favours the treated.

    Attributes
    ----------
    whole : bool
        Whether it is that of the study as it was planned; others are of subgroups or wider populations.
    lineage, disease : Lineage or None, str or None
        Of these patients, where it is not the study's.
    settings : tuple of Setting
        Of these patients, where they are not all of the study's.
    sign : Sign
        Where unknown, ``log_hazard_ratio`` is a size, and no pool takes it but to show both signs.
    se : float or None
        Without one the effect is shown and never pooled.
    """

    endpoint: Endpoint = Field(description="'lfs' or 'os'")
    treated: Text = Field(description="the name of an arm of this study")
    control: Text = Field(description="the name of an arm of this study")
    population: Text = Field(description="which patients")
    lineage: Lineage | None = Field(default=None, description="'myeloid' or 'lymphoid', where not the study's")
    disease: Text | None = Field(default=None, description="the disease of these patients, where not the study's")
    settings: tuple[Setting, ...] = Field(
        default=(), description=f"{SETTINGS}, where these patients are not in all of the study's"
    )
    whole: Flag = Field(default=True, description="false for a subgroup, or for more than the disease asked about")
    printed_as: Text | None = Field(default=None, description="the paper's name of the endpoint, where it differs")
    origin: Origin = Field(description=f"one of {', '.join(repr(each.value) for each in Origin)}")
    sign: Sign = Field(default=Sign.KNOWN, description="'known' or 'unknown'")
    log_hazard_ratio: Number = Field(description="a logarithm of a hazard ratio")
    se: Positive | None = Field(default=None, description="its standard error, a number above 0")
    months: Positive | None = Field(default=None, description="months at which survival is read")
    survival_treated: Probability | None = Field(default=None, description=SURVIVAL)
    survival_control: Probability | None = Field(default=None, description=SURVIVAL)
    n_treated: Positive | None = Field(default=None, description="patients in the treated arm")
    n_control: Positive | None = Field(default=None, description="patients in the control arm")
    events_treated: Positive | None = Field(
        default=None, description="the number of events, above 0, where no survival gives it"
    )
    events_control: Positive | None = Field(
        default=None, description="the number of events, above 0, where no survival gives it"
    )
    p: Probability | None = Field(default=None, description="a two-sided p value from 0 to 1")
    hazard_ratio: Positive | None = Field(
        default=None, description="the hazard ratio printed, or of reconstructed curves, above 0"
    )
    lower: Positive | None = Field(default=None, description="its lower 95 % limit, above 0")
    upper: Positive | None = Field(default=None, description="its upper 95 % limit, above the ratio")

    @model_validator(mode="after")
    def _follows_from_its_numbers(self) -> "PublishedEffect":
        if self.sign is Sign.UNKNOWN and self.log_hazard_ratio < 0.0:
            raise KeyPathError(("log_hazard_ratio",), "its sign is unknown: give its size, 0 or more")
        if self.se is None:
            return self
        try:
            again = self.reconstructed()
        except AnalysisError as fault:
            raise KeyPathError(("origin",), str(fault)) from fault
        for key, value, found in (
            ("log_hazard_ratio", self.log_hazard_ratio, again.log_ratio),
            ("se", self.se, again.standard_error),
        ):
            if abs(value - found) > AGREE:
                raise KeyPathError(
                    (key,), f"{value:g} does not follow from '{self.origin.value}', which gives {found:.4f}"
                )
        return self

    @model_validator(mode="after")
    def _is_derived_from_curves(self) -> "PublishedEffect":
        if self.origin is Origin.CURVES and self.quality not in OF_CURVES:
            allowed = " or ".join(repr(each.value) for each in OF_CURVES)
            raise KeyPathError(
                ("quality",), f"{self.quality.value!r}: what comes of '{self.origin.value}' is {allowed}"
            )
        return self

    @model_validator(mode="after")
    def _has_no_more_events_than_patients(self) -> "PublishedEffect":
        for arm in ("treated", "control"):
            events, n = getattr(self, f"events_{arm}"), getattr(self, f"n_{arm}")
            if events is not None and n is not None and events > n:
                raise KeyPathError((f"events_{arm}",), f"{events:g} of {n:g}: give no more than the whole")
        return self

    @model_validator(mode="after")
    def _has_the_p_of_its_interval(self) -> "PublishedEffect":
        if self.p is None or self.hazard_ratio is None or self.lower is None or self.origin is Origin.CURVES:
            return self
        try:
            if self.upper is None:
                printed = ratio_from_lower_limit(self.hazard_ratio, self.lower)
            else:
                printed = ratio_from_limits(self.hazard_ratio, self.lower, self.upper)
            z, z_of_p = abs(printed.log_ratio) / printed.standard_error, normal_quantile(self.p)
        except AnalysisError as fault:
            raise KeyPathError(("hazard_ratio",), str(fault)) from fault
        if abs(z - z_of_p) > OTHER_TEST + printed.rounding / printed.standard_error:
            limits = f"{self.lower:g} to {'?' if self.upper is None else f'{self.upper:g}'}"
            found = math.erfc(z / math.sqrt(2.0))
            raise KeyPathError(
                ("p",), f"{self.p:g} is not that of {self.hazard_ratio:g} ({limits}), which is {found:.2g}: {WAY_OUT}"
            )
        return self

    @model_validator(mode="after")
    def _has_the_ratio_of_its_numbers(self) -> "PublishedEffect":
        if self.se is None or self.sign is Sign.UNKNOWN:
            return self
        for key, words, log_ratio in self._log_ratios(self.se):
            if abs(log_ratio - self.log_hazard_ratio) > APART * self.se:
                raise KeyPathError(
                    (key,),
                    f"{words} a hazard ratio of {math.exp(log_ratio):.2f}, more than {APART:g} standard errors from "
                    f"{math.exp(self.log_hazard_ratio):.2f}: {WAY_OUT}",
                )
        return self

    def _log_ratios(self, standard_error: float) -> list[tuple[str, str, float]]:
        """Return what else is printed of the log hazard ratio: its key, in words, and the value."""
        found = []
        treated, control = self.survival_treated, self.survival_control
        if treated is not None and control is not None and 0.0 < treated < 1.0 and 0.0 < control < 1.0:
            words = f"{treated:g} and {control:g} in the control arm are"
            found.append(("survival_treated", words, math.log(math.log(treated) / math.log(control))))
        if self.hazard_ratio is not None:
            found.append(("hazard_ratio", f"{self.hazard_ratio:g} is", math.log(self.hazard_ratio)))
        if self.p:
            size = normal_quantile(self.p) * standard_error
            words = f"{self.p:g} with a standard error of {standard_error:.3g} is"
            found.append(("p", words, math.copysign(size, self.log_hazard_ratio)))
        return found

    def reconstructed(self) -> ReconstructedRatio:
        """Return the ratio solved again from the printed numbers.

        Raises
        ------
        AnalysisError
            When a number that the method needs is missing or is none it can use.
        """
        favours = self.log_hazard_ratio < 0.0
        match self.origin:
            case Origin.P_AND_EVENTS:
                treated, control = self._events()
                return ratio_from_p(
                    self._need("p"), events_treated=treated, events_control=control, favours_treated=favours
                )
            case Origin.SURVIVAL_RATES:
                return ratio_from_rates(
                    self._need("survival_treated"),
                    self._need("survival_control"),
                    n_treated=self._need("n_treated"),
                    n_control=self._need("n_control"),
                )
            case Origin.RATIO_AND_LIMITS | Origin.CURVES:
                return ratio_from_limits(self._need("hazard_ratio"), self._need("lower"), self._need("upper"))
            case Origin.RATIO_AND_LIMIT:
                return ratio_from_lower_limit(self._need("hazard_ratio"), self._need("lower"))
            case Origin.LIMIT_AND_P:
                return ratio_from_limit_and_p(self._need("lower"), self._need("p"), favours_treated=favours)
            case Origin.RATIO_AND_P:
                return ratio_from_ratio_and_p(self._need("hazard_ratio"), self._need("p"))

    def _events(self) -> tuple[float, float]:
        if self.events_treated is not None and self.events_control is not None:
            return self.events_treated, self.events_control
        return (
            events_by(self._need("survival_treated"), self._need("n_treated")),
            events_by(self._need("survival_control"), self._need("n_control")),
        )

    def _need(self, key: str) -> float:
        value = getattr(self, key)
        if value is None:
            raise AnalysisError(f"'{self.origin.value}' needs the key {key!r}")
        return float(value)
