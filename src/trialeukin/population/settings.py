"""Which leukaemia in which setting a model may be asked about, and what no source says of the others."""

import tomllib
from functools import cache
from importlib import resources

from pydantic import BaseModel, ConfigDict

from trialeukin.core.errors import StudyError
from trialeukin.model.system import System
from trialeukin.population.description import Disease, Table, Text

FILE = resources.files("trialeukin.population").joinpath("settings.toml")
OF_LEUKAEMIA = "leukaemia_burden"
"""The quantity that every model of a leukaemia has; the others hold for anybody's blood."""


class Setting(Table):
    """What the sources say of one leukaemia in one setting.

    Attributes
    ----------
    disease : Disease
        The leukaemia.
    name : str
        Where and how it is treated.
    models : tuple of str
        The named models that follow it; none where the sources give neither kill nor response to learn it from.
    known, missing : str
        What a source gives, and what none does.
    """

    disease: Disease
    name: Text
    models: tuple[Text, ...]
    known: Text
    missing: Text


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    setting: tuple[Setting, ...]


@cache
def settings() -> tuple[Setting, ...]:
    """Return every setting, in the order of the table."""
    return _File.model_validate(tomllib.loads(FILE.read_text(encoding="utf-8"))).setting


def refuse_unknown(disease: Disease, system: System) -> None:
    """Refuse a leukaemia that the sources do not let a model follow.

    A model without leukaemia takes everybody.

    Raises
    ------
    StudyError
        With what is known of that leukaemia, what is missing, and which models there are for it.
    """
    if all(definition.name != OF_LEUKAEMIA for definition in system.definitions):
        return
    of_disease = [setting for setting in settings() if setting.disease is disease]
    followed = [name for setting in of_disease for name in setting.models]
    named = {name for setting in settings() for name in setting.models}
    if system.name in followed or (followed and system.name not in named):  # else another composition of known parts
        return
    said = "; ".join(
        f"{each.name}: known: {each.known} ({each.source.source()}); missing: {each.missing}" for each in of_disease
    )
    out = (
        f"models of it: {', '.join(followed)}"
        if followed
        else "no model of its course under treatment can be made from that"
    )
    raise StudyError(f"model {system.name} does not follow {disease.value}: {said or 'nothing is known here'}; {out}")
