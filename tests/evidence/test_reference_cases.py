"""What reference cases 15 and 16 say beyond the tests of each method, and bad input at its worst."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from statsmodels.stats.meta_analysis import combine_effects

from trialeukin.core.errors import AnalysisError
from trialeukin.evidence.effects import Effects
from trialeukin.evidence.heterogeneity import BetweenMethod
from trialeukin.evidence.individual_level import explained_in_treated
from trialeukin.evidence.pooling import IntervalMethod, Pooled, pool

CLOSED_FORM, ITERATED = 1e-8, 1e-6  # the tolerances of reference case 15
DATA_SETS = ("bcg_RR", "bcg_OR", "hine1989_RDpct", "normand1999_MD", "viechtbauer2005_ex1", "hackshaw1998")
LAST_DIGIT = 5.01e-5
WORDS = {"EE": BetweenMethod.FIXED, "DL": BetweenMethod.DERSIMONIAN_LAIRD}


def printed(pairwise: dict[str, Any]) -> Iterator[tuple[str, str, str, float | list[float]]]:
    """Yield what Stata's metan and van Houwelingen printed: data, method, quantity, value."""
    for data in ("bcg_RR", "bcg_OR"):
        for method in WORDS:
            for key, value in pairwise["published"][data].get(method, {}).items():
                yield data, method, key, value


def quantity(found: Pooled, key: str) -> float | list[float]:
    heterogeneity = found.heterogeneity
    assert heterogeneity is not None
    ends = [found.lower, found.upper]
    return {
        "mu": found.estimate,
        "ci": ends,
        "z": found.estimate / found.standard_error,
        "Q": heterogeneity.q,
        "tau2": heterogeneity.tau_squared,
        "I2": heterogeneity.i_squared,
        "exp": [float(np.exp(each)) for each in (found.estimate, *ends)],
    }[key]


def test_case_15_everything_that_metan_printed_of_the_trials_of_bcg_is_met_to_its_digits(
    effects_of: Callable, pairwise: dict[str, Any]
) -> None:
    rows = list(printed(pairwise))

    for data, method, key, value in rows:
        digits = 5.01e-4 if key == "Q" else LAST_DIGIT
        assert quantity(pool(effects_of(data), WORDS[method]), key) == pytest.approx(value, abs=digits), (data, key)
    assert {key for _, _, key, _ in rows} == {"mu", "ci", "z", "Q", "tau2", "I2", "exp"}


def test_case_15_normands_tables_are_met_with_their_variances_between_studies(
    effects_of: Callable, pairwise: dict[str, Any]
) -> None:
    tables = pairwise["published"]["normand1999"]
    hine = pairwise["published"]["hine1989"]

    for method, key in (("DL", "DL"), ("REML", "REML")):
        found = pool(effects_of("normand1999_MD"), BetweenMethod(method))
        assert found.heterogeneity is not None
        assert found.heterogeneity.tau_squared == pytest.approx(tables[key][3], rel=5e-4)  # four digits are printed
    assert effects_of("hine1989_RDpct").estimates == pytest.approx(hine["yi"], abs=5.01e-3)
    assert effects_of("hine1989_RDpct").variances == pytest.approx(hine["vi"], abs=5.01e-3)


@pytest.mark.parametrize("data", DATA_SETS)
@pytest.mark.parametrize("method", list(BetweenMethod), ids=lambda method: method.value)
def test_case_15_statistics_of_both_intervals_are_those_of_metafor(
    data: str, method: BetweenMethod, effects_of: Callable, pairwise: dict[str, Any]
) -> None:
    expected = pairwise[data]["EE" if method is BetweenMethod.FIXED else method.value]
    plain = pool(effects_of(data), method)

    assert plain.estimate / plain.standard_error == pytest.approx(expected["z"], rel=ITERATED)
    if method is not BetweenMethod.FIXED:
        wider = pool(effects_of(data), method, IntervalMethod.HARTUNG_KNAPP)
        assert wider.estimate / wider.standard_error == pytest.approx(expected["HK"]["t"], rel=ITERATED)


@pytest.mark.parametrize("data", [data for data in DATA_SETS if data != "hine1989_RDpct"])  # statsmodels keeps tau2 < 0
def test_fixed_effects_with_q_and_its_p_are_those_of_statsmodels(data: str, effects_of: Callable) -> None:
    effects = effects_of(data)
    theirs = combine_effects(effects.estimates, effects.variances, method_re="chi2", use_t=False)

    found = pool(effects, BetweenMethod.FIXED)

    assert found.heterogeneity is not None
    assert found.estimate == pytest.approx(theirs.mean_effect_fe, rel=CLOSED_FORM)
    assert found.standard_error == pytest.approx(theirs.sd_eff_w_fe, rel=CLOSED_FORM)
    assert found.heterogeneity.q == pytest.approx(theirs.q, rel=CLOSED_FORM)
    assert found.heterogeneity.q_p_value == pytest.approx(theirs.test_homogeneity().pvalue, abs=1e-12)


@pytest.mark.parametrize("method", list(BetweenMethod), ids=lambda method: method.value)
@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_no_unit_however_small_or_large_keeps_a_method_from_converging(scale: float, method: BetweenMethod) -> None:
    estimates, errors = np.array([0.1, 0.9, -0.4, 0.3]), np.array([0.2, 0.3, 0.25, 0.1])
    labels = tuple("abcd")
    usual = pool(Effects(labels=labels, estimates=estimates, variances=errors**2), method)

    found = pool(Effects(labels=labels, estimates=scale * estimates, variances=(scale * errors) ** 2), method)

    assert found.estimate == pytest.approx(scale * usual.estimate, rel=1e-6)
    assert found.standard_error == pytest.approx(scale * usual.standard_error, rel=1e-6)


def test_a_model_that_does_not_converge_has_no_estimate_and_says_so() -> None:
    rises = np.linspace(1.0, 2.0, 40)
    times = np.where(rises < 1.5, 1.0, 3.0) + rises / 100.0  # the smaller the rise, the earlier, without exception

    with pytest.raises(AnalysisError, match="did not converge: infinite estimate"):
        explained_in_treated(rises, times, rises < 1.5)
