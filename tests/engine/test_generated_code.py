"""The graph, its derivatives, the elimination and the vector functions against plain arithmetic."""

import ctypes
import math
import os
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
import sympy

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import ModelError
from trialeukin.engine.derivatives import state_derivatives
from trialeukin.engine.elimination import eliminate
from trialeukin.engine.frame import FUNCTIONS, Slot
from trialeukin.engine.graph import Bank, Graph, Node, Op
from trialeukin.engine.kernel import kernel_for
from trialeukin.engine.lowering import lower
from trialeukin.engine.machine import assembly_of, this_machine
from trialeukin.engine.plan import lanes_for
from trialeukin.engine.problem import Problem
from trialeukin.engine.reading import Reader
from trialeukin.model.system import Definition, System, symbol

X, Y, Z = symbol("x"), symbol("y"), symbol("z")
A, B = symbol("a"), symbol("b")
EXPRESSIONS = (
    A * X / (B + X) - X * Y,
    sympy.exp(-A * X) * sympy.log(Y) + sympy.sqrt(Z),
    (X / A) ** B / (1 + (X / A) ** B),
    X**3 / Y**2 + Z ** sympy.Rational(-3, 2) + 2**X,
    sympy.Max(X - Y, A * Z, 0) - sympy.Min(X, Y**2),
    sympy.Abs(X - Y) * sympy.tanh(A * Z - Y),
    sympy.Piecewise((X**2, (X < Y) & (Z > A)), (sympy.exp(Y), sympy.Or(X > 3, Z <= 0.5)), (Z * X, True)),
    (X + Y) * (X + Y) / (A + X + Y) - 7,
)
POINTS = ((0.7, 1.9, 0.4), (2.5, 0.3, 1.2), (4.0, 0.9, 0.1))
PARAMETERS = (0.6, 1.7)
ROUNDING = 1e-13  # a few dozen operations on doubles
Make = Callable[..., System]
Pose = Callable[..., Problem]
Values = Callable[..., dict[Node, float]]


def graph_of(expressions: tuple[sympy.Expr, ...]) -> tuple[Graph, list[Node]]:
    graph = Graph()
    meanings = {name: graph.load(Bank.STATE, place) for place, name in enumerate("xyz")}
    meanings |= {name: graph.load(Bank.PARAMETER, place) for place, name in enumerate("ab")}
    reader = Reader(graph, meanings)
    return graph, [reader.read(expression) for expression in expressions]


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("expression", EXPRESSIONS, ids=str)
def test_values_and_derivatives_of_the_graph_are_those_of_sympy(
    expression: sympy.Expr, point: tuple[float, ...], values: Values
) -> None:
    at = dict(zip((X, Y, Z, A, B), (*point, *PARAMETERS), strict=True))
    banks = {Bank.STATE: point, Bank.PARAMETER: PARAMETERS}

    graph, (node,) = graph_of((expression,))
    slopes = state_derivatives(graph, len("xyz")).by_place(node)

    computed = values(graph, banks, [node, *slopes.values()])
    assert computed[node] == pytest.approx(float(expression.subs(at)), rel=ROUNDING)
    for place, variable in enumerate((X, Y, Z)):
        exact = float(expression.rewrite(sympy.Piecewise).diff(variable).subs(at).doit())
        found = computed[slopes[place]] if place in slopes else 0.0
        assert found == pytest.approx(exact, rel=ROUNDING, abs=ROUNDING)


def test_a_power_below_one_gets_no_infinite_slope_at_zero() -> None:
    graph, (power, root) = graph_of((X**A, sympy.sqrt(X)))

    by_state = state_derivatives(graph, len("xyz"))
    slopes = [by_state.by_place(node)[0] for node in (power, root)]
    operations = [graph.op(slope) for slope in slopes]
    choices = [graph.op(inner) for slope in slopes for inner in graph.operands(slope)]

    assert operations == [Op.MULTIPLY, Op.MULTIPLY]
    assert choices.count(Op.SELECT) == 2


