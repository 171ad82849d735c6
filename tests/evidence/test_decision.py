"""Decisions: closed forms of a normal law, brute-force posteriors, refusals, and what the base decides."""

import math
from dataclasses import replace

import decision_page
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import halfnorm, norm

from trialeukin.core.errors import AnalysisError
from trialeukin.evidence.bayesian import VAGUE
from trialeukin.evidence.catalogue import own_studies
from trialeukin.evidence.decision import Decision, Kind, decide, model_on
from trialeukin.evidence.frozen import frozen_predictions
from trialeukin.evidence.next_trial import Control, control_of, next_trial
from trialeukin.evidence.selection import named_pool
from trialeukin.evidence.synthesis import Method, Synthesis, synthesis_of_pool
from trialeukin.evidence.verdict import Standard, Verdict
from trialeukin.survival.design.prior import NormalMixture, normal
from trialeukin.trial.endpoint import Endpoint

USUAL = Standard()
QUADRATURE = 1e-5  # of posteriors by a grid of 4,000 x 1,500 points
ROOTS = 1e-8  # of edges found to 1e-10 on a log hazard ratio


def pool_of(name: str, endpoint: Endpoint = Endpoint.LFS) -> Synthesis:
    return synthesis_of_pool(own_studies(), named_pool(name), endpoint, Method())


def decided(name: str, endpoint: Endpoint = Endpoint.LFS, standard: Standard = USUAL) -> Decision:
    found = pool_of(name, endpoint)
    return decide(found, standard, model_on(found, frozen_predictions(), own_studies()))


@pytest.fixture(scope="module")
def widest() -> Decision:
    return decided("aml-cr1-all")


@pytest.mark.parametrize(
    ("mean", "deviation", "verdict"),
    [
        (math.log(0.6), 0.1, Verdict.SHOWN),
        (math.log(0.97), 0.05, Verdict.EXCLUDED),
        (math.log(0.90), 0.02, Verdict.EXCLUDED),
        (math.log(1.3), 0.1, Verdict.HARM),
        (math.log(0.85), 0.2, Verdict.OPEN),
    ],
)
def test_the_verdict_of_a_law_is_the_first_that_holds(mean: float, deviation: float, verdict: Verdict) -> None:
    assert USUAL.verdict(normal(mean, deviation)) is verdict


@given(mean=st.floats(-1.0, 1.0), deviation=st.floats(0.01, 1.0), low=st.floats(0.3, 0.94), step=st.floats(0.001, 0.05))
def test_what_is_excluded_at_a_modest_effect_is_excluded_at_a_greater_one(
    mean: float, deviation: float, low: float, step: float
) -> None:
    law = normal(mean, deviation)
    greater, modest = (Standard(relevant=each).verdict(law) for each in (low, low + step))
    if modest in {Verdict.EXCLUDED, Verdict.HARM}:
        assert greater is modest
    if greater is Verdict.SHOWN:
        assert modest is Verdict.SHOWN


@pytest.mark.parametrize("relevant", [0.0, 1.0, 1.2, math.nan])
def test_an_effect_worth_having_is_one_below_one(relevant: float) -> None:
    with pytest.raises(AnalysisError, match=r"hazard ratio .* as just worth having: give one above 0 and below 1"):
        Standard(relevant=relevant)


@pytest.mark.parametrize("certainty", [0.5, 1.0, math.nan])
def test_certainty_is_a_probability_above_one_half(certainty: float) -> None:
    with pytest.raises(AnalysisError, match=r"certainty .*: give a probability above 0\.5 and below 1"):
        Standard(certainty=certainty)


