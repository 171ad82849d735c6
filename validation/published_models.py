"""Follow the published models and compare them with their papers; writes docs/published-models.md."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import sympy
from scipy.optimize import brentq, minimize_scalar

from trialeukin.core.arrays import Floats
from trialeukin.engine.problem import Doses, Problem, Tolerance
from trialeukin.engine.solve import Backend, solve
from trialeukin.model.published.library import PUBLISHED, published_model
from trialeukin.model.system import System, symbol

PAGE = Path(__file__).parents[1] / "docs" / "published-models.md"
FINE = Tolerance(relative=1e-9)
STEP = 0.05  # day: what a nadir's or peak's time is read to


def typical(system: System, changed: Mapping[str, float]) -> dict[str, float]:
    """Return the values of a model's parameters by name, some of them changed."""
    unknown = set(changed) - set(system.parameters)
    if unknown:
        raise KeyError(f"{system.name} has no parameter {sorted(unknown)}")
    return {name: parameter.value for name, parameter in system.parameters.items()} | dict(changed)


def follow(
    name: str,
    times: Floats,
    quantities: Sequence[str],
    changed: Mapping[str, float] | None = None,
    *,
    tolerance: Tolerance = FINE,
    backend: Backend = Backend.CPU,
) -> Floats:
    """Return quantities of a published model at times, (k, q)."""
    system = published_model(name)
    none, nobody = np.zeros(0), np.zeros(0, dtype=np.int64)
    doses = Doses(
        times=none,
        durations=none,
        inputs=nobody,
        manners=nobody,
        amounts=np.zeros((1, 0)),
        fates=np.zeros((1, 0), dtype=np.int64),
    )
    problem = Problem(
        system=system,
        parameters=np.array([list(typical(system, changed or {}).values())]),
        doses=doses,
        horizon=float(times[-1]) + 1e-9,
        save_times=np.asarray(times, dtype=np.float64),
        save=tuple(quantities),
        examinations=none,
        tolerance=tolerance,
    )
    return np.asarray(solve(problem, backend=backend).values[0])


def rates(name: str, states: Floats, changed: Mapping[str, float] | None = None) -> tuple[Floats, Floats]:
    """Return the rates of change and their Jacobian at states, (s,) and (s, s), from the composed equations."""
    system = published_model(name)
    numbers = {symbol(key): value for key, value in typical(system, changed or {}).items()}
    equations = sympy.Matrix(list(system.rates()))
    for definition in reversed(system.definitions):
        equations = equations.subs(symbol(definition.name), definition.expression)
    here = {symbol(state.name): value for state, value in zip(system.states, states, strict=True)}
    jacobian = equations.jacobian(sympy.Matrix(list(here)))
    filled = [matrix.subs(numbers).subs(here) for matrix in (equations, jacobian)]
    return np.array(filled[0], dtype=np.float64).ravel(), np.array(filled[1], dtype=np.float64)


def kirschner_panetta_rest(tumour: float) -> tuple[float, Floats]:
    """Return the antigenicity at which a tumour is at rest, and E, T and I there (by hand from the equations)."""
    p = typical(published_model("kirschner-panetta-1998"), {})
    effector = (
        p["tumour_growth"]
        * (1 - p["tumour_inverse_capacity"] * tumour)
        * (p["tumour_of_half_kill"] + tumour)
        / p["tumour_kill"]
    )
    il2 = p["il2_production"] * effector * tumour / (p["tumour_of_half_production"] + tumour) / p["il2_loss"]
    growth = p["effector_proliferation"] * il2 / (p["il2_of_half_proliferation"] + il2)
    return float(effector * (p["effector_loss"] - growth) / tumour), np.array([effector, tumour, il2])


def kirschner_panetta_fold() -> tuple[float, Floats]:
    """Return the antigenicity up to which a large tumour can rest, where rest states fold, and the state there."""
    found = minimize_scalar(
        lambda tumour: -kirschner_panetta_rest(tumour)[0],
        bounds=(9.4e8, 9.999e8),
        method="bounded",
        options={"xatol": 1.0},
    )
    return kirschner_panetta_rest(float(found.x))


