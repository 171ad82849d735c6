"""From a problem to records, so that what is planned here can be run by NONMEM, mrgsolve or rxode2.

The other program needs the same model, with the same lag, bioavailability and duration for each compartment.
"""

from collections.abc import Mapping

import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import InputError
from trialeukin.engine.frame import ENTRY
from trialeukin.engine.interpreted import interpret
from trialeukin.engine.problem import Fate, Manner, Problem
from trialeukin.engine.recorded_doses import compartments_of
from trialeukin.engine.records import MODELLED_DURATION, Evid, Record, Records, TimeUnit

OBSERVE, RESET, DOSE = range(3)  # the order of things at one instant, as the engine does them


def recorded(problem: Problem, *, unit: TimeUnit, compartments: Mapping[int, int] | None = None) -> Records:
    """Return records that `trialeukin.engine.recorded_doses.scheduled` makes the same trajectories of.

    Patients are numbered from 1. Save times are observations, and the first and last instant are records too (of
    EVID 2, if nothing else is there). Doses that are not given, or are of nothing, are left out. An infusion whose
    duration is stated gets the rate at which what is available enters in that time; that is the patient's own.
    A save at the very instant at which a lag ends is what differs: records see there what has entered.

    Parameters
    ----------
    problem : Problem
        What is planned.
    unit : TimeUnit
        Of the records.
    compartments : mapping of int to int, or None
        CMT to index into the system's inputs; by default `compartments_of` the system.

    Raises
    ------
    InputError
        What no record can say: dose rules, doses that enter directly where a lag is, and resets to anything
        but the initial states.
    """
    if problem.rules:
        names = ", ".join(f"{rule.action.value} by {rule.condition.quantity}" for rule in problem.rules)
        raise InputError(f"records cannot say dose rules ({names}): write what was given, without rules")
    known = compartments_of(problem.system) if compartments is None else compartments
    numbers = {entry: number for number, entry in sorted(known.items(), reverse=True)}
    start = interpret(problem.system).start
    rows: list[Record] = []
    for patient, row in enumerate(problem.parameters.tolist()):
        rows += _Writer(problem, patient, start(row), numbers, unit).rows()
    return Records(unit=unit, rows=tuple(rows))


class _Writer:
    """Writes the records of one patient."""

    def __init__(
        self, problem: Problem, patient: int, decided: Floats, numbers: Mapping[int, int], unit: TimeUnit
    ) -> None:
        count = len(problem.system.states)
        self.problem, self.patient, self.numbers, self.unit = problem, patient, numbers, unit
        self.initial = decided[:count]
        self.availability, self.lags = decided[count::ENTRY], decided[count + 1 :: ENTRY]

    def rows(self) -> list[Record]:
        """Return the records in their order."""
        looks = [(time, OBSERVE, self._record(time, Evid.OBSERVATION)) for time in self.problem.save_times.tolist()]
        found = looks + self._resets() + self._doses()
        for time in (0.0, self.problem.horizon):
            if all(each[0] != time for each in found):
                found.append((time, OBSERVE, self._record(time, Evid.OTHER)))
        return [record for *_, record in sorted(found, key=lambda each: each[:2])]

    def _record(self, time: float, evid: Evid) -> Record:
        return Record(patient=self.patient + 1, time=time * self.unit.per_day, evid=evid)

    def _resets(self) -> list[tuple[float, int, Record]]:
        resets = self.problem.resets
        found: list[tuple[float, int, Record]] = []
        if resets is None:
            return found
        for place, time in enumerate(resets.times[self.patient].tolist()):
            if time > self.problem.horizon:
                break
            anew = resets.keeps[self.patient, place] == 0.0
            if not (anew and np.array_equal(resets.states[self.patient, place], self.initial)):
                message = f"patient {self.patient}: the reset at {time:g} day is not to the initial states"
                raise InputError(f"{message}, which is all that a record can say: write the doses that lead there")
            found.append((time, RESET, self._record(time, Evid.RESET)))
        return found

    def _doses(self) -> list[tuple[float, int, Record]]:
        doses = self.problem.doses
        columns = zip(*(each.tolist() for each in doses.schedule(self.patient)), strict=True)
        found = []
        for place, (time, duration, entry, manner) in enumerate(columns):
            amount = float(doses.amounts[self.patient, place])
            given = doses.fates[self.patient, place] == Fate.GIVEN and amount > 0.0
            if given and time <= self.problem.horizon:
                found.append((time, DOSE, self._dose(time, duration, entry, Manner(manner), amount)))
        return found

    def _dose(self, time: float, duration: float, entry: int, manner: Manner, amount: float) -> Record:
        if entry not in self.numbers:
            known = ", ".join(f"{number} is input {each}" for each, number in self.numbers.items())
            raise InputError(f"no compartment number for input {entry}: say it in 'compartments' ({known})")
        share = float(self.availability[entry])
        whole = amount
        if manner is Manner.DIRECT:
            if self.lags[entry] > 0.0 or share == 0.0:
                past = f"lag {self.lags[entry]:g} day and bioavailability {share:g} of its input"
                message = f"patient {self.patient}: the dose at {time:g} day enters directly, past {past}"
                raise InputError(f"{message}: no record says that; give it as PLAIN, or write the course without it")
            whole = amount / share
        rate = 0.0
        if manner is Manner.MODELLED:
            rate = MODELLED_DURATION
        elif duration > 0.0:
            at_rate = manner is not Manner.PLAIN or share == 0.0
            rate = amount * (1.0 if at_rate else share) / duration / self.unit.per_day
        return Record(
            patient=self.patient + 1,
            time=time * self.unit.per_day,
            evid=Evid.DOSE,
            amount=whole,
            rate=rate,
            compartment=self.numbers[entry],
        )