def test_equal_expressions_are_computed_once() -> None:
    graph, nodes = graph_of((A * X * Y - X, X - Y * A * X, sympy.exp(A) * X))

    assert graph.op(nodes[0]) is Op.ADD
    products = {graph.operands(term)[0] if graph.op(term) is Op.NEGATE else term for term in graph.operands(nodes[0])}
    others = {graph.operands(term)[0] if graph.op(term) is Op.NEGATE else term for term in graph.operands(nodes[1])}
    assert products == others


def test_elimination_solves_the_matrix_of_the_jacobian(values: Values) -> None:
    rates = (A * X * Y - X, X - Z * Y, Y / (B + Z) - Z)
    graph, nodes = graph_of(rates)
    banks = {Bank.STATE: (0.7, 1.9, 0.4), Bank.PARAMETER: PARAMETERS, Bank.DIAGONAL: (30.0,)}
    right = (1.0, -2.0, 0.5)

    elimination = eliminate(graph, nodes, state_derivatives(graph, len("xyz")))
    solution = elimination.solve([graph.constant(each) for each in right], elimination.own_factors)

    at = dict(zip((X, Y, Z, A, B), (0.7, 1.9, 0.4, *PARAMETERS), strict=True))
    jacobian = np.array(sympy.Matrix(rates).jacobian((X, Y, Z)).subs(at), dtype=float)
    exact = np.linalg.solve(30.0 * np.eye(3) - jacobian, np.array(right))
    computed = values(graph, banks, solution)
    assert [computed[node] for node in solution] == pytest.approx(list(exact), rel=ROUNDING)


def test_a_chain_of_compartments_fills_in_nothing() -> None:
    graph, nodes = graph_of((-X, X - Y, Y - Z))

    elimination = eliminate(graph, nodes, state_derivatives(graph, len("xyz")))

    assert len(elimination.lower) + len(elimination.upper) == 2  # as many entries as the Jacobian has off its diagonal


def test_a_function_the_engine_does_not_have_is_refused_by_name() -> None:
    with pytest.raises(ModelError, match=r"cannot compute gamma in gamma\(x\)"):
        graph_of((sympy.gamma(X),))


def evaluate(expressions: dict[str, sympy.Expr], numbers: Floats, pose: Pose, decaying: Make, width: int) -> Floats:
    """Return definitions computed by generated code at values of the state, (definitions, numbers)."""
    definitions = tuple(
        Definition(name=name, unit="1", expression=expression, meaning=name) for name, expression in expressions.items()
    )
    system = decaying(definitions=definitions)
    problem, kernel = pose(system, horizon=1.0), kernel_for(system, width=width)
    lanes = lanes_for(problem, kernel)
    call = {
        name: ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64)(address)
        for name, address in zip(FUNCTIONS, kernel.addresses, strict=True)
    }
    lanes.parameters[:] = problem.parameters.T
    call["prepare"](lanes.frame_address, Slot.STATE)
    found = []
    for start in range(0, numbers.size, width):
        lanes.state[0] = numbers[start : start + width]
        call["definitions"](lanes.frame_address, Slot.STATE)
        found.append(lanes.definitions.copy())
    return np.concatenate(found, axis=1)


AMOUNT = symbol("amount")
FUNCTIONS_OF_ONE = {
    "exponential": sympy.exp(AMOUNT),
    "logarithm": sympy.log(sympy.Abs(AMOUNT)),
    "tangent": sympy.tanh(AMOUNT),
}


def units_off(found: Floats, exact: list[float]) -> float:
    return float(np.max(np.abs(found - np.array(exact)) / np.spacing(np.abs(exact))))


