from dataclasses import dataclass, field
from typing import Any

import pytest
import sympy

from trialeukin.core.errors import InputError, ModelError
from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import assumed
from trialeukin.model.component import Piece
from trialeukin.model.compose import compose
from trialeukin.model.system import Definition, Event, Input, State, Switch, System, Term, symbol
from trialeukin.regimen.administration import Route


def parameter(value: float, unit: str) -> Parameter:
    return Parameter(value=value, unit=unit, between_patients=0.0, uncertainty=0.0, source=assumed("a test"))


def amount(**changes: Any) -> State:
    given: dict[str, Any] = {"name": "drug", "unit": "pmol", "initial": sympy.S.Zero, "size": 1.0, "meaning": "drug"}
    return State(**(given | changes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plasma:
    """Loss of drug from plasma, with units as a paper prints them."""

    extra: Piece = field(default_factory=Piece)
    rate: sympy.Expr = -symbol("clearance") * symbol("concentration")
    clearance: Parameter = parameter(100.0, "mL/min")
    volume: Parameter = parameter(3000.0, "mL")

    def piece(self) -> Piece:
        return Piece(
            states=(amount(), *self.extra.states),
            terms=(Term(state="drug", name="clearance", rate=self.rate), *self.extra.terms),
            definitions=(
                *self.extra.definitions,
                Definition(
                    name="concentration",
                    unit="pmol/L",
                    expression=symbol("drug") / symbol("volume"),
                    meaning="concentration",
                ),
            ),
            switches=self.extra.switches,
            inputs=self.extra.inputs,
            events=self.extra.events,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A second owner of one name."""

    volume: Parameter = parameter(1.0, "L")

    def piece(self) -> Piece:
        return Piece()


def definition(name: str, expression: sympy.Expr, unit: str = "1") -> Definition:
    return Definition(name=name, unit=unit, expression=expression, meaning=name)


def value(expression: sympy.Expr, system: System, **numbers: float) -> float:
    given = {name: each.value for name, each in system.parameters.items()} | numbers
    known = {symbol(name): number for name, number in given.items()}
    for each in system.definitions:
        known[symbol(each.name)] = each.expression.subs(known)
    return float(sympy.sympify(expression).subs(known))


def test_a_rate_is_a_number_in_the_states_unit_a_day_whatever_the_units_of_its_parts() -> None:
    system = compose("plasma", [Plasma()])

    (rate,) = system.rates()

    assert value(rate, system, drug=30.0) == pytest.approx(-0.1 * 1440.0 * 30.0 / 3.0, rel=1e-14)


def test_parameters_keep_the_unit_of_their_source() -> None:
    system = compose("plasma", [Plasma()])

    assert system.parameters["clearance"].unit == "mL/min"


def test_a_definition_and_a_state_are_numbers_in_their_own_units() -> None:
    cells = amount(name="cells", unit="cell/uL", initial=symbol("cells_at_start"))

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Cells:
        cells_at_start: Parameter = parameter(0.3, "G/L")

        def piece(self) -> Piece:
            return Piece(states=(cells,), definitions=(definition("count", symbol("cells"), "G/L"),))

    system = compose("cells", [Cells()])

    assert value(system.states[0].initial, system) == pytest.approx(300.0, rel=1e-14)
    assert value(symbol("count"), system, cells=300.0) == pytest.approx(0.3, rel=1e-14)


def test_definitions_are_ordered_by_need() -> None:
    extra = Piece(definitions=(definition("late", 1 + symbol("early")), definition("early", sympy.E)))

    system = compose("plasma", [Plasma(extra=extra)])

    names = [each.name for each in system.definitions]
    assert names.index("early") < names.index("late")


def test_a_term_with_the_wrong_unit_is_named_with_the_unit_found_and_expected() -> None:
    with pytest.raises(ModelError, match=r"term 'clearance' of drug is in mL/min, where pmol/day is expected"):
        compose("plasma", [Plasma(rate=-symbol("clearance"))])


def test_a_sum_of_unlike_quantities_is_refused_with_both_units() -> None:
    rate = -symbol("clearance") * (symbol("concentration") + symbol("volume"))

    with pytest.raises(ModelError, match=r"term 'clearance' of drug: .*pmol/L.*mL.*only like can be added"):
        compose("plasma", [Plasma(rate=rate)])


@pytest.mark.parametrize("function", [sympy.exp, sympy.log, sympy.tanh])
def test_a_function_of_a_quantity_with_a_unit_is_refused(function: Any) -> None:
    extra = Piece(definitions=(definition("odd", function(symbol("drug"))),))

    with pytest.raises(ModelError, match=r"definition odd: .*drug is in pmol, where a plain number is needed"):
        compose("plasma", [Plasma(extra=extra)])


def test_a_unit_in_an_exponent_is_refused() -> None:
    extra = Piece(definitions=(definition("odd", 2 ** symbol("drug")),))

    with pytest.raises(ModelError, match="drug is in pmol, where a plain number is needed"):
        compose("plasma", [Plasma(extra=extra)])


def test_branches_and_conditions_of_a_choice_must_be_alike() -> None:
    choice = sympy.Piecewise((symbol("drug"), symbol("volume") < symbol("drug")), (0, True))
    extra = Piece(definitions=(definition("odd", choice, "pmol"),))

    with pytest.raises(ModelError, match=r"volume is in mL|drug is in pmol"):
        compose("plasma", [Plasma(extra=extra)])


def test_a_root_has_the_root_of_its_unit() -> None:
    extra = Piece(definitions=(definition("length", symbol("volume") ** sympy.Rational(1, 3), "dm"),))

    system = compose("plasma", [Plasma(extra=extra)])

    assert value(symbol("length"), system, drug=0.0) == pytest.approx(3.0 ** (1 / 3), rel=1e-14)


def test_zero_has_every_unit() -> None:
    extra = Piece(definitions=(definition("gain", sympy.Max(0, symbol("drug")), "pmol"),))

    assert compose("plasma", [Plasma(extra=extra)]).name == "plasma"


def test_a_name_used_twice_is_refused() -> None:
    extra = Piece(definitions=(definition("drug", sympy.S.One),))

    with pytest.raises(ModelError, match="'drug' named more than once"):
        compose("plasma", [Plasma(extra=extra)])


def test_a_parameter_of_two_components_is_refused_with_both_owners() -> None:
    with pytest.raises(ModelError, match="'volume' is brought by both Plasma and Volume"):
        compose("plasma", [Plasma(), Volume()])


def test_definitions_in_a_circle_are_refused_and_shown() -> None:
    extra = Piece(definitions=(definition("hen", symbol("egg")), definition("egg", symbol("hen"))))

    with pytest.raises(ModelError, match=r"in a circle: .*hen.*egg|in a circle: .*egg.*hen"):
        compose("plasma", [Plasma(extra=extra)])


def test_an_unknown_symbol_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(ModelError, match=r"term 'clearance' of drug uses 'volum', .*did you mean 'volume'"):
        compose("plasma", [Plasma(rate=-symbol("clearance") * symbol("drug") / symbol("volum"))])


def test_a_parameter_nobody_uses_is_refused() -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Idle:
        idle: Parameter = parameter(1.0, "1")

        def piece(self) -> Piece:
            return Piece()

    with pytest.raises(ModelError, match="no equation uses parameter idle"):
        compose("plasma", [Plasma(), Idle()])


def test_a_term_of_a_state_that_does_not_exist_is_refused() -> None:
    extra = Piece(terms=(Term(state="drugs", name="loss", rate=sympy.S.One),))

    with pytest.raises(ModelError, match=r"term 'loss' changes 'drugs', .*did you mean 'drug'"):
        compose("plasma", [Plasma(extra=extra)])


def test_an_initial_value_may_use_parameters_only() -> None:
    extra = Piece(states=(amount(name="other", initial=symbol("drug")),))

    with pytest.raises(ModelError, match="initial value of other uses 'drug': only parameters"):
        compose("plasma", [Plasma(extra=extra)])


def test_one_route_of_one_drug_enters_at_one_place() -> None:
    entry = Input(drug="x", routes=(Route.SC,), state="drug")

    with pytest.raises(ModelError, match="x sc enters at more than one place"):
        compose("plasma", [Plasma(extra=Piece(inputs=(entry, entry)))])


def test_a_bioavailability_with_a_unit_is_refused() -> None:
    entry = Input(drug="x", routes=(Route.SC,), state="drug", bioavailability=symbol("volume"))

    with pytest.raises(ModelError, match="bioavailability of x into drug is in mL, where 1 is expected"):
        compose("plasma", [Plasma(extra=Piece(inputs=(entry,)))])


def test_an_event_may_only_set_states_and_switches_in_their_units() -> None:
    event = Event(name="wash", trigger=symbol("drug"), sets={"drug": symbol("volume")})
    off = Event(name="off", trigger=symbol("drug"), sets={"volume": sympy.S.One})

    with pytest.raises(ModelError, match="event 'wash' setting drug is in mL, where pmol is expected"):
        compose("plasma", [Plasma(extra=Piece(events=(event,)))])
    with pytest.raises(ModelError, match="event 'off' changes 'volume'"):
        compose("plasma", [Plasma(extra=Piece(events=(off,)))])


def test_a_switch_is_a_plain_number() -> None:
    extra = Piece(
        switches=(Switch(name="stopped", initial=0.0, meaning="stopped"),),
        terms=(Term(state="drug", name="odd", rate=symbol("stopped")),),
    )

    with pytest.raises(ModelError, match="term 'odd' of drug is in 1, where pmol/day is expected"):
        compose("plasma", [Plasma(extra=extra)])


@pytest.mark.parametrize("size", [0.0, -1.0, float("nan"), float("inf")])
def test_a_state_needs_a_size_by_which_its_errors_are_weighed(size: float) -> None:
    with pytest.raises(ModelError, match=r"state drug: size .* pmol: give a typical magnitude above zero"):
        amount(size=size)


def test_a_route_is_a_member_of_its_enumeration() -> None:
    with pytest.raises(InputError, match=r"route of drug 'sc': give one of Route.IV_BOLUS, "):
        Input(drug="drug", routes=("sc",), state="drug")  # type: ignore[arg-type]
