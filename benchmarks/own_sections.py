"""Sections of the page that show what was measured of the engine alone, and what is wanted of it."""

from typing import Any

from targets import rows

Report = dict[str, Any]


def own_sections(found: Report) -> list[str]:
    """Return the sections of what was measured."""
    sections = {
        "linear": _linear,
        "sensitivity_cost": _sensitivities,
        "million": _million,
        "gpu": lambda found: gpu(found["gpu"]),
        "run_cold": _run,
    }
    return [_peak(found), *(section(found) for name, section in sections.items() if name in found)]


def targets(found: Report) -> str:
    """Return the section of targets."""
    lines = [f"| {' | '.join(row)} |" for row in rows(found)]
    return f"""## What is wanted, and what was reached

The middle one of the rounds where there are rounds. What a verdict is of is the exact number, not the rounded one.

| | target | goal beyond it | reached | |
|---|--:|--:|--:|---|
{_lines(lines)}"""


def _peak(found: Report) -> str:
    rate = found["flops_per_step"] / found["nanoseconds_per_step"]
    most = found["flops_per_step"] / (2.0 * found["instructions_per_step"])
    return f"""## Share of the peak

A step of one patient is **{found["flops_per_step"]:,} floating-point operations**, counted in the generated code
(addition, subtraction, multiplication, division, root: one; fused multiply-add: two; comparing, choosing, changing
signs: none). At {found["nanoseconds_per_step"]:.0f} ns a step, all other work of the run included, that is
{rate:.1f} GFLOP/s. A loop of independent fused multiply-adds on vectors of {found["machine"]["lanes"]} does
{found["peak_gflops"]:.1f} GFLOP/s on the same core: **{100 * found["peak_share"]:.0f} % of the peak**. Steps are those
that counted; the work of those that were tried again is left out, so that the share is rather too low than too high.

They are {found["instructions_per_step"]:,} instructions, of which only some are fused: a core that starts as many of
these in every cycle as of fused ones reaches at most **{100 * most:.0f} %** with this code."""


def _linear(found: Report) -> str:
    linear = found["linear"]
    lines = [
        f"| {int(count):,} | {1e6 * seconds:.1f} | {1 / seconds:,.0f} |"
        for count, seconds in linear["seconds_per_patient"].items()
    ]
    return f"""## Few patients and many

The same problem over {linear["days"]} days instead of years, one thread. A patient among the most costs
{linear["most_over_least"]:.2f} times what one costs among the fewest.

| patients | microseconds a patient | patients a second and core |
|--:|--:|--:|
{_lines(lines)}"""


def _sensitivities(found: Report) -> str:
    cost = found["sensitivity_cost"]
    lines = [
        f"| {count} | {ratio:.2f} | {cost['ratio_spread'][count][0]:.2f} to {cost['ratio_spread'][count][1]:.2f} "
        f"| {cost['operations_ratio'][count]:.2f} | {cost['steps_over_plain'][count]:.3f} |"
        for count, ratio in cost["ratio"].items()
    ]
    return f"""## Sensitivities

What it costs to follow how every state changes with a parameter, beside the states themselves: the extra time for
each parameter, in units of a plain solve ({cost["milliseconds_plain"]:.3g} ms a patient). {cost["patients"]} patients
over {cost["days"]} days at the same tolerance, which also controls the error of the sensitivities; the parameters are
taken evenly from all uncertain ones. At most {cost["target"]:g} is wanted. Operations are those of a step, in units of
a plain step's and counted as for the share of the peak: what the cost would be if all operations were equally fast.
The slopes of the Jacobian, at every stage, are shared by all parameters: few have to pay for them alone.

| parameters | cost of each, median | lowest to highest round | operations for each | steps, over a plain solve's |
|--:|--:|--:|--:|--:|
{_lines(lines)}"""


def _million(found: Report) -> str:
    many = found["million"]
    peak, before = many["peak memory, GiB"], many["peak memory before the run, GiB"]
    return f"""## Many patients in little memory

{many["patients"]:,} patients of `il2-pharmacokinetics` over three days, {many["patients at once"]:,} at once, kept as
quantiles, means and extremes of {many["values saved"]:,} values: **{peak:.2f} GiB at the peak**, of which the process
had {before:.2f} before the first patient; {many["seconds"]:.0f} s on all cores,
{many["patients per second"]:,} patients a second."""


def gpu(measured: Report) -> str:
    """Return the section of what `gpu_speed` reports."""
    if "not_measured" in measured:
        return f"""## On a GPU

No device was found: not measured. The engine's words: *{measured["not_measured"]}*."""
    lines = [f"| {int(count):,} | {speed:,.0f} |" for count, speed in measured["patients_per_second"].items()]
    same = "the same to the last bit" if measured["same_bits_as_cpu"] else "**not** the same to the last bit"
    return f"""## On a GPU

{measured["device"]}: patients a second by the clock, with all transfers and the loading of the program, over
{measured["days"]} days. The first {measured["compared"]:,} patients of each run are {same} as on the CPU.

| patients | patients a second |
|--:|--:|
{_lines(lines)}"""


def _run(found: Report) -> str:
    cold, warm = found["run_cold"], found["run_warm"]
    lines = [f"| {part} | {cold[part]:.2f} | {warm[part]:.2f} |" for part in cold]
    return f"""## A study from its file to its report

`trialeukin run studies/calgb-19808.toml` in a fresh process, in seconds by the clock, on all cores; cold with
no cache of ours or of Numba's, warm with both filled by the run before. Python's own compiled files and matplotlib's
list of fonts are there in both. The code that a run makes on the way is made first, so that its parts can be told
apart, and the loop's part follows its first patients for a day; solve and trials, cold, make what only they need.

| part | cold | warm |
|---|--:|--:|
{_lines(lines)}"""


def _lines(lines: list[str]) -> str:
    return "\n".join(lines)