def test_vector_functions_are_within_their_stated_units_in_the_last_place(pose: Pose, decaying: Make) -> None:
    rng = np.random.default_rng(3)
    near = rng.uniform(-1.0, 1.0, 4000)
    numbers = np.concatenate((rng.uniform(-700.0, 700.0, 4000), near, 1.0 + 1e-3 * near[:96]))

    exponential, logarithm, tangent = evaluate(FUNCTIONS_OF_ONE, numbers, pose, decaying, 8)

    assert units_off(exponential, [math.exp(each) for each in numbers]) < 2.0
    assert units_off(logarithm, [math.log(abs(each)) for each in numbers]) < 2.0
    assert units_off(tangent, [math.tanh(each) for each in numbers]) < 4.0


@pytest.mark.parametrize("exponent", [0.37, 1.3, -2.71, 17.03])
def test_a_power_is_within_its_stated_relative_error(exponent: float, pose: Pose, decaying: Make) -> None:
    numbers = np.exp(np.random.default_rng(8).uniform(-30.0, 30.0, 4000))

    (found,) = evaluate({"power": AMOUNT ** sympy.Float(exponent)}, numbers, pose, decaying, 8)

    exact = np.array([math.pow(each, exponent) for each in numbers])
    bound = (2.0 + 3.0 * np.abs(exponent * np.log(numbers))) * np.finfo(np.float64).eps  # of exp, log and their product
    assert (np.abs(found - exact) <= bound * exact).all()


def test_vector_functions_keep_zero_infinity_and_what_is_no_number(pose: Pose, decaying: Make) -> None:
    expressions = {"e": sympy.exp(AMOUNT), "l": sympy.log(AMOUNT), "t": sympy.tanh(AMOUNT)}
    numbers = np.array([0.0, np.inf, -np.inf, np.nan, -1.0, 5e-324, 1e-310, -800.0])

    exponential, logarithm, tangent = evaluate(expressions, numbers, pose, decaying, 4)

    assert exponential == pytest.approx([1, np.inf, 0, np.nan, math.exp(-1), 1, 1, 0], nan_ok=True)
    tiny = [math.log(5e-324), math.log(1e-310)]
    assert logarithm == pytest.approx([-np.inf, np.inf, np.nan, np.nan, np.nan, *tiny, np.nan], nan_ok=True)
    assert tangent == pytest.approx([0, 1, -1, np.nan, math.tanh(-1), 0, 0, -1], nan_ok=True, rel=1e-15, abs=1e-300)


@pytest.mark.parametrize("width", [1, 2, 4])
def test_every_width_computes_the_same_bits(width: int, pose: Pose, decaying: Make) -> None:
    numbers = np.random.default_rng(4).uniform(-30.0, 30.0, 64)

    wide = evaluate(FUNCTIONS_OF_ONE, numbers, pose, decaying, 8)
    narrow = evaluate(FUNCTIONS_OF_ONE, numbers, pose, decaying, width)

    assert np.array_equal(wide, narrow)


def test_the_machine_code_works_on_whole_vectors(immune_system: Callable[[], System]) -> None:
    width = this_machine().width
    register = {8: "zmm", 4: "ymm", 2: ("xmm", "v")}[width]

    text = assembly_of(lower(immune_system(), width=width).text)

    packed = [line for line in text.splitlines() if any(name in line for name in ("mulpd", "fmadd", "fmla"))]
    whole = [line for line in packed if any(name in line for name in np.atleast_1d(register))]
    assert len(whole) > 0.9 * len(packed) > 90


def test_code_does_not_depend_on_the_hash_seed_of_the_process() -> None:
    ask = (
        "import hashlib; from trialeukin.engine.lowering import lower; from trialeukin.model.whole import model;"
        "text = lower(model('aml-maintenance'), width=2, sensitive_to=('nk_cap', 'nk_dim_loss')).text;"
        "print(hashlib.sha256(text.encode()).hexdigest())"
    )

    digests = {
        subprocess.run(
            [sys.executable, "-c", ask], env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }

    assert len(digests) == 1
