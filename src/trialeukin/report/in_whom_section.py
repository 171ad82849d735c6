"""In whom the treatment acts: who gains, by what is known of patients and what is not, and what trials find of it."""

from collections.abc import Callable

from trialeukin.core.counting import counted
from trialeukin.report.gain_figure import GainOfGroup, gain_figure
from trialeukin.report.group_words import group_labels, patients_needed
from trialeukin.report.page import Section
from trialeukin.report.picture import Picture, Words
from trialeukin.report.study_wording import percent_with_error
from trialeukin.report.table import Table
from trialeukin.report.wording import listed, percent, rounded, signed, with_error, words
from trialeukin.trial.estimate import Interval
from trialeukin.trial.in_whom import POWER, SAME_TIME
from trialeukin.trial.in_whom_result import Group, Hidden, InWhom, PrincipalStratum, Split
from trialeukin.trial.result import StudyResult

POINTS = "points at the typical parameters"
LINES = (
    f"{POINTS}, lines the central 95 % over what is not known of the parameters (none where too few patients of the "
    "draws are of a group). Lines that overlap do not say that groups are alike: what is not known moves both; the "
    "table of differences has what is left"
)
MOST_SHOWN = 8  # of the parameters that go with the gain


def in_whom_section(result: StudyResult) -> Section:
    """Return who gains in the primary endpoint, the groups with their gains, and what trials find in them."""
    found = result.in_whom
    blocks: list[Picture | Table] = [_strata(found), _picture(found)]
    if found.splits:
        blocks.append(_splits(found))
    if found.hidden:
        blocks.append(_hidden(found))
    return Section(
        name="in-whom",
        title="In whom it acts",
        words=(_who(found), *_known(found), *_unknown(found), CAUTION),
        blocks=tuple(blocks),
    )


CAUTION = (
    "Each patient's gain rests on what two courses of one person share in the model: the person's own parameters, and "
    "the chance of dying of other causes. Groups are compared one by one; a trial that compares many finds some "
    "that differ by chance."
)


def _who(found: InWhom) -> str:
    shares = {each.kind: percent(each.share.value) for each in found.strata}
    return (
        f"{found.endpoint.label} up to {counted(found.months, 'month')}, every patient under both arms: "
        f"{shares[PrincipalStratum.ALWAYS_FREE]} are free of the event and alive either way, "
        f"{shares[PrincipalStratum.SAME_TIME]} have it at the same time either way (to {SAME_TIME:g} month), "
        f"{shares[PrincipalStratum.LATER]} later with the treatment or not at all, and "
        f"{shares[PrincipalStratum.SOONER]} sooner. Together the treatment gives "
        f"{gained(found)} months{', in brackets over the parameters' if found.gained_by_draw else ''}."
    )


def _known(found: InWhom) -> tuple[str, ...]:
    """Return which split by what is known at randomisation tells most, and whether a trial finds it."""
    telling = [split for split in found.splits if split.needed is not None]
    if not telling:
        return ("By nothing that is known at randomisation do the groups' hazard ratios differ beyond chance.",)
    most = max(telling, key=lambda split: abs(split.difference.value))
    without, having = group_labels(most.name, most.cut)
    needed = f" A trial needs about {patients_needed(most.needed)} patients to find that with {percent(POWER)} power."
    alone = max((most.without, most.having), key=lambda group: group.gained.value)
    if alone.needed is not None and found.needed is not None:
        needed += (
            f" To find the benefit, a trial of the patients who gain more alone needs {patients_needed(alone.needed)} "
            f"of them, {percent(alone.share)} of all who would be asked; one of all comers "
            f"{patients_needed(found.needed)}."
        )
    return (
        f"Of what is known at randomisation, this tells most: {having} gain {signed(most.having.gained.value, 1)} "
        f"months, {without} {signed(most.without.gained.value, 1)}{_likelihood(most)}. A trial of this study's size "
        f"finds that their hazard ratios differ in {percent(most.power.value)} of the cases.{needed}",
    )


def _likelihood(split: Split) -> str:
    if split.likely is None:
        return ""
    return f" (in {percent(split.likely)} of the draws of the parameters the former gain more)"


def _unknown(found: InWhom) -> tuple[str, ...]:
    if not found.hidden:
        return ()
    first = [words(each.name) for each in found.hidden[:3]]
    return (
        f"More decides what nobody measures at randomisation, the patients' own {listed(first)}"
        f"{' first' if len(found.hidden) > len(first) else ''}; see the last table.",
    )


def gained(found: InWhom | Group) -> str:
    """Return a mean gain in months with its interval over the parameters, such as ``+1.0 (−0.9 to +12.7)``."""
    return f"{signed(found.gained.value, 1)}{_limits(found.gained_by_draw)}"