@pytest.mark.parametrize("events", [100, 800, 3_200])
@pytest.mark.parametrize(("mean", "deviation"), [(-0.03, 0.2), (-0.4, 0.3), (0.1, 0.05)])
def test_one_more_trial_of_a_normal_law_is_as_the_closed_form_says(mean: float, deviation: float, events: int) -> None:
    found = next_trial(normal(mean, deviation), events, USUAL, None)
    error = 2.0 / math.sqrt(events)
    after = 1.0 / math.sqrt(deviation**-2 + error**-2)
    predicted = norm(mean, math.hypot(deviation, error))

    def edge(limit: float, log_ratio: float) -> float:
        """Return the estimate after which P(effect < log_ratio) is the limit."""
        centre = log_ratio - after * norm.ppf(limit)
        return float(error**2 * (centre / after**2 - mean / deviation**2))

    low, high = USUAL.log_relevant, 0.0
    harm = predicted.sf(edge(0.05, high))
    assert found.shown == pytest.approx(predicted.cdf(edge(0.95, low)), abs=ROOTS)
    assert found.harm == pytest.approx(harm, abs=ROOTS)
    assert found.excluded == pytest.approx(predicted.sf(edge(0.05, low)) - harm, abs=ROOTS)
    assert found.open == pytest.approx(1.0 - found.shown - found.excluded - found.harm)
    assert found.significant == pytest.approx(predicted.cdf(norm.ppf(0.025) * error))
    assert found.patients is None


def test_an_endless_trial_tells_what_is_so() -> None:
    law = NormalMixture(weights=(0.3, 0.7), means=(-0.4, 0.05), deviations=(0.1, 0.15))
    found = next_trial(law, 10**8, USUAL, None)
    near = 2e-3  # what a trial of a hundred million events leaves open near the edges
    assert found.shown == pytest.approx(law.below(USUAL.log_relevant), abs=near)
    assert found.harm == pytest.approx(1.0 - law.below(0.0), abs=near)
    assert found.open < near


def test_the_average_is_the_posterior_of_a_brute_force_grid(widest: Decision) -> None:
    effects = widest.found.pooled.effects
    mu, tau = np.linspace(-1.2, 1.2, 4_000)[:, None], np.linspace(0.0, 2.5, 1_500)[None, :]
    log = norm.logpdf(mu, 0.0, VAGUE.spread) + halfnorm.logpdf(tau, scale=VAGUE.scale)
    for estimate, variance in zip(effects.estimates, effects.variances, strict=True):
        log = log + norm.logpdf(estimate, mu, np.sqrt(variance + tau**2))
    weight = np.exp(log - log.max())
    weight[:, [0, -1]] *= 0.5  # the trapezoidal rule
    below = weight.sum(axis=1).cumsum() - 0.5 * weight.sum(axis=1)
    below /= weight.sum()
    assert widest.views[0].worth == pytest.approx(np.interp(math.log(0.8), mu[:, 0], below), abs=QUADRATURE)
    assert widest.views[0].benefit == pytest.approx(np.interp(0.0, mu[:, 0], below), abs=QUADRATURE)
    assert math.log(widest.views[0].median) == pytest.approx(np.interp(0.5, below, mu[:, 0]), abs=QUADRATURE)


def test_the_widest_pool_excludes_a_hazard_ratio_of_four_fifths_and_one_view_is_against(widest: Decision) -> None:
    assert widest.verdict is Verdict.EXCLUDED
    assert not widest.firm
    assert [each.words for each in widest.against] == [
        "without LANGE2008, with BAER2008, its sign taken to favour IL-2"
    ]
    (further,) = widest.of(Kind.FURTHER)
    assert further.verdict is Verdict.OPEN
    left = {each.words.split(",")[0] for each in widest.of(Kind.WITHOUT)}
    assert left == {f"without {each.name}" for each in widest.found.selection.taken}


def test_of_overall_survival_the_verdict_is_firm() -> None:
    found = decided("aml-cr1-all", Endpoint.OS)
    assert (found.verdict, found.firm, found.against) == (Verdict.EXCLUDED, True, ())


