"""EC50 of pSTAT5 as the receptor model has it, for cells, ligands and times in a dish.

A cell is followed under each of a row of constant concentrations by the engine, and pSTAT5 is taken to be in
proportion to its signalling complexes, as Farhat 2021 takes it. Its EC50 is the lowest concentration at half of the
greatest signal at that time: the experiment went to 84 nM, and so does the row.

``targets/pstat5_ec50.csv`` holds Hill curves refitted to the median pSTAT5 of ``ckine/data/pSTAT_data.csv`` of
gc-cytokines at commit c48ba92f (Farhat 2021, MIT licence); ``targets/receptor_sites.csv`` the geometric means and
ranges of four stains in ``final_receptor_levels.csv`` there, and the means of ``RecQuantitation.csv`` of gcSolver.jl.
"""

import csv
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path

import numpy as np
from stimulated_cell import StimulatedCell

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import InputError
from trialeukin.engine.problem import Doses, Problem, Tolerance
from trialeukin.engine.solve import solve
from trialeukin.model.compose import compose
from trialeukin.model.system import System
from trialeukin.regimen.course import HOURS

TARGETS = Path(__file__).parent / "targets"
ROWS, SITES = TARGETS / "pstat5_ec50.csv", TARGETS / "receptor_sites.csv"
LOWEST, HIGHEST, POINTS = 0.1, 84_000.0, 60  # pmol/L; the experiment: 0.47 pM to 84 nM in steps of three
KINDS = {"reg": "T-reg", "T-helper": "T-helper", "Th": "T-helper", "CD8": "CD8+", "NK": "NK"}  # by part of a name
HELD_OUT = "01234"  # first digit of the SHA-256 of 'ligand/cell'


class Ligand(Enum):
    """What the cells were given."""

    IL2 = "IL-2"
    IL15 = "IL-15"


class Use(Enum):
    FITTED = "fitted"
    HELD_OUT = "held out"
    UNUSED = "unused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One EC50, pmol/L, of a Hill curve refitted to the medians of one replicate; ``row`` numbers the refits."""

    row: int
    replicate: int
    cell: str
    ligand: Ligand
    hours: float
    ec50: float
    amplitude: float
    use: Use
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Receptors of one kind of cell, 1/cell: the count used with its range, and a second one where there is."""

    cd25: float
    cd122: float
    second: tuple[float, float] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A cell with its receptors and one ligand, with parameters by name that differ from the component's."""

    cell: str
    ligand: Ligand
    cd25: float
    cd122: float
    changed: tuple[tuple[str, float], ...] = ()


def held_out(ligand: Ligand, cell: str) -> bool:
    """Say whether a ligand on a cell is kept from every fit, by its name alone."""
    return hashlib.sha256(f"{ligand.value}/{cell}".encode()).hexdigest()[0] in HELD_OUT


@cache
def observations() -> tuple[Observation, ...]:
    """Return every row, in the order of the table.

    Raises
    ------
    InputError
        When a row is not understood, or its use is not what the rule for holding out says.
    """
    with ROWS.open(newline="", encoding="utf-8") as lines:
        return tuple(_observation(row, number) for number, row in enumerate(csv.DictReader(lines), start=2))


def _observation(row: dict[str, str], number: int) -> Observation:
    try:
        ligand, use = Ligand(row["ligand"]), Use(row["use"])
        found = Observation(
            row=int(row["row"]),
            replicate=int(row["replicate"]),
            cell=row["cell"],
            ligand=ligand,
            hours=float(row["hours"]),
            ec50=float(row["ec50_pM"]),
            amplitude=float(row["amplitude"]),
            use=use,
            reason=row["reason"],
        )
    except (KeyError, ValueError) as fault:
        raise InputError(f"{ROWS.name}, line {number}: {fault}") from fault
    if use is not Use.UNUSED and (use is Use.HELD_OUT) is not held_out(ligand, found.cell):
        raise InputError(
            f"{ROWS.name}, line {number}: the rule does not say {use.value} of {ligand.value}/{found.cell}"
        )
    return found


@cache
def counts() -> dict[str, Counts]:
    """Return the receptors of every kind of cell."""
    with SITES.open(newline="", encoding="utf-8") as lines:
        return {
            row["cell"]: Counts(
                cd25=float(row["cd25"]),
                cd122=float(row["cd122"]),
                second=(float(row["second_cd25"]), float(row["second_cd122"])) if row["second_cd25"] else None,
            )
            for row in csv.DictReader(lines)
        }


