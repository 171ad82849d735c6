"""``trialeukin parameters``: every number of biology with its two spreads and its source."""

from typing import Annotated

import typer

from trialeukin.cli.terminal import print_json, results, table
from trialeukin.cli.usage import AsJson
from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import citation
from trialeukin.model.fitted import fit_of_parameter
from trialeukin.model.named import known, system_of
from trialeukin.model.system import System
from trialeukin.model.whole import models

HEAD = ("parameter", "value", "unit", "between patients", "uncertainty", "scale", "fit", "source", "meaning")


IMMUNE = ("immune",)


def command(
    model: Annotated[
        str | None,
        typer.Argument(
            metavar="MODEL", help="Name of a model, as 'trialeukin models' lists them; all of them without it."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List parameters: value, unit, both spreads (standard deviations on the scale named), fit and source.

    The fit says what was believed before it, and the shrinkage: the share of the prior variance that observations took
    away. What is not identified keeps its prior, and is drawn from it in every prediction. Without a model, the
    project's own models are listed; a published model is named.
    """
    systems = [system_of(known(model, "MODEL"))] if model is not None else list(models().values())
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
        _fit_words(name, parameter),
        str(parameter.source),
        parameter.meaning,
    )


def _fit_words(name: str, parameter: Parameter) -> str:
    fit = fit_of_parameter(IMMUNE, name, parameter)
    if fit is None:
        return ""
    return f"prior {fit.prior:.3g} (SD {fit.prior_sd:g}), shrinkage {fit.shrinkage:.2f}: {fit.verdict.value}"


def _fit_record(name: str, parameter: Parameter) -> dict[str, object] | None:
    fit = fit_of_parameter(IMMUNE, name, parameter)
    if fit is None:
        return None
    return {
        "prior": fit.prior,
        "prior_sd": fit.prior_sd,
        "shrinkage": fit.shrinkage,
        "verdict": fit.verdict.value,
    }


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
        "fit": _fit_record(name, parameter),
        "source": {
            "key": source.key,
            "citation": "" if source.assumed else citation(source.key),
            "place": source.place,
            "assumed": source.assumed,
        },
    }