def test_what_both_signs_say_is_decided_whatever_the_others_say_without_that_trial() -> None:
    found = decided("aml-cr1-all", standard=Standard(certainty=0.975))
    assert found.views[0].verdict is Verdict.OPEN
    assert [each.verdict for each in found.readings] == [Verdict.EXCLUDED, Verdict.EXCLUDED]
    assert found.verdict is Verdict.EXCLUDED
    assert not found.firm


def test_what_depends_on_a_sign_that_no_source_gives_is_open() -> None:
    found = decided("aml-cr1-ipd", standard=Standard(relevant=0.95, certainty=0.6))
    assert [each.verdict for each in found.readings] == [Verdict.OPEN, Verdict.EXCLUDED]
    assert found.verdict is Verdict.OPEN
    assert not found.firm
    assert "BAER2008" in found.reasons[0]
    assert {ratio: verdict for ratio, _, verdict in found.by_relevant}[0.95] is Verdict.OPEN


def test_of_one_trial_the_answer_is_refused_with_its_own_interval_beside() -> None:
    found = decided("aml-cr1-histamine")
    assert (found.verdict, found.firm) == (Verdict.REFUSED, False)
    assert "BRUNE2006 is the only trial" in found.reasons[0]
    (own,) = found.views
    assert own.kind is Kind.OWN
    pooled = found.found.pooled
    expected = np.exp([pooled.estimate, pooled.lower, pooled.upper])
    assert (own.median, own.lower, own.upper) == pytest.approx(tuple(expected), rel=1e-4)
    assert found.further == found.by_relevant == ()


def test_the_only_trial_whose_sign_is_known_is_not_called_the_only_one() -> None:
    studies = own_studies()
    left_out = ("BLAISE2000", "PAUTAS2010", "KOLITZ2014")
    found = decide(synthesis_of_pool(studies, named_pool("aml-cr1-ipd"), Endpoint.LFS, Method(), left_out), USUAL)
    assert "LANGE2008 is the only trial whose sign is known" in found.reasons[0]


def test_predictions_take_no_part_in_the_verdict(widest: Decision) -> None:
    alone = decide(widest.found, USUAL)
    assert widest.model.predictions
    assert not alone.model.predictions
    assert (alone.verdict, alone.views, alone.further) == (widest.verdict, widest.views, widest.further)


@pytest.mark.parametrize("relevant", [0.7, 0.9])
def test_a_sceptic_and_an_enthusiast_hold_each_others_effect_for_unlikely(relevant: float) -> None:
    """With trials that say next to nothing their priors are what is left."""
    found = pool_of("aml-cr1-ipd")
    wide = replace(found.pooled.effects, variances=np.full(found.pooled.k, 1e6))
    nothing = replace(found, pooled=replace(found.pooled, effects=wide), sensitivity=())
    decision = decide(nothing, Standard(relevant=relevant))
    (sceptic,), (enthusiast,) = decision.of(Kind.SCEPTIC), decision.of(Kind.ENTHUSIAST)
    assert sceptic.worth == pytest.approx(0.05, abs=1e-4)
    assert enthusiast.benefit == pytest.approx(0.95, abs=1e-4)


def test_the_control_arm_is_that_of_the_largest_trial_with_a_printed_survival(widest: Decision) -> None:
    assert widest.control == Control(study="AML12_06991", months=36.0, survival=0.42)
    assert control_of(()) is None


def test_patients_give_the_events_that_are_asked_for() -> None:
    control = Control(study="A", months=36.0, survival=0.5)
    patients = control.patients(300.0, 0.8)
    events = patients / 2.0 * (0.5 + 1.0 - 0.5**0.8)
    assert 300.0 <= events < 301.0


def test_the_page_is_of_the_base_and_the_predictions_as_they_stand() -> None:
    assert decision_page.PAGE.read_text(encoding="utf-8") == decision_page.page(), (
        "stale: run validation/decision_page.py"
    )
