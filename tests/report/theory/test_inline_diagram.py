"""The picture of what acts on what, as a page takes it."""

import io
import re

import matplotlib as mpl
import pytest

from trialeukin.model.named import components_of
from trialeukin.report.theory.diagram import diagram
from trialeukin.report.theory.inline_diagram import inline_diagram

SCALE = re.compile(r"scale\((-?[\d.]+) (-?[\d.]+)\)")


def test_letters_keep_the_size_at_which_they_were_set() -> None:
    components = components_of("il2-immune")
    drawn = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "path"}):
        diagram(components, "il2-immune").savefig(drawn, format="svg", transparent=True)

    shown = [float(number) for pair in SCALE.findall(inline_diagram(components, "il2-immune")) for number in pair]

    assert shown == pytest.approx([float(n) for pair in SCALE.findall(drawn.getvalue()) for n in pair], rel=1e-4)


@pytest.mark.parametrize(("name", "told"), [("stein-2019", 0), ("il2-immune", 3)])
def test_the_legend_has_the_arrows_that_are_there_and_fits(name: str, told: int) -> None:
    figure = diagram(components_of(name), name)
    figure.canvas.draw()

    legend = [text for text in figure.axes[0].texts if text.get_text().startswith(("passes", "acts"))]

    width = figure.bbox.width
    assert len(legend) == told
    assert all(text.get_window_extent().x1 <= width for text in legend)
