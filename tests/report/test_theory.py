"""Theory pages say all that a model is, and nothing that it is not."""

from pathlib import Path

import pytest
import sympy

from trialeukin.core.sources import ASSUMED
from trialeukin.model.component import Piece, parameters_of
from trialeukin.model.components.il2_absorption import Il2Absorption
from trialeukin.model.components.il2_disposition import Il2Disposition
from trialeukin.model.components.leukaemia import Leukaemia
from trialeukin.model.components.nk import Nk
from trialeukin.model.components.treg import Treg
from trialeukin.model.system import Term, symbol
from trialeukin.model.whole import MODELS, model
from trialeukin.report.theory.diagram import drawn
from trialeukin.report.theory.equations import equations_of, latex
from trialeukin.report.theory.influence import Arrow, arrows_between
from trialeukin.report.theory.page import theory_page
from trialeukin.report.theory.prose import prose_of, title_of
from trialeukin.report.wording import words

DOCS = Path(__file__).parents[2] / "docs" / "theory"


@pytest.mark.parametrize("name", MODELS)
def test_the_page_in_the_docs_is_of_the_model_as_it_stands(name: str) -> None:
    page = theory_page(model(name), MODELS[name], f"{name}.svg")

    picture = drawn(MODELS[name], name)

    assert (DOCS / f"{name}.md").read_text(encoding="utf-8") == page, "stale: run `make figures`"
    assert (DOCS / f"{name}.svg").read_bytes() == picture, "stale: run `make figures`"


@pytest.mark.parametrize("name", MODELS)
def test_every_state_process_and_parameter_stands_on_the_page_and_every_work_once(name: str) -> None:
    system = model(name)

    page = theory_page(system, MODELS[name], "picture.svg")

    for state in system.states:
        assert rf"\frac{{d}}{{dt}}\,\text{{{words(state.name)}}} &=" in page
    for term in system.terms:
        assert rf"\textit{{({term.name})}}" in page
    for parameter_name, parameter in system.parameters.items():
        assert f"| {words(parameter_name)} | {parameter.value:.4g} |" in page
        if parameter.source.key != ASSUMED:
            assert page.count(f'<a id="{parameter.source.key}"></a>') == 1
    assert page.count("{") == page.count("}")


def test_the_equations_of_the_page_are_those_of_the_engine() -> None:
    rate = next(term.rate for term in Nk().piece().terms if term.name == "turnover of progenitors")

    shown = equations_of(Nk().piece())

    assert any(f"{latex(rate)} && \\textit{{(turnover of progenitors)}}" in display for display in shown)


def test_a_process_that_adds_to_a_state_of_another_component_is_shown_as_an_addition() -> None:
    piece = Piece(terms=(Term(state="treg", name="supply", rate=symbol("a") - symbol("b")),))

    (display,) = equations_of(piece)

    assert r"\frac{d}{dt}\,\text{Treg} &\mathrel{+}= \text{a} - \text{b} && \textit{(supply)}" in display


def test_logarithms_and_powers_are_shown_as_they_are_printed() -> None:
    assert latex(sympy.log(2) / symbol("half_life") ** 2) == r"\frac{\ln{\left(2 \right)}}{\text{half life}^{2}}"


def test_what_leaves_one_component_and_enters_another_is_a_flow() -> None:
    components = (Il2Disposition(), Il2Absorption())

    assert Arrow(source=1, target=0, flow=True) in arrows_between(components)


def test_what_only_sets_the_pace_of_another_component_is_an_effect() -> None:
    components = (Il2Disposition(), Treg())

    assert arrows_between(components) == (Arrow(source=0, target=1, flow=False),)


def test_a_docstring_keeps_its_words_and_its_displays() -> None:
    prose = prose_of(Il2Disposition())

    assert title_of(Il2Disposition()) == "IL-2 disposition"
    assert prose.startswith("Two compartments; the kidney clears in proportion to the amount.")
    assert "$$\n\\begin{aligned}\n\\frac{dA_1}{dt}" in prose
    assert ".. math::" not in prose
    assert ":math:" not in prose_of(Nk())
    assert "Attributes" not in prose_of(Leukaemia())
    assert parameters_of(Nk())