def first_count(cell: str) -> tuple[float, float]:
    """Return CD25 and CD122 of a cell as counted in the donor of the experiment."""
    found = counts()[cell]
    return found.cd25, found.cd122


def between_counts(cell: str, share: float) -> tuple[float, float]:
    """Return CD25 and CD122 of a cell, a share of the way on the log scale from the first count to the second.

    Naive and memory cells, which the second count did not tell apart, move as all cells of their kind.
    """
    known = counts()
    kind = next(all_of_them for words, all_of_them in KINDS.items() if words in cell)
    second = known[kind].second
    assert second is not None
    first = first_count(kind)
    cd25, cd122 = (n * (b / a) ** share for n, a, b in zip(first_count(cell), first, second, strict=True))
    return cd25, cd122


@cache
def dish() -> System:
    """Return the model of one cell in a dish."""
    return compose("stimulated-cell", (StimulatedCell(),))


def concentrations() -> Floats:
    return np.geomspace(LOWEST, HIGHEST, POINTS)


def curves(settings: Sequence[Setting], hours: Sequence[float]) -> Floats:
    """Return signalling complexes, (setting, time, concentration), 1/cell."""
    system = dish()
    base = {name: parameter.value for name, parameter in system.parameters.items()}
    rows = [
        list((base | _of(setting) | {"ligand_concentration": dose}).values())
        for setting in settings
        for dose in concentrations()
    ]
    nothing, nobody = np.zeros(0), np.zeros((len(rows), 0))
    problem = Problem(
        system=system,
        parameters=np.array(rows),
        doses=Doses(
            times=nothing,
            durations=nothing,
            inputs=nothing.astype(np.int64),
            manners=nothing.astype(np.int64),
            amounts=nobody,
            fates=nobody.astype(np.int64),
        ),
        horizon=max(hours) / HOURS + 1e-6,
        save_times=np.array(hours) / HOURS,
        save=("signalling_complexes",),
        examinations=nothing,
        tolerance=Tolerance(relative=1e-7),
    )
    values = solve(problem).values[:, :, 0]
    return values.reshape(len(settings), POINTS, len(hours)).swapaxes(1, 2)


def _of(setting: Setting) -> dict[str, float]:
    cd25 = setting.cd25 if setting.ligand is Ligand.IL2 else 0.0  # IL-15 has an alpha chain of its own: not found there
    return {**dict(setting.changed), "cd25_sites": cd25, "cd122_sites": setting.cd122}


def ec50(curve: Floats) -> Floats:
    """Return the lowest concentration at half of the greatest signal, pmol/L, of curves (..., concentration)."""
    share = curve / curve.max(axis=-1, keepdims=True)
    above = np.argmax(share >= 0.5, axis=-1)
    doses = np.log(concentrations())
    upper, lower = (np.take_along_axis(share, each[..., None], -1)[..., 0] for each in (above, above - 1))
    return np.exp(doses[above - 1] + (doses[above] - doses[above - 1]) * (0.5 - lower) / (upper - lower))


def predicted(found: Sequence[Observation], changed: Mapping[Ligand, Mapping[str, float]]) -> Floats:
    """Return the EC50 of every observation, (n,), pmol/L, at changed parameters of each ligand."""
    return predicted_rows(found, [changed])[0]


def predicted_rows(
    found: Sequence[Observation],
    rows: Sequence[Mapping[Ligand, Mapping[str, float]]],
    shares: Sequence[float] | None = None,
) -> Floats:
    """Return the EC50 of every observation, (r, n), at r rows of changed parameters, from one call of the engine.

    ``shares`` says of every row how far from the first count of receptors to the second its cells are; by default not.
    """
    cases = sorted({(each.cell, each.ligand) for each in found}, key=lambda case: (case[0], case[1].value))
    hours = sorted({each.hours for each in found})
    settings = []
    for row, share in zip(rows, shares if shares is not None else [0.0] * len(rows), strict=True):
        for cell, ligand in cases:
            cd25, cd122 = between_counts(cell, share)
            changed = tuple(row.get(ligand, {}).items())
            settings.append(Setting(cell=cell, ligand=ligand, cd25=cd25, cd122=cd122, changed=changed))
    table = ec50(curves(settings, hours)).reshape(len(rows), len(cases), len(hours))
    places = [cases.index((each.cell, each.ligand)) for each in found]
    times = [hours.index(each.hours) for each in found]
    return table[:, places, times]