def _strata(found: InWhom) -> Table:
    rows = tuple(
        (f"{each.kind.value}", percent_with_error(each.share), signed(each.gained, 2)) for each in found.strata
    )
    return Table(
        caption=f"All patients by how they fare under both arms up to {counted(found.months, 'month')}, ± one standard "
        "Monte Carlo error, and how many months each kind adds to the mean gain",
        head=("patients with", "share", "months added"),
        rows=(*rows, ("all", "100 %", f"{signed(found.gained.value, 2)} ± {found.gained.error:.2f}")),
    )


def _picture(found: InWhom) -> Picture:
    everybody = _row("all patients", found.gained.value, found.gained_by_draw)
    groups = [
        [
            _row(f"{label}, {percent(group.share)} of patients", group.gained.value, group.gained_by_draw)
            for label, group in zip(group_labels(split.name, split.cut), (split.without, split.having), strict=True)
        ]
        for split in found.splits
    ]
    described = "; ".join(f"{row.label}: {signed(row.value, 1)}" for block in [[everybody], *groups] for row in block)
    picture_words = Words(
        name="gains",
        title="Months gained by groups of patients",
        description=f"Mean months gained up to {counted(found.months, 'month')}. {described}.",
        caption=f"Mean months of {found.endpoint.label.lower()} that the treatment gives, up to "
        f"{counted(found.months, 'month')}: {LINES if found.gained_by_draw else POINTS}.",
    )
    return gain_figure(picture_words, [[everybody], *groups], _groups(found))


def _row(label: str, value: float, drawn: Interval | None) -> GainOfGroup:
    lower, upper = (value, value) if drawn is None else (drawn.lower, drawn.upper)
    return GainOfGroup(label=label, value=value, lower=lower, upper=upper)


def _groups(found: InWhom) -> Table:
    rows = tuple(
        (label, *_cells(group))
        for split in found.splits
        for label, group in zip(group_labels(split.name, split.cut), (split.without, split.having), strict=True)
    )
    return Table(
        caption=f"Groups of patients: event-free at {counted(found.months, 'month')} under control and treatment, "
        f"months gained{_over(found)}, hazard ratio of large trials at the typical parameters, how often "
        f"this study's trial finds a benefit in the group, and patients of a trial of the group alone for "
        f"{percent(POWER)} power (– where its effect is none, or no benefit, by what so many virtual patients show)",
        head=("group", "share", "free, control", "free, treatment", "months gained", "hazard ratio", "found", "needed"),
        rows=rows,
    )


def _cells(group: Group) -> tuple[str, ...]:
    control, treatment = group.free
    return (
        percent(group.share),
        percent(control),
        percent(treatment),
        gained(group),
        rounded(group.hazard_ratio, 2),
        percent(group.power.value, 1),
        patients_needed(group.needed),
    )


def _splits(found: InWhom) -> Table:
    rows = tuple(
        (
            f"{having} less {without}",
            f"{signed(split.difference.value, 1)}{_limits(split.difference_by_draw)}",
            "–" if split.likely is None else percent(split.likely),
            rounded(split.ratio, 2),
            percent(split.power.value, 1),
            percent(split.misleading.value, 1),
            patients_needed(split.needed),
        )
        for split in found.splits
        for without, having in (group_labels(split.name, split.cut),)
    )
    head = ("groups", "months", "gain more", "ratio", "found", "wrongly", "needed")
    kept = [column for column, name in enumerate(head) if found.gained_by_draw or name != "gain more"]
    return Table(
        caption=f"Differences between groups: months gained{_over(found)}"
        f"{', in how many draws the first gain more' if found.gained_by_draw else ''}, ratio of hazard ratios, how "
        "often this study's trial finds (by the interaction's test) that these differ, as they do and the other way, "
        f"and patients of a trial for {percent(POWER)} power",
        head=tuple(head[column] for column in kept),
        rows=tuple(tuple(row[column] for column in kept) for row in rows),
    )


def _hidden(found: InWhom) -> Table:
    shown = found.hidden[:MOST_SHOWN]
    left = f"; {len(found.hidden) - len(shown)} more are in summary.json" if len(shown) < len(found.hidden) else ""
    columns: tuple[Callable[[Hidden], str], ...] = (
        lambda each: words(each.name),
        lambda each: signed(each.lowest, 1),
        lambda each: signed(each.highest, 1),
        lambda each: with_error(signed(each.highest - each.lowest, 1), each.error, 1),
    )
    return Table(
        caption="What differs between patients, is not measured at randomisation, and goes with the gain: mean months "
        "gained by the fifth of patients with the lowest and by that with the highest values, ± one standard error; "
        f"those that stand out of {found.searched} at 5 % together (Bonferroni), most clearly first{left}",
        head=("the patient's own", "lowest fifth", "highest fifth", "difference"),
        rows=tuple(tuple(column(each) for column in columns) for each in shown),
    )


def _over(found: InWhom) -> str:
    """Return of what the limits behind gains are; nothing where there are none."""
    return " with the central 95 % over the parameters" if found.gained_by_draw else ""


def _limits(drawn: Interval | None) -> str:
    return "" if drawn is None else f" ({signed(drawn.lower, 1)} to {signed(drawn.upper, 1)})"
