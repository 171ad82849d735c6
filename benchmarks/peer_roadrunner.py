"""libRoadRunner: the equations as an SBML model of rate rules, compiled by LLVM and followed by CVODE."""

from itertools import count

import numpy as np
import roadrunner as library
from compiled import Compiled
from course import MOST_STEPS, Course, Follow, between_doses, one_by_one
from equations import Equations, rates_in

from trialeukin.core.arrays import Floats
from trialeukin.engine.graph import Op

ONE = "<cn>1</cn>"
MATHS = '<math xmlns="http://www.w3.org/1998/Math/MathML">{}</math>'
MODEL = """<?xml version="1.0" encoding="UTF-8"?>
<sbml xmlns="http://www.sbml.org/sbml/level3/version1/core" level="3" version="1">
<model><listOfParameters>{}</listOfParameters><listOfRules>{}</listOfRules></model>
</sbml>"""


def roadrunner(functions: Compiled) -> Follow:
    """Return libRoadRunner's CVODE; it makes the Jacobian by differences."""
    library.Logger.setLevel(library.Logger.LOG_ERROR)
    states = [f"x{place}" for place in range(functions.states)]
    fixed = [f"p{place}" for place in range(functions.fixed)]
    runner = library.RoadRunner(sbml_text(functions.equations, states, fixed))
    runner.timeCourseSelections = states
    runner.integrator = "cvode"
    runner.integrator.setValue("maximum_num_steps", MOST_STEPS)
    model = runner.model
    place = {name: position for position, name in enumerate(model.getGlobalParameterIds())}
    state_places, fixed_places = [place[name] for name in states], [place[name] for name in fixed]

    def follow(course: Course, relative: float) -> Floats:
        model.setGlobalParameterValues(fixed_places, course.fixed)
        runner.integrator.setValue("relative_tolerance", relative)
        runner.integrator.setValue("absolute_tolerance", course.absolute(relative).tolist())

        def segment(times: Floats, state: Floats) -> Floats:
            model.setGlobalParameterValues(state_places, state)
            return np.asarray(runner.simulate(times=times))

        return between_doses(course, segment)

    return one_by_one(follow)


def sbml_text(equations: Equations, states: list[str], fixed: list[str]) -> str:
    """Return the equations as SBML: a rate rule a state, and an assignment rule for every part of them."""
    rules: list[str] = []
    numbers = count()

    def assigned(inner: str) -> str:
        name = f"v{next(numbers)}"
        rules.append(f'<assignmentRule variable="{name}">{MATHS.format(inner)}</assignmentRule>')
        return f"<ci>{name}</ci>"

    def applied(word: str, *parts: str) -> str:
        return assigned(f"<apply><{word}/>{''.join(parts)}</apply>")

    operations = {
        Op.CONSTANT: _number,
        Op.ADD: lambda *terms: applied("plus", *terms),
        Op.MULTIPLY: lambda *factors: applied("times", *factors),
        Op.NEGATE: lambda value: applied("minus", value),
        Op.RECIPROCAL: lambda value: applied("divide", ONE, value),
        Op.EXP: lambda value: applied("exp", value),
        Op.LOG: lambda value: applied("ln", value),
        Op.SQRT: lambda value: applied("root", value),
        Op.TANH: lambda value: applied("tanh", value),
    }
    rates = rates_in(equations, _read(states), _read(fixed), operations)
    rules += [
        f'<rateRule variable="{name}">{MATHS.format(rate)}</rateRule>' for name, rate in zip(states, rates, strict=True)
    ]
    names = [*states, *fixed, *(f"v{number}" for number in range(next(numbers)))]
    held = set(fixed)
    parameters = [f'<parameter id="{name}" value="1" constant="{str(name in held).lower()}"/>' for name in names]
    return MODEL.format("".join(parameters), "".join(rules))


def _read(names: list[str]) -> list[str]:
    return [f"<ci>{name}</ci>" for name in names]


def _number(value: float) -> str:
    return '<cn type="e-notation">{}<sep/>{}</cn>'.format(*f"{value:.17e}".split("e"))
