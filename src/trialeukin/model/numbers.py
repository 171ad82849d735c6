"""From equations between quantities to equations between numbers, each in its own unit."""

from dataclasses import replace

import sympy

from trialeukin.model.dimensions import coherent_factor
from trialeukin.model.system import System, symbol


def in_numbers(system: System) -> System:
    """Return the system with the factors between units written into its equations.

    With :math:`f` the number of coherent units in the unit of each name, every symbol x becomes
    :math:`f_x x`, and every result is divided by the factor of what it measures.
    """
    texts = {name: parameter.unit for name, parameter in system.parameters.items()}
    texts |= {state.name: state.unit for state in system.states}
    texts |= {definition.name: definition.unit for definition in system.definitions}
    factors = {name: coherent_factor(text) for name, text in texts.items()}
    scaled = {symbol(name): factor * symbol(name) for name, factor in factors.items() if factor != 1}

    def number(expression: sympy.Expr, result: str = "") -> sympy.Expr:
        return sympy.sympify(expression).xreplace(scaled) / factors.get(result, sympy.S.One)

    return replace(
        system,
        states=tuple(replace(each, initial=number(each.initial, each.name)) for each in system.states),
        terms=tuple(replace(each, rate=number(each.rate, each.state)) for each in system.terms),
        definitions=tuple(replace(each, expression=number(each.expression, each.name)) for each in system.definitions),
        inputs=tuple(
            replace(each, **{part: number(expression) for part, (expression, _) in each.decided().items()})
            for each in system.inputs
        ),
        events=tuple(
            replace(
                each,
                trigger=number(each.trigger),
                sets={name: number(value, name) for name, value in each.sets.items()},
            )
            for each in system.events
        ),
    )
