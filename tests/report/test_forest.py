"""Plots of a pool: nothing cut, nothing over another, and every glyph and curve where its numbers say."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.text import Text

from trialeukin.evidence.baujat import Contribution
from trialeukin.evidence.catalogue import own_studies
from trialeukin.evidence.effects import Effects
from trialeukin.evidence.heterogeneity import BetweenMethod
from trialeukin.evidence.meta_regression import subgroups
from trialeukin.evidence.pooling import pool
from trialeukin.evidence.selection import named_pool
from trialeukin.evidence.synthesis import Method, Synthesis, synthesis_of_pool
from trialeukin.report.baujat_figure import baujat_figure
from trialeukin.report.evidence_figures import baujat_of, described, drapery_of, forest_of, funnel_of
from trialeukin.report.forest_figure import Forest, ForestRow, RowKind, forest_figure, forest_on
from trialeukin.report.picture import Screen
from trialeukin.report.printed_figure import as_png, as_svg
from trialeukin.trial.endpoint import Endpoint

TOUCH = 1.0  # points by which boxes of letters may touch: descenders of one line and accents of the next


def trials(count: int) -> tuple[ForestRow, ...]:
    """Return rows of trials whose values all differ, some with limits far off the axis."""
    values = np.geomspace(0.4, 2.2, count)
    return tuple(
        ForestRow(
            kind=RowKind.STUDY,
            label=f"TRIAL{place:02d} of a group with a long name",
            value=float(value),
            lower=float(value) / (40.0 if place == 3 else 1.7),
            upper=float(value) * (40.0 if place == 5 else 1.7),
            weight=1.0 / (place + 1.0),
            bias="not assessed",
        )
        for place, value in enumerate(values)
    )


def large_forest() -> Forest:
    many = trials(14)
    head = ForestRow(kind=RowKind.HEADING, label="subcutaneous")
    other = ForestRow(kind=RowKind.HEADING, label="continuous infusion")
    part = ForestRow(kind=RowKind.SUBTOTAL, label="subcutaneous: k = 7, I² = 12 %", value=0.8, lower=0.6, upper=1.1)
    total = ForestRow(kind=RowKind.TOTAL, label="pooled, k = 14", value=0.95, lower=0.8, upper=1.1)
    choice = ForestRow(kind=RowKind.OTHER_CHOICE, label="another choice", value=0.9, lower=0.75, upper=1.1)
    printed = ForestRow(kind=RowKind.PUBLISHED, label="as printed", value=0.97, lower=0.8, upper=1.15)
    simulated = ForestRow(kind=RowKind.SIMULATED, label="simulated trial", value=0.92, lower=0.6, upper=1.4)
    return Forest(
        title="A pool of fourteen trials in two subgroups with a title that is longer than any row below it is wide",
        better=("IL-2 better", "control better"),
        rows=(head, *many[:7], part, other, *many[7:], total, choice, printed, simulated),
        prediction=(0.5, 1.8),
        foot=("k = 14; random effects, restricted maximum likelihood; Q = 9.1 on 13 df", "a second line"),
    )


def with_long_labels() -> Forest:
    rows = trials(3)
    return replace(
        large_forest(), rows=(rows[0], replace(rows[1], label="with a trial whose sign is not known"), rows[2])
    )


def of_base(endpoint: Endpoint = Endpoint.LFS) -> Synthesis:
    return synthesis_of_pool(own_studies(), named_pool("aml-cr1"), endpoint, Method())


def boxes(figure: Figure) -> list[tuple[Text, object]]:
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return [
        (artist, artist.get_window_extent(canvas.get_renderer()))
        for artist in figure.findobj(Text)
        if artist.get_visible() and artist.get_text().strip()
    ]


@pytest.mark.parametrize(
    "make", ["large", "base", "large on a phone", "long on a phone", "funnel", "baujat", "drapery"]
)
def test_no_word_is_cut_and_none_stands_on_another(make: str) -> None:
    figures = {
        "large": lambda: forest_figure(large_forest()),
        "base": lambda: forest_figure(forest_of(of_base())),
        "large on a phone": lambda: forest_on(Screen.PHONE, large_forest()),
        "long on a phone": lambda: forest_on(Screen.PHONE, with_long_labels()),
        "funnel": lambda: funnel_of(of_base()),
        "baujat": lambda: baujat_of(of_base()),
        "drapery": lambda: drapery_of(of_base()),
    }
    figure = figures[make]()
    found = boxes(figure)

    width, height = figure.bbox.width, figure.bbox.height
    for artist, box in found:
        assert box.x0 >= 0.0, artist.get_text()  # type: ignore[attr-defined]
        assert box.x1 <= width, artist.get_text()  # type: ignore[attr-defined]
        assert box.y0 >= 0.0, artist.get_text()  # type: ignore[attr-defined]
        assert box.y1 <= height, artist.get_text()  # type: ignore[attr-defined]
    for (one, first), (other, second) in combinations(found, 2):
        across = min(first.x1, second.x1) - max(first.x0, second.x0)  # type: ignore[attr-defined]
        along = min(first.y1, second.y1) - max(first.y0, second.y0)  # type: ignore[attr-defined]
        assert across <= TOUCH or along <= TOUCH, f"{one.get_text()} on {other.get_text()}"


def test_no_line_across_runs_through_the_words_on_a_phone() -> None:
    figure = forest_on(Screen.PHONE, replace(large_forest(), mark=0.8))
    words = [box for artist, box in boxes(figure) if "TRIAL" in artist.get_text() or "(" in artist.get_text()]
    (axes,) = figure.axes
    across = [each for each in axes.collections if isinstance(each, LineCollection)]

    assert len(across) == 2
    for lines in across:
        for segment in lines.get_segments():
            (_, lower), (_, upper) = sorted(axes.transData.transform(segment).tolist(), key=lambda point: point[1])
            assert not any(box.y0 < upper - TOUCH and lower + TOUCH < box.y1 for box in words)  # type: ignore[attr-defined]


def test_trials_without_weights_are_drawn_alike() -> None:
    plain = replace(large_forest(), rows=tuple(replace(row, weight=None) for row in trials(3)))
    figure = forest_figure(plain)
    sizes = {
        line.get_markersize()
        for axes in figure.axes
        for line in axes.lines
        if (line.get_gid() or "").startswith("TRIAL")
    }
    assert len(sizes) == 1


def test_the_words_for_whom_a_side_is_better_part_at_the_line_of_no_effect() -> None:
    row = ForestRow(kind=RowKind.STUDY, label="far to one side", value=0.3, lower=0.1, upper=0.9, weight=1.0)
    forest = replace(large_forest(), rows=(row,), prediction=None)

    figure = forest_figure(forest)
    words = {artist.get_text(): box for artist, box in boxes(figure)}

    axes = figure.axes[-1]
    line = axes.transData.transform((1.0, 0.0))[0]
    assert words["← IL-2 better"].x1 < line < words["control better →"].x0  # type: ignore[attr-defined]
    middle = 0.5 * (words["← IL-2 better"].x1 + words["control better →"].x0)  # type: ignore[attr-defined]
    assert middle == pytest.approx(line, abs=TOUCH)


def test_many_points_in_one_place_keep_their_names_apart() -> None:
    close = tuple(Contribution(label=f"TRIAL{at:02d}", heterogeneity=0.1 + at / 50.0, shift=0.1) for at in range(9))
    far = Contribution(label="FARAWAY", heterogeneity=9.0, shift=9.0)

    figure = baujat_figure("Nine trials in one corner", (*close, far), "k = 10")

    names = [box for artist, box in boxes(figure) if artist.get_text().startswith(("TRIAL", "FAR"))]
    assert len(names) == 10
    assert not any(one.overlaps(other) for one, other in combinations(names, 2))  # type: ignore[attr-defined]


def test_baujats_points_stand_at_their_contributions_and_the_foot_names_their_sum() -> None:
    found = of_base()
    figure = baujat_of(found)
    points = {line.get_gid(): line.get_xydata()[0] for line in figure.axes[0].lines if line.get_gid()}

    assert found.pooled.heterogeneity is not None
    assert set(points) == set(found.pooled.effects.labels)
    assert sum(x for x, _ in points.values()) == pytest.approx(found.pooled.heterogeneity.q)
    said = [artist.get_text() for artist, _ in boxes(figure)]
    assert any(f"add up to Q = {found.pooled.heterogeneity.q:.2f}" in words for words in said)


def test_the_drawn_curve_of_the_pool_crosses_five_per_cent_at_the_limits_of_the_forest() -> None:
    found = of_base()
    curves = {line.get_gid(): line.get_xydata() for line in drapery_of(found).axes[0].lines if line.get_gid()}
    ratios, p = curves["pool"].T
    rising = p[: p.argmax()], ratios[: p.argmax()]
    falling = p[p.argmax() :][::-1], ratios[p.argmax() :][::-1]
    step = float(np.diff(np.log(ratios)).max())

    low, high = (float(np.interp(0.05, *side)) for side in (rising, falling))

    assert set(curves) == {*found.pooled.effects.labels, "pool"}
    assert np.log([low, high]) == pytest.approx([found.pooled.lower, found.pooled.upper], abs=step)


@pytest.mark.parametrize("make", ["large", "base"])
def test_every_study_has_its_own_value_and_numbers_on_its_own_line(make: str) -> None:
    forest = large_forest() if make == "large" else forest_of(of_base())
    figure = forest_figure(forest)
    words = {artist.get_text(): box for artist, box in boxes(figure)}
    marks = {line.get_gid(): line for line in figure.axes[0].lines if line.get_gid()}

    for row in forest.rows:
        if row.kind is not RowKind.STUDY:
            continue
        mark = marks[row.label]
        x, y = figure.axes[0].transData.transform((mark.get_xdata()[0], mark.get_ydata()[0]))
        del x
        assert mark.get_xdata()[0] == row.value
        for cell in (row.label, row.numbers):
            box = words[cell]
            assert (box.y0 + box.y1) / 2.0 == pytest.approx(y, abs=2.5)  # type: ignore[attr-defined]
        limits = marks[f"limits {row.label}"].get_xdata()
        low, far = figure.axes[0].get_xlim()
        assert list(limits) == pytest.approx([max(row.lower or 0.0, low), min(row.upper or 0.0, far)])


def test_the_forest_of_the_base_has_each_trial_once_with_the_pool_both_signs_and_what_was_printed() -> None:
    found = of_base()

    rows = forest_of(found).rows

    kinds = [row.kind for row in rows]
    assert [row.label for row in rows if row.kind is RowKind.STUDY] == list(found.pooled.effects.labels)
    assert sum(row.weight or 0.0 for row in rows) == pytest.approx(1.0)
    assert kinds.count(RowKind.TOTAL) == 1
    assert kinds.count(RowKind.OTHER_CHOICE) == 2
    assert kinds.count(RowKind.PUBLISHED) == 1
    assert {row.bias for row in rows if row.kind is RowKind.STUDY} == {"not assessed"}


def test_subgroups_keep_their_own_studies_under_their_own_heading() -> None:
    found = of_base()
    groups = ["civ", "sc", "sc", "civ", "sc"]
    parts = subgroups(found.pooled.effects, groups, BetweenMethod.FIXED)

    rows = forest_of(found, tuple(zip(parts.names, parts.pools, strict=True))).rows

    heading = ""
    seen = {}
    for row in rows:
        heading = row.label if row.kind is RowKind.HEADING else heading
        if row.kind is RowKind.STUDY:
            seen[row.label] = heading
    assert seen == dict(zip(found.pooled.effects.labels, groups, strict=True))


@pytest.mark.parametrize("k", [1, 2, 5])
def test_k_method_and_heterogeneity_stand_in_every_description(k: int) -> None:
    effects = Effects(labels=tuple("abcde"[:k]), estimates=np.linspace(-0.5, 0.5, k), variances=np.full(k, 0.04))

    said = described(pool(effects))

    assert f"k = {k}" in said
    assert ("restricted maximum likelihood" in said) is ("interval: normal" in said) is (k > 1)
    assert ("I² = " in said) if k > 1 else ("nothing can be said from one study" in said)


def test_the_same_pool_gives_the_same_bytes_and_both_forms_are_whole() -> None:
    def paint() -> Figure:
        return forest_figure(forest_of(of_base()))

    svg, png = as_svg("forest", paint), as_png("forest", paint)

    assert svg == as_svg("forest", paint)
    assert svg.rstrip().endswith(b"</svg>")
    assert png.startswith(b"\x89PNG")
    assert png.rstrip().endswith(b"IEND\xaeB`\x82")
