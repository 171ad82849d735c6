"""Patients, events, doses and trajectories as columns for Parquet files."""

import numpy as np
import pyarrow as pa

from trialeukin.core.arrays import Floats
from trialeukin.engine.trajectories import Status
from trialeukin.trial.arm_result import FAN_LEVELS, ArmResult, Fan
from trialeukin.trial.result import StudyResult
from trialeukin.trial.tables import DoseTable

PARAMETERS = (("LFS", "Leukaemia-free survival"), ("OS", "Overall survival"), ("TTR", "Time to relapse"))
RELAPSE, DEATH, END = "relapse found", "death", "end of the simulation"


def patients(result: StudyResult) -> pa.Table:
    """Return one row a patient and arm: covariates, event times (month, null for never) and dose intensity."""
    table, arms = result.patients, [arm.name for arm in result.arms]
    count = table.indices.size
    columns: dict[str, pa.Array] = {
        "USUBJID": _names(subjects(result) * len(arms)),
        "TRT01P": _names([name for name in arms for _ in range(count)]),
    }
    for name, values in table.covariates.items():
        columns[name] = pa.array(np.tile(values, len(arms)))
    for name, rows in (
        ("relapse_crossing", table.relapse_crossing),
        ("relapse", table.relapse),
        ("death", table.death),
        ("dose_intensity", table.intensity),
    ):
        columns[name] = nullable(rows.ravel())
    columns["death_in_remission"] = pa.array(table.death_in_remission.ravel())
    columns["status"] = _names([Status(int(code)).name.lower() for code in table.status.ravel()])
    return pa.table(columns).replace_schema_metadata(_units(table.covariate_units))


def events(result: StudyResult) -> pa.Table:
    """Return the virtual population in the shape of CDISC's ADTTE: one row a patient, arm and endpoint.

    AVAL is in months from randomisation; CNSR is zero for an event; EVNTDESC says what ended the time:
    a death ends the time to relapse as a censoring. Patients whose trajectory failed have no rows for that arm.
    """
    table, horizon = result.patients, result.study.follow_up.horizon_months
    everyone = np.array(subjects(result))
    parts = []
    for place, arm in enumerate(result.arms):
        computed = table.status[place] <= Status.ENDED_BY_EVENT
        names = everyone[computed].tolist()
        relapse, death = table.relapse[place, computed], table.death[place, computed]
        times = {"LFS": np.minimum(relapse, death), "OS": death, "TTR": relapse}
        for code, words in PARAMETERS:
            followed = np.minimum(horizon, death) if code == "TTR" else np.full(relapse.size, horizon)
            happened = times[code] <= followed
            ended = np.where(death <= horizon, DEATH, END)
            event = np.where(relapse <= np.minimum(death, horizon), RELAPSE, ended) if code != "OS" else ended
            parts.append(
                pa.table(
                    {
                        "STUDYID": _names([result.study.study.name] * len(names)),
                        "USUBJID": _names(names),
                        "TRT01P": _names([arm.name] * len(names)),
                        "PARAMCD": _names([code] * len(names)),
                        "PARAM": _names([words] * len(names)),
                        "AVAL": pa.array(np.minimum(times[code], followed)),
                        "AVALU": _names(["MONTHS"] * len(names)),
                        "CNSR": pa.array(np.where(happened, 0, 1).astype(np.int8)),
                        "EVNTDESC": _names(event.tolist()),
                    }
                )
            )
    return pa.concat_tables(parts, promote_options="none").unify_dictionaries()


def doses(result: StudyResult) -> pa.Table:
    """Return every planned dose of every patient: day, drug, route, planned, given, how late and why."""
    schema = pa.schema(
        [
            *((name, pa.dictionary(pa.int32(), pa.string())) for name in ("USUBJID", "TRT01P")),
            *((name, pa.float64()) for name in ("day", "duration")),
            *((name, pa.dictionary(pa.int32(), pa.string())) for name in ("drug", "route", "unit")),
            *((name, pa.float64()) for name in ("planned", "given", "put_off")),
            ("reason", pa.dictionary(pa.int32(), pa.string())),
        ]
    )
    parts = [_doses_of_arm(each, subjects(result)) for each in result.doses]
    return pa.concat_tables(parts).unify_dictionaries() if parts else schema.empty_table()


