"""The slow, plain meaning of every run: one patient after another on SciPy's LSODA at 1e-10.

Nothing here is shared with the fast engine but the contracts, so that agreement means something.
What the order of things at one instant is, `trialeukin.engine.solve` says.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.integrate import LSODA
from scipy.optimize import brentq

from trialeukin.core.arrays import Floats, Integers
from trialeukin.engine.differences import differenced
from trialeukin.engine.frame import ENTRY
from trialeukin.engine.interpreted import Interpreted, interpret
from trialeukin.engine.plan import NEGATIVE_FACTOR, no_resets
from trialeukin.engine.problem import Fate, Manner, Problem
from trialeukin.engine.quantities import places
from trialeukin.engine.reference_gauge import ReferenceGauge, stacked
from trialeukin.engine.reference_rules import ReferenceRules
from trialeukin.engine.rule_table import RuleTable, rule_table
from trialeukin.engine.trajectories import Status, Trajectories
from trialeukin.engine.windows import exposure_places, put_together
from trialeukin.model.system import Event, Watch

RELATIVE = 1e-10
SPLINTER = 1e-13  # of the time reached, or of a day: instants so close need no integration between them
METHOD = "reference: SciPy LSODA, relative tolerance 1e-10"


@dataclass(slots=True, kw_only=True)
class _Entry:
    """A dose on its way in: at once if start and end are one time, else at a rate between them."""

    dose: int
    entry: int
    lag: float
    start: float
    end: float
    amount: float

    @property
    def rate(self) -> float:
        return self.amount / (self.end - self.start)


@dataclass(slots=True, kw_only=True)
class _Course:
    """One patient under way: everything that changes while time goes on."""

    state: Floats
    switches: Floats
    availability: Floats
    lags: Floats
    lengths: Floats
    given: Floats
    put_off: Floats
    fates: Integers
    happened: Floats
    rules: ReferenceRules
    values: Floats
    gauge: ReferenceGauge
    time: float = 0.0
    saved: int = 0
    examined: int = 0
    planned: int = 0
    steps: int = 0
    stopped_by: int = -1
    status: Status | None = None
    reset: int = 0
    late: float = 0.0
    waited: float = 0.0
    boluses: list[_Entry] = field(default_factory=list)
    infusions: list[_Entry] = field(default_factory=list)


def solve_by_reference(problem: Problem, *, progress: Callable[[int], None] | None = None) -> Trajectories:
    """Return the trajectories of a problem; its tolerance is not looked at, save for negative states."""
    found = _followed(problem, progress)
    if not problem.sensitive_to:
        return found
    return replace(found, slopes=differenced(problem, found, lambda changed: _followed(changed, None)))


def _followed(problem: Problem, progress: Callable[[int], None] | None) -> Trajectories:
    model = interpret(problem.system)
    follower = _Follower(problem, model)
    courses = []
    for patient in range(problem.parameters.shape[0]):
        courses.append(follower.follow(patient))
        if progress is not None:
            progress(patient + 1)
    events, states = len(problem.system.events), len(problem.system.states)
    return Trajectories(
        times=problem.save_times,
        save=problem.save,
        values=_stack([c.values for c in courses], (problem.save_times.size, len(problem.save))),
        exposures=problem.exposures,
        **put_together(problem, stacked(problem, [c.gauge for c in courses])),
        events=tuple(event.name for event in problem.system.events),
        event_times=_stack([c.happened for c in courses], (events,)),
        given=_stack([c.given for c in courses], problem.doses.amounts.shape[1:]),
        put_off=_stack([c.put_off for c in courses], problem.doses.amounts.shape[1:]),
        fates=np.stack([c.fates for c in courses]) if courses else problem.doses.fates.copy(),
        status=np.array([c.status for c in courses], dtype=np.int64),
        last=_stack([c.state for c in courses], (states,)),
        end_times=np.array([c.time for c in courses], dtype=np.float64),
        steps=np.array([c.steps for c in courses], dtype=np.int64),
        method=METHOD,
    )


def _stack(rows: list[Floats], shape: tuple[int, ...]) -> Floats:
    return np.stack(rows) if rows else np.zeros((0, *shape))


class _Follower:
    """Follows the patients of one problem."""

    def __init__(self, problem: Problem, model: Interpreted) -> None:
        self.problem = problem
        self.model = model
        self.system = problem.system
        self.rules: RuleTable = rule_table(problem.system, problem.rules)
        self.saves = list(places(problem.system, problem.save, asked_by="save"))
        self.watched = exposure_places(problem).tolist()
        self.names = [state.name for state in self.system.states]
        self.switch_names = [switch.name for switch in self.system.switches]
        self.targets = [self.names.index(entry.state) for entry in self.system.inputs]
        sizes = np.array([state.size for state in self.system.states])
        absolute = problem.tolerance.absolute * sizes
        self.absolute = RELATIVE * absolute
        positive = np.array([state.positive for state in self.system.states], dtype=np.bool_)
        self.floor = np.where(positive, -NEGATIVE_FACTOR * problem.tolerance.relative * absolute, -np.inf)
        self.examined_events = any(event.watch is Watch.AT_EXAMINATIONS for event in self.system.events)
        self.parameters: list[float] = []
        self.resets = problem.resets or no_resets(problem)

    def follow(self, patient: int) -> _Course:
        """Return the whole course of one patient."""
        self.parameters = self.problem.parameters[patient].tolist()
        course = self._begin(patient)
        self._save(course, 0.0, lambda _: course.state)
        self._fire(course, Watch.ALWAYS)
        while course.status is None:
            self._instant(course, patient)
            if course.status is None and course.time >= self.problem.horizon:
                course.status = Status.REACHED_HORIZON
            if course.status is None:
                self._advance(course, self._next_stop(course, patient))
        self._close(course, patient)
        return course

    def _begin(self, patient: int) -> _Course:
        problem, n = self.problem, len(self.names)
        start = self.model.start(self.parameters)
        course = _Course(
            state=start[:n],
            switches=np.array([switch.initial for switch in self.system.switches]),
            availability=start[n::ENTRY],
            lags=start[n + 1 :: ENTRY],
            lengths=start[n + 2 :: ENTRY],
            given=np.zeros(problem.doses.amounts.shape[1]),
            put_off=np.zeros(problem.doses.amounts.shape[1]),
            fates=problem.doses.fates[patient].copy(),
            happened=np.full(len(self.system.events), np.nan),
            rules=ReferenceRules.of(self.rules),
            gauge=ReferenceGauge.of(problem),
            values=np.full((problem.save_times.size, len(self.saves)), np.nan),
        )
        if not np.isfinite(start).all():
            course.status = Status.NOT_FINITE
        elif (start[n:] < 0.0).any():
            course.status = Status.NEGATIVE_STATE
        return course

    def _view(self, course: _Course, state: Floats) -> Floats:
        definitions = self.model.definitions(state.tolist(), course.switches.tolist(), self.parameters)
        return np.concatenate((state, course.switches, definitions))

    def _triggers(self, course: _Course, state: Floats, watch: Watch) -> Floats:
        """Return triggers, with minus infinity for what has happened or is not watched now."""
        values = self.model.triggers(state.tolist(), course.switches.tolist(), self.parameters)
        watched = np.array([event.watch is watch for event in self.system.events], dtype=np.bool_)
        return np.where(watched & np.isnan(course.happened), values, -np.inf)

    def _save(self, course: _Course, until: float, state_at: Callable[[float], Floats]) -> None:
        times = self.problem.save_times
        while course.saved < times.size and times[course.saved] <= until:
            state = state_at(float(times[course.saved]))
            course.values[course.saved] = self._view(course, state)[self.saves]
            course.saved += 1

    def _fire(self, course: _Course, watch: Watch) -> None:
        """Let happen, one by one, every event whose trigger is at zero or above."""
        while course.status is None:
            ready = np.flatnonzero(self._triggers(course, course.state, watch) >= 0.0)
            if ready.size == 0:
                return
            self._happen(course, int(ready[0]))

    def _happen(self, course: _Course, index: int) -> None:
        event = self.system.events[index]
        course.happened[index] = course.time
        values = self.model.sets[index](course.state.tolist(), course.switches.tolist(), self.parameters)
        course.state, course.switches = course.state.copy(), course.switches.copy()
        for name, value in zip(event.sets, values, strict=True):
            if name in self.names:
                course.state[self.names.index(name)] = value
            else:
                course.switches[self.switch_names.index(name)] = value
        if event.ends:
            course.status = Status.ENDED_BY_EVENT
        if (event.stops_dosing or event.ends) and course.stopped_by < 0:
            self._stop_dosing(course, index, event)

    def _stop_dosing(self, course: _Course, index: int, event: Event) -> None:
        fate = Fate.AFTER_END if event.ends else Fate.EVENT + index
        course.stopped_by = int(fate)
        for infusion in course.infusions:
            start, end = infusion.start - infusion.lag, infusion.end - infusion.lag
            if course.time < end:
                share = (course.time - start) / (end - start)
                course.given[infusion.dose] *= share
                course.fates[infusion.dose] = fate
                infusion.amount *= share
                infusion.end = course.time + infusion.lag

    def _instant(self, course: _Course, patient: int) -> None:
        """Do everything that is due now: examinations, doses, entries, then triggers again."""
        self._reset(course, patient)
        examinations = self.problem.examinations
        while course.examined < examinations.size and examinations[course.examined] <= course.time:
            course.examined += 1
            self._fire(course, Watch.AT_EXAMINATIONS)
        self._plan(course, patient)
        self._enter(course)
        self._fire(course, Watch.ALWAYS)

    def _reset(self, course: _Course, patient: int) -> None:
        """Do the resets that are due."""
        times, keeps, states = (part[patient] for part in (self.resets.times, self.resets.keeps, self.resets.states))
        while course.reset < times.size and times[course.reset] <= course.time:
            if keeps[course.reset] == 0.0:
                self._undo(course)
            course.state = (course.state if keeps[course.reset] else 0.0) + states[course.reset]
            course.reset += 1

    def _undo(self, course: _Course) -> None:
        for each in (*course.boluses, *course.infusions):
            if course.time < each.end or course.time == each.start:
                run = max(0.0, course.time - each.start)
                course.given[each.dose] *= run / (each.end - each.start) if run > 0.0 else 0.0
                course.fates[each.dose] = Fate.RESET
        course.boluses, course.infusions = [], []

    def _plan(self, course: _Course, patient: int) -> None:
        doses = self.problem.doses
        planned, _, inputs, _ = doses.schedule(patient)
        if course.status is not None or course.stopped_by >= 0:
            return
        view = self._view(course, course.state) if self.problem.rules else np.zeros(0)
        due = np.flatnonzero((np.arange(planned.size) >= course.planned) & (planned + course.late <= course.time))
        asked = due[course.fates[due] != Fate.NEVER_STARTED]
        begins = np.broadcast_to(doses.cycle_starts(), doses.amounts.shape)[patient]
        delays = [course.rules.delay(view, int(inputs[dose]), bool(begins[dose]), course.waited) for dose in asked]
        later = max(delays, default=0.0)
        course.late, course.waited = course.late + later, course.waited + later if later else 0.0
        for dose in due[: 0 if later else None].tolist():
            course.planned += 1
            course.put_off[dose] = course.late
            if course.fates[dose] != Fate.NEVER_STARTED:
                fate, fraction = course.rules.ruling(view, int(inputs[dose]))
                if course.fates[dose] == Fate.GIVEN:
                    course.fates[dose] = fate
                    self._give(course, patient, dose, fraction * doses.amounts[patient, dose])

    def _give(self, course: _Course, patient: int, dose: int, amount: float) -> None:
        times, durations, inputs, manners = (part[dose] for part in self.problem.doses.schedule(patient))
        entry, manner = int(inputs), Manner(int(manners))
        course.given[dose] = amount
        lag, share = (0.0, 1.0) if manner is Manner.DIRECT else (course.lags[entry], course.availability[entry])
        length = course.lengths[entry] if manner is Manner.MODELLED else float(durations)
        length *= share if manner is Manner.AT_RATE else 1.0
        start = float(times) + course.put_off[dose] + lag
        if amount == 0.0:
            return
        waiting = course.boluses if length == 0.0 else course.infusions
        waiting.append(_Entry(dose=dose, entry=entry, lag=lag, start=start, end=start + length, amount=amount * share))

    def _enter(self, course: _Course) -> None:
        due = [bolus for bolus in course.boluses if bolus.start <= course.time]
        if due and course.status is None:
            course.boluses = [bolus for bolus in course.boluses if bolus.start > course.time]
            course.state = course.state.copy()
            for bolus in due:
                course.state[self.targets[bolus.entry]] += bolus.amount

    def _next_stop(self, course: _Course, patient: int) -> float:
        """Return the next time at which anything but the equations changes the patient."""
        planned, examinations = self.problem.doses.schedule(patient)[0], self.problem.examinations
        coming = [self.problem.horizon]
        if course.stopped_by < 0 and course.planned < planned.size:
            coming.append(float(planned[course.planned]) + course.late)
        coming += self.resets.times[patient, course.reset : course.reset + 1].tolist()
        if self.examined_events and course.examined < examinations.size:
            coming.append(float(examinations[course.examined]))
        coming += [bolus.start for bolus in course.boluses]
        coming += [edge for infusion in course.infusions for edge in (infusion.start, infusion.end)]
        return min(time for time in coming if time > course.time)

    def _advance(self, course: _Course, stop: float) -> None:
        """Integrate to the next stop, or to the first event before it."""
        if stop - course.time <= SPLINTER * max(1.0, stop):
            course.time = stop
            self._save(course, stop, lambda _: course.state)
            return
        inflows = [0.0] * len(self.targets)
        for infusion in course.infusions:
            if infusion.start <= course.time < infusion.end:
                inflows[infusion.entry] += infusion.rate
        switches = course.switches.tolist()

        def rates(time: float, state: Floats) -> Floats:
            del time
            return self.model.rates(state.tolist(), switches, self.parameters, inflows)

        solver = LSODA(rates, course.time, course.state, stop, rtol=RELATIVE, atol=self.absolute)
        while course.status is None and solver.status == "running":
            if solver.step() is not None or not np.isfinite(solver.y).all():
                course.status = Status.STEP_TOO_SMALL if np.isfinite(rates(0.0, solver.y)).all() else Status.NOT_FINITE
                return
            course.steps += 1
            if self._step_taken(course, solver):
                return

    def _step_taken(self, course: _Course, solver: LSODA) -> bool:
        """Save and look for events inside the step just taken; say whether one happened."""
        dense = solver.dense_output()
        end, state = float(solver.t), solver.y.copy()
        crossed = np.flatnonzero(self._triggers(course, state, Watch.ALWAYS) >= 0.0)
        roots = [(self._root(course, dense, int(index), (course.time, end)), int(index)) for index in crossed]
        if roots:
            end = min(roots)[0]
            state = dense(end)
        self._save(course, end, lambda time: np.asarray(dense(time), dtype=np.float64))
        if self.watched:
            course.gauge.measure(lambda time: self._view(course, dense(time))[self.watched], course.time, end)
        course.rules.watch(lambda time: self._view(course, np.asarray(dense(time))), course.time, end)
        course.time, course.state = end, state
        if (state < self.floor).any():
            course.status = Status.NEGATIVE_STATE
        elif course.steps >= self.problem.tolerance.most_steps:
            course.status = Status.TOO_MANY_STEPS
        elif roots:
            self._happen(course, min(roots)[1])
            self._fire(course, Watch.ALWAYS)
        return bool(roots)

    def _root(self, course: _Course, dense: Callable[[float], Floats], index: int, step: tuple[float, float]) -> float:
        def trigger(time: float) -> float:
            return float(self._triggers(course, np.asarray(dense(time)), Watch.ALWAYS)[index])

        start, end = step
        if trigger(start) >= 0.0 or trigger(end) < 0.0:
            return start if trigger(start) >= 0.0 else end
        return float(brentq(trigger, start, end, xtol=1e-13 * max(1.0, end), rtol=4 * np.finfo(float).eps))

    def _close(self, course: _Course, patient: int) -> None:
        """Say of every dose that was not reached why it was not."""
        later = np.arange(course.fates.size) >= course.planned
        course.put_off[later] = course.late
        fates = np.full(later.size, course.stopped_by if course.stopped_by >= 0 else int(Fate.AFTER_END))
        if course.stopped_by < 0 and course.status is Status.REACHED_HORIZON:
            fates[self.problem.doses.schedule(patient)[0] <= course.time] = Fate.PUT_OFF
        counts = later & (course.fates != Fate.NEVER_STARTED)
        course.fates[counts] = fates[counts]
