"""A data set of dosing records and the parameters that stand beside them, for a model."""

from collections.abc import Mapping
from dataclasses import dataclass

from trialeukin.core.errors import InputError
from trialeukin.engine.records import Records, TimeUnit
from trialeukin.engine.records_text import KNOWN, NEEDED, columns_of, parse_individual, parse_records
from trialeukin.model.system import System


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSet:
    """What a data set says.

    Attributes
    ----------
    records : Records
        What was given, when is looked, and what was measured.
    individual : mapping of str to (n,), in each parameter's unit
        Parameters that each patient has of his own, by columns of their names.
    """

    records: Records
    individual: Mapping[str, tuple[float, ...]]


def read_data_set(
    text: str, system: System, *, unit: TimeUnit, name: str, ignored: frozenset[str] = frozenset()
) -> DataSet:
    """Return what a text with NONMEM's columns says, and each patient's own parameters in columns of their names.

    Parameters
    ----------
    text : str
        As `trialeukin.engine.records_text.parse_records` reads it.
    system : System
        The model; a column of the name of a parameter, in upper or lower case, has its value for each ID.
    unit : TimeUnit
        Of TIME and II, and what RATE is per.
    name : str
        What messages call the text.
    ignored : frozenset of str
        Columns to pass over.

    Raises
    ------
    InputError
        Where a column or a record has no meaning.
    """
    passed = {each.upper() for each in ignored}
    columns = columns_of(text, name=name)
    parameters = [each for each in system.parameters if each.upper() not in {*KNOWN, *passed}]
    for each in sorted(passed - set(columns)):
        raise InputError(f"{name}: no column {each!r} to pass over: there are {', '.join(columns)}")
    if "" in columns:
        raise InputError(f"{name}, line 1: column {columns.index('') + 1} has no name: name it, or take it out")
    strange = [each for each in columns if each not in {*KNOWN, *passed, *(name.upper() for name in parameters)}]
    for each in NEEDED if len(columns) > 1 else ():  # one column is separated otherwise, which the reader says
        if each not in columns:
            raise InputError(f"{name}, line 1: no column {each}: give a first line with names, {each} among them")
    if len(columns) > 1 and strange:
        such_as, parameter = next(iter(system.parameters.items()))
        raise InputError(
            f"{name}, line 1: no meaning is known of {', '.join(strange)}: columns are {', '.join(KNOWN)}, and "
            f"parameters of {system.name} by their names, such as {such_as} ({parameter.unit}): pass "
            f"others over with --ignored {','.join(strange)}"
        )
    records = parse_records(text, unit=unit, name=name, ignored=frozenset((*ignored, *parameters)))
    if not records.rows:
        raise InputError(f"{name}: no records: give one for each dose and each time to look at")
    return DataSet(records=records, individual=parse_individual(text, parameters, name=name))
