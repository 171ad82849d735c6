"""``trialeukin models``: what can be simulated."""

from typing import Annotated

import typer

from trialeukin.cli.terminal import print_json, results, table
from trialeukin.model.system import System
from trialeukin.model.whole import models


def command(as_json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False) -> None:
    """List the models: their states, the drugs that act in them and the events they date."""
    systems = tuple(models().values())
    if as_json:
        print_json([_document(system) for system in systems])
        return
    rows = [
        (
            system.name,
            str(len(system.states)),
            str(len(system.parameters)),
            ", ".join(_drugs(system)),
            ", ".join(event.name.replace("_", " ") for event in system.events),
        )
        for system in systems
    ]
    results().print(table("", ("model", "states", "parameters", "drugs", "events"), rows, numeric=(1, 2)))


def _drugs(system: System) -> tuple[str, ...]:
    return tuple(dict.fromkeys(entry.drug for entry in system.inputs))


def _document(system: System) -> dict[str, object]:
    return {
        "name": system.name,
        "states": [{"name": x.name, "unit": x.unit, "meaning": x.meaning} for x in system.states],
        "observables": [{"name": x.name, "unit": x.unit, "meaning": x.meaning} for x in system.definitions],
        "drugs": [
            {"drug": x.drug, "routes": [route.value for route in x.routes], "state": x.state} for x in system.inputs
        ],
        "events": [event.name for event in system.events],
        "parameters": len(system.parameters),
    }
