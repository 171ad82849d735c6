"""``trialeukin models``: what can be simulated."""

from trialeukin.cli.terminal import print_json, results, table
from trialeukin.cli.usage import AsJson
from trialeukin.model.published.library import PUBLISHED, Publication, published_model
from trialeukin.model.system import System
from trialeukin.model.whole import models

TITLE = "published models, as others published them: the engine follows them, no study can choose them"


def command(as_json: AsJson = False) -> None:
    """List the models: their states, the drugs that act in them and the events they date; then those of others."""
    systems = tuple(models().values())
    if as_json:
        print_json([*(_document(system, None) for system in systems), *_published_documents()])
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
    results().print(
        table(TITLE, ("model", "states", "parameters", "describes", "paper"), _published_rows(), numeric=(1, 2))
    )


def _published_rows() -> list[tuple[str, ...]]:
    systems = ((published_model(name), publication) for name, publication in PUBLISHED.items())
    return [
        (system.name, str(len(system.states)), str(len(system.parameters)), publication.subject, publication.paper)
        for system, publication in systems
    ]


def _published_documents() -> list[dict[str, object]]:
    return [_document(published_model(name), publication) for name, publication in PUBLISHED.items()]


def _drugs(system: System) -> tuple[str, ...]:
    return tuple(dict.fromkeys(entry.drug for entry in system.inputs))


def _document(system: System, published: Publication | None) -> dict[str, object]:
    return {
        "name": system.name,
        "published": None if published is None else {"paper": published.paper, "describes": published.subject},
        "states": [{"name": x.name, "unit": x.unit, "meaning": x.meaning} for x in system.states],
        "observables": [{"name": x.name, "unit": x.unit, "meaning": x.meaning} for x in system.definitions],
        "drugs": [
            {"drug": x.drug, "routes": [route.value for route in x.routes], "state": x.state} for x in system.inputs
        ],
        "events": [event.name for event in system.events],
        "parameters": len(system.parameters),
    }