def trajectories(result: StudyResult) -> pa.Table:
    """Return quantiles over an arm's patients, courses of chosen ones, and shares at grades of toxicity, row by row."""
    parts = [_fan(arm, fan) for arm in result.arms for fan in (*arm.fans, *arm.exposure_fans)]
    parts += [
        _rows(
            arm.name,
            (course.quantity, course.unit),
            course.times,
            course.values,
            label=f"patient {course.patient}: {course.label}",
        )
        for arm in result.arms
        for course in arm.courses
    ]
    parts += [
        _rows(arm.name, (course.item, "1"), course.times, shares, label=label)
        for arm in result.arms
        for course in arm.grade_courses
        for label, shares in (
            ("share at grade 2 or more", course.moderate),
            ("share at grade 3 or more", course.severe),
            ("share who have had grade 3", course.ever_severe),
        )
    ]
    return pa.concat_tables(parts).unify_dictionaries()


def subjects(result: StudyResult) -> list[str]:
    """Return the name of every patient, the same under every arm."""
    return [f"{result.study.study.name}-{index:06d}" for index in result.patients.indices]


def _doses_of_arm(each: DoseTable, names: list[str]) -> pa.Table:
    count, planned = len(names), each.days.size

    def by_dose(values: tuple[str, ...]) -> pa.Array:
        words = sorted(set(values))
        codes = np.tile(np.array([words.index(value) for value in values], dtype=np.int32), count)
        return pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(words, pa.string()))

    codes = sorted(each.reasons)
    reasons = np.searchsorted(codes, each.fates.ravel()).astype(np.int32)
    return pa.table(
        {
            "USUBJID": pa.DictionaryArray.from_arrays(
                pa.array(np.repeat(np.arange(count, dtype=np.int32), planned)), pa.array(names, pa.string())
            ),
            "TRT01P": repeated_names(each.arm, count * planned),
            "day": pa.array(np.tile(each.days, count)),
            "duration": pa.array(np.tile(each.durations, count)),
            "drug": by_dose(each.drugs),
            "route": by_dose(each.routes),
            "unit": by_dose(each.units),
            "planned": pa.array(each.planned.ravel()),
            "given": pa.array(each.given.ravel()),
            "put_off": pa.array(each.put_off.ravel()),
            "reason": pa.DictionaryArray.from_arrays(
                pa.array(reasons), pa.array([each.reasons[code] for code in codes], pa.string())
            ),
        }
    )


def _fan(arm: ArmResult, fan: Fan) -> pa.Table:
    parts = [
        _rows(arm.name, (fan.quantity, fan.unit), fan.times, row, label=f"quantile {level:g}")
        for level, row in zip(FAN_LEVELS, fan.quantiles, strict=True)
    ]
    return pa.concat_tables(parts).unify_dictionaries()


def _rows(arm: str, quantity: tuple[str, str], times: Floats, values: Floats, *, label: str) -> pa.Table:
    return pa.table(
        {
            "TRT01P": _names([arm] * times.size),
            "quantity": _names([quantity[0]] * times.size),
            "unit": _names([quantity[1]] * times.size),
            "of": _names([label] * times.size),
            "day": pa.array(times),
            "value": nullable(values),
        }
    )


def _names(values: list[str]) -> pa.Array:
    return pa.array(values, pa.string()).dictionary_encode()


def repeated_names(text: str, count: int) -> pa.Array:
    """Return one name so many times."""
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, dtype=np.int32)), pa.array([text], pa.string()))


def nullable(values: Floats) -> pa.Array:
    """Return numbers, empty where one is not finite."""
    return pa.array(values, mask=~np.isfinite(values))


def _units(units: dict[str, str]) -> dict[str, str]:
    return {f"unit of {name}": unit for name, unit in units.items()}
