"""``trialeukin parameters``: every number of biology with its two spreads and its source."""

from typing import Annotated

import typer

from trialeukin.cli.named_models import known, system_of
from trialeukin.cli.terminal import print_json, results, table
from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import citation
from trialeukin.model.system import System
from trialeukin.model.whole import models

HEAD = ("parameter", "value", "unit", "between patients", "uncertainty", "scale", "source", "meaning")


def command(
    model: Annotated[
        str | None, typer.Option("--model", "-m", help="Name of the model; see: trialeukin models.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """List parameters: value, unit, both spreads (standard deviations on the scale named) and source.

    Without a model, those of the project's own models; a published model is named.
    """
    systems = [system_of(known(model, "--model"))] if model is not None else list(models().values())
    if as_json:
        print_json([_document(system) for system in systems])
        return
    for system in systems:
        rows = [_row(name, parameter) for name, parameter in system.parameters.items()]
        results().print(table(f"{system.name}: {len(rows)} parameters", HEAD, rows, numeric=(1, 3, 4)))


def _row(name: str, parameter: Parameter) -> tuple[str, ...]:
    return (
        name,
        f"{parameter.value:.4g}",
        parameter.unit,
        f"{parameter.between_patients:.3g}",
        f"{parameter.uncertainty:.3g}",
        parameter.scale.value,
        str(parameter.source),
        parameter.meaning,
    )


def _document(system: System) -> dict[str, object]:
    return {
        "model": system.name,
        "parameters": [_record(name, parameter) for name, parameter in system.parameters.items()],
    }


def _record(name: str, parameter: Parameter) -> dict[str, object]:
    source = parameter.source
    return {
        "name": name,
        "value": parameter.value,
        "unit": parameter.unit,
        "between_patients": parameter.between_patients,
        "uncertainty": parameter.uncertainty,
        "scale": parameter.scale.value,
        "meaning": parameter.meaning,
        "source": {
            "key": source.key,
            "citation": "" if source.assumed else citation(source.key),
            "place": source.place,
            "assumed": source.assumed,
        },
    }
