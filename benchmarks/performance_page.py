"""The page of the documentation that shows what was measured."""

from typing import Any

from other_runs import other_runs
from own_sections import own_sections, targets
from work_precision import NAMES, OURS

Report = dict[str, Any]


def page(found: Report) -> str:
    """Return the page."""
    parts = [_head(found), targets(found), _many(found), _peers(found), _precision(found)]
    parts += [_trial(found)] if "trial" in found else []
    parts += [*own_sections(found)]
    parts += [_starts(found)] if "cold_start" in found else []
    return "\n\n".join([*parts, other_runs(), _how(found)]) + "\n"


def _head(found: Report) -> str:
    machine, (start, end) = found["machine"], found["load"]
    return f"""# Performance

Written by `make bench` (`benchmarks/engine.py`), which also writes `out/bench/engine.json`. Everything here is from
one run, on {machine["cores"]} cores that LLVM calls {machine["processor"]}, {machine["lanes"]} patients in a vector.

**The machine may have had other work meanwhile**: its load was {start:.1f} at the start and {end:.1f} at the end.
Times of one thread are therefore processor time, which waiting does not lengthen, though neighbours in cache and
memory do. Solvers take turns in {found["rounds"]} rounds, and a ratio is taken within a round. Read a ratio as good to
about its spread, not better."""


def _many(found: Report) -> str:
    problem, threads, middle = found["problem"], found["threads"], found["threads_median"]
    rows = [
        f"| {count} | {_number(threads[count])} | {_number(middle[count])} | {threads[count] / threads['1']:.2f} |"
        for count in threads
    ]
    return f"""## Many patients

{problem["patients"]} different patients of `{problem["model"]}`, 168 daily subcutaneous doses of aldesleukin (1 MIU/m2,
days 1-14 of twelve 28-day cycles), {problem["days"]} days, all states kept daily, no events or rules, at the tolerance
a study runs with:

**{_number(found["patients_per_second_core"])} patients a second and core** in the best round, \
{_number(found["patients_per_second_core_median"])} in the median one;
{_number(found["steps_per_patient"])} steps a patient, {found["nanoseconds_per_step"]:.0f} ns a step;
{found["failed"]} failed.

By the clock, which others' work does lengthen:

| threads | patients a second, best round | median | best over best of one thread |
|--:|--:|--:|--:|
{_lines(rows)}"""


def _peers(found: Report) -> str:
    rows = [_peer(found, name, each) for name, each in found["like_error"].items()]
    return f"""## Against other solvers at like true error

The same {found["problem"]["compared"]} patients for all. Each peer runs at the loosest tolerance of its ladder below
whose true error is at most {found["target_error"]:.0e}, and beside it ours at the loosest whose true error is *no
larger than that peer's*. Milliseconds a patient are median (least) of the rounds.

| peer | its error | its ms | our error | our ms | ratio, median | lowest to highest round |
|---|--:|--:|--:|--:|--:|--:|
{_lines(rows)}

At the tolerance a study runs with, our true error for these patients is {found["error"][OURS]:.1e}."""


def _peer(found: Report, name: str, each: Report) -> str:
    low, high = found["ratio_spread"][name]
    theirs, ours = each["milliseconds"], each["our_milliseconds"]
    return (
        f"| {each['words']} | {each['error']:.1e} | {_pair(theirs)} | {each['our_error']:.1e} | {_pair(ours)} "
        f"| {_number(found['ratio'][name])} | {_number(low)} to {_number(high)} |"
    )


def _precision(found: Report) -> str:
    rows = [_rung(name, each) for name, rungs in found["work_precision"].items() for each in rungs]
    return f"""## Work and precision

![Milliseconds a patient over the true error, a line for each solver](work-precision.svg)

True error and milliseconds a patient at every relative tolerance that was tried, timed once.

| solver | relative tolerance | true error | ms |
|---|--:|--:|--:|
{_lines(rows)}"""


def _rung(name: str, each: Report) -> str:
    numbers = f"{each['relative_tolerance']:.1e} | {each['error']:.1e} | {each['milliseconds']:.3g}"
    return f"| {NAMES.get(name, name)} | {numbers} |"


def _trial(found: Report) -> str:
    rows = [f"| {arm} | {_pair(each)} | {each['failed']} |" for arm, each in found["trial"].items()]
    return f"""## A whole trial

CALGB 19808 over five years as `trialeukin run` asks for it: the study's cohort, relapse at examinations, extinction,
deaths, discontinuation and dose rules in the run, courses and extremes kept. Ours alone; a patient ends at death.

| arm | ms a patient and core, median (least) | failed |
|---|--:|--:|
{_lines(rows)}"""


def _starts(found: Report) -> str:
    cold, warm = found["cold_start"], found["warm_start"]
    rows = [f"| {part} | {cold[part]:.2f} | {warm[part]:.2f} |" for part in cold]
    return f"""## Starts

A fresh process that imports the engine and follows eight patients for four weeks, in seconds by the clock. *Cold*: no
cache of ours or of Numba's. *Warm*: both filled by the start before; the best of several, whose median is
{found["warm_start_median_s"]:.2f} s.

| part | cold | warm |
|---|--:|--:|
{_lines(rows)}"""


def _how(found: Report) -> str:
    versions = ", ".join(f"{name} {text}" for name, text in found["versions"].items())
    missing = ", ".join(found["not_installed"]) or "none"
    return f"""## How it is measured

- *True error* is the largest relative error over patients, days and states where a state exceeds a thousandth of its
  own largest value in that patient. The truth is a tight solution by {found["judge"]}; a tight one of ours differs from
  it by {found["error"]["reference"]:.1e} by the same measure. The logarithms of the leukaemic burden pass through
  zero, where a relative error is hard on every solver alike.
- *Parameters*: every positive number that is not exactly known is spread log-normally by 30 %. Fractions are moved by
  0.3 on the logit scale. Constants, covariates, risk flags, decimal logarithms of burdens and thresholds of events
  stay at their values.
- *Tolerances*: every solver's absolute tolerance is 1e-4 of its relative one times the state's size; numbalsoda takes
  one number for all states, the smallest of these.
- *Peers* get the equations from the same graph as our code: common parts once, what only parameters decide once a
  patient, exact Jacobian (numbalsoda takes none), compiled by Numba with fused multiply-add. Each restarts at every
  dose. CVODE and SciPy's LSODA call the compiled functions through Python, as their users do; that is part of their
  time, and a good part. Compiling is not.
- *heyoka* follows patients in the lanes that it recommends, each to its own doses, without its compact mode, and is
  given as many copies of the patients as ours. *libRoadRunner* reads the equations as SBML, and doses set its states
  between simulations. *diffrax* follows patients under vmap, stretches between doses under scan; a run of Kvaerno5
  takes a minute, so it is timed in one round.
- *Ours* follows each of the compared patients several times over, so that all lanes of a vector have work, as with a
  cohort.
- Solvers that were not installed: {missing}.

Versions: {versions}. The run took {found["seconds"]:.0f} s."""


def _lines(rows: list[str]) -> str:
    return "\n".join(rows)


def _pair(milliseconds: Report) -> str:
    return f"{milliseconds['median']:.3g} ({milliseconds['least']:.3g})"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
