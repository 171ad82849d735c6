"""Networks: reference case 16 (metafor's rma.mv, Krahn 2013, Law 2016), pairs as the smallest network, refusals."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.stats import chi2
from statsmodels.regression.linear_model import GLS

from trialeukin.core.errors import AnalysisError
from trialeukin.evidence.effects import Effects
from trialeukin.evidence.heterogeneity import BetweenMethod
from trialeukin.evidence.network import Contrast, Network, network_of
from trialeukin.evidence.network_effects import NetworkMethod, network_meta_analysis
from trialeukin.evidence.network_inconsistency import inconsistency
from trialeukin.evidence.pooling import pool

FIXED, ITERATED = 1e-6, 1e-5  # the tolerances of reference case 16
CLOSED = 1e-9  # two ways of one closed form in double precision
FILES = {"senn2013": "senn2013_contrasts", "law2016_EG1": "law2016_EG1"}


@pytest.fixture
def network(table: Callable) -> Callable[[str], Network]:
    def read(name: str) -> Network:
        return network_of(
            [
                Contrast(
                    study=row["studlab"],
                    treatment=row["treat1"],
                    against=row["treat2"],
                    effect=float(row["TE"]),
                    standard_error=float(row["seTE"]),
                )
                for row in table(FILES[name])
            ]
        )

    return read


def pair(study: str, treatment: str, against: str, effect: float, error: float = 0.5) -> Contrast:
    return Contrast(study=study, treatment=treatment, against=against, effect=effect, standard_error=error)


@pytest.mark.parametrize("name", list(FILES))
@pytest.mark.parametrize("method", ["FE", "DL", "REML"])
def test_case_16_effects_and_errors_over_the_reference_are_those_of_metafor(
    name: str, method: str, network: Callable, networks: dict[str, Any]
) -> None:
    expected = networks[name]
    near = FIXED if method == "FE" else ITERATED

    found = network_meta_analysis(network(name), expected["reference"], NetworkMethod(method))

    assert found.k == expected["n_studies"]
    assert {each.treatment: each.value for each in found.effects} == pytest.approx(expected[method]["est"], abs=near)
    assert {each.treatment: each.standard_error for each in found.effects} == pytest.approx(
        expected[method]["se"], abs=near
    )
    assert found.tau_squared == pytest.approx(expected[method].get("tau2", 0.0), abs=near)
    assert (found.q, found.degrees_of_freedom) == pytest.approx((expected["FE"]["Q"], expected["FE"]["df"]), abs=FIXED)
    if method == "REML":
        assert found.log_likelihood == pytest.approx(expected["REML"]["logLik"], abs=ITERATED)


@pytest.mark.parametrize("name", list(FILES))
@pytest.mark.parametrize("method", list(NetworkMethod), ids=lambda method: method.value)
def test_effects_of_a_network_are_generalised_least_squares_in_statsmodels(
    name: str, method: NetworkMethod, network: Callable, networks: dict[str, Any]
) -> None:
    found = network_meta_analysis(network(name), networks[name]["reference"], method)
    model = network(name).consistent(networks[name]["reference"])

    theirs = GLS(model.estimates, model.columns, sigma=model.sampling + found.tau_squared * model.shared).fit()

    values = [each.value for each in found.effects]
    assert values == pytest.approx(theirs.params, abs=CLOSED * max(map(abs, values)))
    assert found.covariance == pytest.approx(theirs.normalized_cov_params, abs=CLOSED * found.covariance.max())
    if method is NetworkMethod.FIXED:
        assert found.q == pytest.approx(theirs.ssr, rel=CLOSED)


@pytest.mark.parametrize("name", list(FILES))
def test_case_16_variance_by_maximum_likelihood_is_that_of_metafor(
    name: str, network: Callable, networks: dict[str, Any]
) -> None:
    found = network_meta_analysis(network(name), networks[name]["reference"], NetworkMethod.MAXIMUM_LIKELIHOOD)

    assert found.tau_squared == pytest.approx(networks[name]["ML_tau2"], abs=ITERATED)


def test_case_16_q_of_senn_2013_falls_into_parts_as_krahn_2013_printed(
    network: Callable, networks: dict[str, Any]
) -> None:
    printed = networks["senn2013"]["published"]

    found = inconsistency(network("senn2013"))

    digits = 5.01e-3
    assert found.testable
    assert found.q_within + found.q_between == pytest.approx(printed["Q_total"], abs=digits)
    assert (found.q_within, found.within_degrees_of_freedom) == pytest.approx(
        (printed["Q_within"], printed["df_within"]), abs=digits
    )
    assert (found.q_between, found.between_degrees_of_freedom) == pytest.approx(
        (printed["Q_between"], printed["df_between"]), abs=digits
    )
    assert found.between_p_value == pytest.approx(printed["p_between"], abs=5.01e-5)
    ours = {frozenset(design.split(":")): q for design, q, _ in found.by_design}
    for design, q in printed["design_Q"].items():
        assert ours[frozenset(design.split(":"))] == pytest.approx(q, abs=digits)


def test_inconsistency_with_a_variance_between_studies_is_the_fall_of_generalised_least_squares(
    network: Callable,
) -> None:
    senn: Network = network("senn2013")
    consistent, apart = senn.consistent("plac"), senn.by_design()

    found = inconsistency(senn)

    assert found.random_tau_squared is not None
    sigma = senn.sampling + found.random_tau_squared * senn.shared
    spread = [GLS(model.estimates, model.columns, sigma=sigma).fit().ssr for model in (consistent, apart)]
    assert found.random_q == pytest.approx(spread[0] - spread[1], rel=1e-8)
    assert found.random_p_value == pytest.approx(chi2.sf(spread[0] - spread[1], 7), rel=1e-8)
    assert f"with tau² {found.random_tau_squared:.3f}, that of designs with effects of their own" in found.verdict


def test_case_16_law_2016_is_met_to_its_digits_with_its_interval_of_tau2(
    network: Callable, networks: dict[str, Any]
) -> None:
    printed = networks["law2016_EG1"]["published"]
    found = network_meta_analysis(network("law2016_EG1"), "A")

    limits = network("law2016_EG1").consistent("A").likelihood_interval(restricted=True)

    assert [each.value for each in found.effects] == pytest.approx(printed["coef"], abs=5.01e-5)
    assert limits == pytest.approx(printed["tau2_ci"], abs=1e-4)  # a unit of its last digit: a search's end was printed


def test_a_network_of_two_treatments_is_a_pool_of_pairs(effects_of: Callable) -> None:
    effects: Effects = effects_of("viechtbauer2005_ex1")
    contrasts = [
        pair(label, "il2", "none", float(value), float(error))
        for label, value, error in zip(effects.labels, effects.estimates, effects.standard_errors, strict=True)
    ]

    for method in ("FE", "DL", "ML", "REML"):
        found = network_meta_analysis(network_of(contrasts), "none", NetworkMethod(method))
        plain = pool(effects, BetweenMethod(method))
        assert found.effects[0].value == pytest.approx(plain.estimate, abs=1e-9)
        assert found.effects[0].standard_error == pytest.approx(plain.standard_error, abs=1e-9)
        assert found.effects[0].limits == pytest.approx((plain.lower, plain.upper), abs=1e-9)
        assert plain.heterogeneity is not None
        assert found.tau_squared == pytest.approx(plain.heterogeneity.tau_squared, abs=1e-9)


def test_an_indirect_comparison_is_the_difference_of_the_direct_ones_and_errors_add() -> None:
    network = network_of([pair("1", "a", "none", -0.4, 0.3), pair("2", "b", "none", 0.2, 0.4)])

    found = network_meta_analysis(network, "none", NetworkMethod.FIXED).comparison("a", "b")

    assert found.value == pytest.approx(-0.6)
    assert found.standard_error == pytest.approx(0.5)  # 3, 4, 5


def test_effects_do_not_depend_on_the_reference(network: Callable) -> None:
    over_placebo = network_meta_analysis(network("senn2013"), "plac")
    over_metformin = network_meta_analysis(network("senn2013"), "metf")

    one, other = over_placebo.comparison("rosi", "metf"), over_metformin.comparison("rosi", "metf")

    assert (one.value, one.standard_error) == pytest.approx((other.value, other.standard_error), abs=1e-9)


def test_a_star_of_trials_is_not_testable_for_inconsistency_and_says_so() -> None:
    star = network_of([pair("1", "a", "none", 0.1), pair("2", "b", "none", 0.2), pair("3", "a", "none", 0.3)])

    found = inconsistency(star)

    assert not found.testable
    assert found.between_p_value is None
    assert found.verdict.startswith("not testable")


def test_a_closed_loop_shows_by_how_much_it_does_not_close() -> None:
    """Three trials of error 0.5: the loop misses by 0.9, of variance 3 * 0.25, so Q = 0.81 / 0.75."""
    loop = network_of([pair("1", "a", "none", 0.5), pair("2", "b", "none", 0.1), pair("3", "a", "b", -0.5)])

    found = inconsistency(loop, NetworkMethod.FIXED)

    assert found.testable
    assert (found.q_between, found.between_degrees_of_freedom) == (pytest.approx(0.81 / 0.75), 1)


@pytest.mark.parametrize(
    ("contrasts", "words"),
    [
        ([], "no contrast"),
        ([pair("1", "a", "b", 0.1), pair("2", "c", "d", 0.1)], "not connected: a, b; c, d"),
        ([pair("1", "a", "b", 0.1), pair("1", "a", "c", 0.1)], "b v c are missing"),
        ([pair("1", "a", "b", 0.1), pair("1", "b", "a", 0.1)], "compared twice"),
        (
            [pair("1", "a", "b", 0.1), pair("1", "a", "c", 0.1), pair("1", "b", "c", 2.0)],
            "the effects of one study add up",
        ),
        (
            [pair("1", "a", "b", 0.1, 0.1), pair("1", "a", "c", 0.1, 0.1), pair("1", "b", "c", 0.0, 0.9)],
            "contradict each other",
        ),
    ],
)
def test_a_network_that_is_none_is_refused_with_the_reason(contrasts: list[Contrast], words: str) -> None:
    with pytest.raises(AnalysisError, match=words):
        network_of(contrasts)


def test_a_contrast_without_an_error_or_of_a_treatment_with_itself_is_refused() -> None:
    with pytest.raises(AnalysisError, match="give a finite effect with an error above zero"):
        pair("1", "a", "b", 0.1, 0.0)
    with pytest.raises(AnalysisError, match="against itself"):
        pair("1", "a", "a", 0.1)
    with pytest.raises(AnalysisError, match="no treatment 'c' in the network: it has a, b"):
        network_meta_analysis(network_of([pair("1", "a", "b", np.pi)]), "c")
