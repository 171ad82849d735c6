"""``trialeukin models``: what can be simulated."""

from collections.abc import Iterator
from typing import Annotated

import typer

from trialeukin.cli.terminal import print_json, results, table
from trialeukin.cli.usage import AsJson
from trialeukin.model.named import all_names, known, system_of
from trialeukin.model.published.library import PUBLISHED, Publication, published_model
from trialeukin.model.system import System
from trialeukin.model.whole import models

TITLE = "published models, as others published them: the engine follows them, no study can choose them"


def command(
    model: Annotated[
        str | None, typer.Argument(metavar="MODEL", help="Name of one, to see what is in it; all of them without it.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the models: their states, the drugs that act in them and the events they date; then those of others.

    Of one model: everything that can be asked for or looked at, with its unit, the drugs, and the events.
    """
    names = all_names() if model is None else (known(model, "MODEL"),)
    if as_json:
        print_json([_document(system_of(name), PUBLISHED.get(name)) for name in names])
    elif model is None:
        _show_all()
    else:
        _show(system_of(model))


def _show(system: System) -> None:
    out = results()
    out.print(table(f"{system.name}: what it follows", ("name", "unit", "what", "meaning"), [*_followed(system)]))
    if system.inputs:
        drugs = [(x.drug, ", ".join(route.value for route in x.routes), x.state) for x in system.inputs]
        out.print(table("drugs", ("drug", "routes", "enters"), drugs))
    if system.events:
        events = [
            (x.name, x.watch.value, "yes" if x.ends else "no", "yes" if x.ends or x.stops_dosing else "no")
            for x in system.events
        ]
        out.print(table("events", ("event", "looked at", "ends the course", "ends dosing"), events))


def _followed(system: System) -> Iterator[tuple[str, str, str, str]]:
    for state in system.states:
        yield state.name, state.unit, "state", state.meaning
    for switch in system.switches:
        yield switch.name, "1", "switch", switch.meaning
    for observable in system.definitions:
        yield observable.name, observable.unit, "observable", observable.meaning


def _show_all() -> None:
    systems = tuple(models().values())
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
    results().print(
        table(TITLE, ("model", "states", "parameters", "describes", "paper"), _published_rows(), numeric=(1, 2))
    )


def _published_rows() -> list[tuple[str, ...]]:
    systems = ((published_model(name), publication) for name, publication in PUBLISHED.items())
    return [
        (system.name, str(len(system.states)), str(len(system.parameters)), publication.subject, publication.paper)
        for system, publication in systems
    ]


def _drugs(system: System) -> tuple[str, ...]:
    return tuple(dict.fromkeys(entry.drug for entry in system.inputs))


def _document(system: System, published: Publication | None) -> dict[str, object]:
    return {
        "name": system.name,
        "published": None if published is None else {"paper": published.paper, "describes": published.subject},
        "states": [{"name": x.name, "unit": x.unit, "meaning": x.meaning} for x in system.states],
        "switches": [{"name": x.name, "meaning": x.meaning} for x in system.switches],
        "observables": [{"name": x.name, "unit": x.unit, "meaning": x.meaning} for x in system.definitions],
        "drugs": [
            {"drug": x.drug, "routes": [route.value for route in x.routes], "state": x.state} for x in system.inputs
        ],
        "events": [event.name for event in system.events],
        "parameters": len(system.parameters),
    }