def kirschner_panetta_hopf() -> float:
    """Return the antigenicity at which the small tumour's rest state stops to attract."""

    def real_part(tumour: float) -> float:
        antigenicity, states = kirschner_panetta_rest(tumour)
        _, jacobian = rates("kirschner-panetta-1998", states, {"antigenicity": antigenicity})
        eigenvalues = np.linalg.eigvals(jacobian)
        return float(eigenvalues.real[np.abs(eigenvalues.imag) > 0.0].max())

    return kirschner_panetta_rest(float(brentq(real_part, 15000.0, 26000.0, rtol=1e-9)))[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One number of a paper beside ours."""

    model: str
    what: str
    published: str
    ours: float
    read: str

    def text(self) -> str:
        """Return the row of the table."""
        return f"| `{self.model}` | {self.what} | {self.published} | {float(f'{self.ours:.3g}'):g} | {self.read} |"


def rows() -> tuple[Row, ...]:
    """Return every number that is compared."""
    return (*_bifurcations(), *_moore_li(), *_de_pillis(), *_clapp(), *_stiehl(), *_friberg(), *_jost(), *_stein())


def _bifurcations() -> tuple[Row, ...]:
    name, read = "kirschner-panetta-1998", "quoted from memory by others; not seen in the paper"
    return (
        Row(
            model=name,
            what="antigenicity below which the tumour is large, 1/day",
            published="8.55e-5",
            ours=kirschner_panetta_fold()[0],
            read=read,
        ),
        Row(
            model=name,
            what="antigenicity up to which it oscillates, 1/day",
            published="0.032",
            ours=kirschner_panetta_hopf(),
            read=read,
        ),
    )


def _moore_li() -> tuple[Row, ...]:
    late = follow("moore-li-2004", np.array([0.0, 2000.0]), ("leukaemia",))[-1, 0]
    return (
        Row(
            model="moore-li-2004",
            what="leukaemia at rest once T cells are gone, cell/uL: Cmax exp(-dc/rc)",
            published="by hand 3410",
            ours=late,
            read="from the equations",
        ),
    )


def _de_pillis() -> tuple[Row, ...]:
    late = follow("de-pillis-2009", np.array([0.0, 100.0]), ("nk", "t_cells", "il2"))[-1]
    said = ("NK cells with a large tumour, cell/L", "CD8 T cells with a large tumour, cell/L", "IL-2 there, IU/L")
    read = "the file's start (BIOMD0000000779), which is its equilibrium but for IL-2"
    return tuple(
        Row(model="de-pillis-2009", what=what, published=published, ours=value, read=read)
        for what, published, value in zip(said, ("2.5e8", "5.27e5", "1073"), late, strict=True)
    )


def _clapp() -> tuple[Row, ...]:
    start = follow("clapp-2015", np.array([0.0, 1.0]), ("bcr_abl",))[0, 0]
    untreated = {"first_inhibition": 1.0, "second_inhibition": 1.0}
    late = follow("clapp-2015", np.array([0.0, 5000.0]), ("mature",), untreated)[-1, 0]
    return (
        Row(
            model="clapp-2015",
            what="BCR-ABL at diagnosis, percent",
            published="100",
            ours=start,
            read="start of supplementary table 1",
        ),
        Row(
            model="clapp-2015",
            what="mature cells that stay untreated, cell/mL",
            published="1.5e8",
            ours=late,
            read="the same; missed: see below",
        ),
    )


def _stiehl() -> tuple[Row, ...]:
    days = np.arange(0.0, 301.0)
    blasts = follow("stiehl-2015", days, ("marrow_blasts",))[:, 0]
    return (
        Row(
            model="stiehl-2015",
            what="day on which half the marrow is leukaemic, from one cell a kg",
            published="about 200",
            ours=float(np.interp(0.5, blasts, days)),
            read="figure 3A; the values' source itself finds about 175",
        ),
    )


def _friberg() -> tuple[Row, ...]:
    days = np.arange(0.0, 22.0, STEP)
    cells = follow("friberg-2002", days, ("circulating",))[:, 0]
    read = "figure 4, docetaxel, read by eye by others"
    return (
        Row(
            model="friberg-2002",
            what="day of the neutrophils' nadir",
            published="7 to 9",
            ours=days[cells.argmin()],
            read=read,
        ),
        Row(model="friberg-2002", what="neutrophils at the nadir, G/L", published="0.6", ours=cells.min(), read=read),
    )


def _jost() -> tuple[Row, ...]:
    late = follow("jost-2019", np.array([0.0, 400.0]), ("white_cells",), {"cytarabine": 0.05, "blasts_at_start": 0.0})
    return (
        Row(
            model="jost-2019",
            what="white cells under 0.05 umol/L without end, G/L: B (1 - E)^(1/gamma)",
            published="by hand 2.2",
            ours=late[-1, 0],
            read="from the equations; no number of the paper was found",
        ),
    )


def _stein() -> tuple[Row, ...]:
    days = np.arange(0.0, 30.0, STEP)
    copies = follow("stein-2019", days, ("transgene",))[:, 0]
    said = (
        ("day of the peak", "9.3", days[copies.argmax()]),
        ("transgene at the peak, copies/ug", "24000", copies.max()),
        ("expansion, fold", "3900", copies.max() / copies[0]),
    )
    return tuple(
        Row(model="stein-2019", what=what, published=published, ours=float(value), read="table 1")
        for what, published, value in said
    )


def page() -> str:
    """Return the page."""
    models = "\n".join(f"| `{name}` | {each.subject} | {each.paper} |" for name, each in PUBLISHED.items())
    return f"""# Published models

Models of others, as they were published: `trialeukin models` lists them apart from the project's own, the same engine
follows them, and no study can choose them. `trialeukin parameters NAME` says of each number where it was read.

```sh
trialeukin parameters moore-li-2004
```

| model | what it describes | paper |
|---|---|---|
{models}

## What was reproduced

| model | number | published | ours | where it was read |
|---|---|---|---|---|
{chr(10).join(row.text() for row in rows())}

Kirschner-Panetta (damped and cycling) and Moore-Li (figure 6) also meet trajectories computed outside this project
within 1e-6 of their values; T cells of all twelve patients of Clapp multiply inside their published window and
nowhere else; Friberg, Clapp, Stiehl and de Pillis meet a second implementation in SciPy.

## What differs, and what was not found

- **BIOMD0000000733 (Moore-Li)** adds the cells that T cells kill. Here they are lost, as published. On the values of
  figure 6 the two differ by less than 0.1 %, on those of BIOMD0000000662 by 14 %.
- **BIOMD0000000732 (Kirschner-Panetta)** has no saturation of the effect of interleukin-2. Here it has.
- **BIOMD0000000779 (de Pillis)** has phi where theta belongs, and T cells that kill nothing (d = l = s = 0). Here d, l
  and s are those of two public re-implementations. Neither changes the equilibrium above.
- **Clapp**: the loss of mature cells that was read (0.0375 a day) does not keep the start that was read; 0.1 would.
- **Stiehl**: half the marrow is leukaemic a month before figure 3A says; the transcription's author notes the same.
- **Jost**: the paper's tables and its kinetics of cytarabine were not found. Equations and values are those of an
  adaptation by others, so cytarabine is a constant concentration and no dose enters.
- **Stein**: the spread between patients is left out: variances or standard deviations, it was not seen which.
- **De Pillis, Kirschner-Panetta**: interleukin-2 is a concentration without a volume, or in units of the authors' own,
  so treatments are constant rates and no dose of a product enters. **Friberg**: the regimen language has no docetaxel.
- None of the papers themselves was at hand; `trialeukin parameters` says what was read instead.
"""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
