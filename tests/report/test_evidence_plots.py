"""Dose-response, surrogacy plane and paths: nothing cut, and every trial and path at its own values."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from trialeukin.core.errors import InputError
from trialeukin.evidence.arm_exposure import ExposureMeasure, exposure_of
from trialeukin.evidence.catalogue import own_studies
from trialeukin.evidence.dose_response import DoseResponse, dose_response
from trialeukin.evidence.frozen import frozen_predictions
from trialeukin.evidence.marker_runs import LeukaemiaFree
from trialeukin.evidence.mediation import PATHS, mediation_of, subsets
from trialeukin.evidence.published_markers import both_effects, trials_of
from trialeukin.evidence.selection import named_pool
from trialeukin.evidence.simulated import predictions_of
from trialeukin.evidence.surrogacy import StructureSurrogacy
from trialeukin.evidence.synthesis import Method, Synthesis, synthesis_of_pool
from trialeukin.model.structures import STRUCTURES
from trialeukin.report.dose_response_figure import dose_response_figure
from trialeukin.report.framed_plot import saved
from trialeukin.report.surrogacy_figure import mediation_figure, surrogacy_plane
from trialeukin.trial.endpoint import Endpoint

NUMBER = re.compile(r"[−-]?\d+(\.\d+)?")
EDGE = 1.0  # points that antialiasing may reach beyond a word's box


def pooled() -> Synthesis:
    return synthesis_of_pool(own_studies(), named_pool("aml-cr1-all"), Endpoint.LFS, Method())


def response(measure: ExposureMeasure) -> tuple[DoseResponse, Figure]:
    found = dose_response(pooled().selection, pooled().pooled, measure)
    return found, dose_response_figure(found, pooled())


def plane() -> Figure:
    trials = trials_of(own_studies(), Endpoint.LFS)
    return surrogacy_plane(trials, predictions_of(trials, Endpoint.LFS, frozen_predictions()), both_effects(trials))


def paths() -> tuple[StructureSurrogacy, Figure]:
    rng = np.random.default_rng(1)

    def followed(shift: float) -> LeukaemiaFree:
        times = rng.normal(30.0 + shift, 1.0, size=(1, 50))
        return LeukaemiaFree(times=times, events=np.ones((1, 50), bool), valid=np.ones((1, 50), bool))

    def shift(opened: frozenset) -> float:
        return sum(2.0 * place - 1.0 for place, path in enumerate(PATHS) if path in opened)

    treated = {opened: followed(shift(opened)) for opened in subsets()}
    found = StructureSurrogacy(
        structure=STRUCTURES[0],
        mediation=mediation_of(STRUCTURES[0].name, 60.0, followed(0.0), treated),
        within=(),
        explanations=(),
    )
    return found, mediation_figure("A title that is longer than any of the rows that stand below it are wide", (found,))


def drawn(figure: Figure) -> list[Text]:
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return [text for text in figure.findobj(Text) if text.get_text().strip() and text.get_visible()]


def point(figure: Figure, name: str) -> tuple[float, float]:
    (line,) = [each for each in figure.findobj() if each.get_gid() == name]
    (x,), (y,) = line.get_data()
    return float(x), float(y)


@pytest.mark.parametrize(
    "make",
    [
        lambda: response(ExposureMeasure.AREA)[1],
        lambda: response(ExposureMeasure.ABOVE_NK)[1],
        plane,
        lambda: paths()[1],
    ],
    ids=["logarithmic", "days", "plane", "paths"],
)
def test_no_word_is_cut(make: Callable[[], Figure]) -> None:
    figure = make()
    words = drawn(figure)
    width, height = figure.bbox.width, figure.bbox.height

    assert len(words) > 3
    for text in words:
        if NUMBER.fullmatch(text.get_text()):  # matplotlib keeps ticks beyond the ends of an axis, and draws them not
            continue
        box = text.get_window_extent()
        assert box.x0 >= -EDGE, text.get_text()
        assert box.y0 >= -EDGE, text.get_text()
        assert box.x1 <= width + EDGE, text.get_text()
        assert box.y1 <= height + EDGE, text.get_text()


@pytest.mark.parametrize("measure", [ExposureMeasure.NK_RISE, ExposureMeasure.ABOVE_TREG])
def test_every_trial_stands_at_its_own_exposure_and_hazard_ratio(measure: ExposureMeasure) -> None:
    found, figure = response(measure)

    assert len(found.trials) == 6
    for name in found.trials:
        taken = next(each for each in pooled().selection.taken if each.name == name)
        exposure = exposure_of(taken.study.arm(taken.effect.treated))
        assert exposure is not None
        assert point(figure, name) == pytest.approx(
            (exposure.typical(measure), np.exp(taken.effect.log_hazard_ratio)), rel=1e-9
        )


def test_the_line_passes_through_its_own_fit_and_is_narrowest_near_the_middle() -> None:
    found, _ = response(ExposureMeasure.NK_RISE)
    at_centre = np.exp(np.array([found.centre]))

    middle, low, high = found.line(at_centre)
    _, low_far, high_far = found.line(at_centre * np.exp(2.0 * found.spread))

    assert middle[0] == pytest.approx(found.regression.slopes[0].value, abs=1e-12)
    assert high[0] - low[0] < high_far[0] - low_far[0]


def test_the_plane_has_real_and_predicted_trials_with_different_glyphs_and_says_what_is_refused() -> None:
    figure = plane()
    words = " ".join(text.get_text() for text in drawn(figure))

    by_name = {each.get_gid(): each for each in figure.findobj() if each.get_gid()}
    assert by_name["KOLITZ2014"].get_marker() == "s"
    assert by_name["KOLITZ2014 predicted"].get_marker() == "o"
    assert point(figure, "KOLITZ2014")[1] == pytest.approx(np.exp(-0.2877), rel=1e-9)
    assert "1 of 9 randomised trials" in words
    assert "BAER2008, sign not known" in words
    assert "BAER2008" not in by_name


def test_every_path_has_a_bar_as_long_as_its_part() -> None:
    found, figure = paths()

    for each in found.mediation.paths:
        (bar,) = [patch for patch in figure.findobj() if patch.get_gid() == f"  through {each.path.value}"]
        assert bar.get_width() == pytest.approx(each.part.value, abs=1e-12)


def test_a_figure_is_written_only_as_what_it_can_be() -> None:
    with pytest.raises(InputError, match=r"is written as one of \.svg, \.png"):
        saved("x", Figure, Path("figure.gif"))
