"""How much of the plan was given, why not all of it, and what it did to the patients."""

import numpy as np

from trialeukin.report.grade_figure import grade_figure
from trialeukin.report.page import Section
from trialeukin.report.picture import Picture, Words
from trialeukin.report.study_wording import arms_in_order
from trialeukin.report.table import Table
from trialeukin.report.toxicity_figure import GradesOfArm, toxicity_figure
from trialeukin.report.wording import percent, percents
from trialeukin.trial.arm_result import Adherence, ArmResult, GradeCourse, Toxicity
from trialeukin.trial.published import Disposition, PublishedDisposition
from trialeukin.trial.result import StudyResult
from trialeukin.trial.shown import GRADE


def safety_section(result: StudyResult) -> Section:
    """Return doses given beside those planned, reasons, and toxicity by worst grade."""
    treated = [(arm, arm.adherence) for arm, _ in arms_in_order(result) if arm.adherence is not None]
    blocks: list[Picture | Table] = []
    if treated:
        delayed = [adherence.put_off for _, adherence in treated if adherence.put_off]
        blocks.extend(
            (
                _doses(treated),
                *([_put_off(treated)] if delayed else []),
                *([_reasons(treated)] if any(adherence.reasons for _, adherence in treated) else []),
                _periods(treated),
            )
        )
        blocks.append(_dispositions(result, treated))
    if any(arm.toxicities for arm in result.arms):
        blocks.append(_toxicity(result))
    followed = [arm for arm, _ in arms_in_order(result) if arm.grade_courses]
    blocks.extend(_over_time(arm, number) for number, arm in enumerate(followed))
    if followed:
        blocks.append(_first_severe(followed))
    if result.study.published.toxicities:
        blocks.append(_published_toxicity(result))
    words = (
        "The regimen's rules hold, put off, reduce and stop doses inside the simulation; every change has its reason."
        if treated
        else "No arm of this study gets a drug."
    )
    return Section(name="safety", title="Doses given and toxicity", words=(words,), blocks=tuple(blocks))


def _doses(treated: list[tuple[ArmResult, Adherence]]) -> Table:
    shares = [(arm.name, adherence.intensity) for arm, adherence in treated]
    shares += [(f"{arm.name}, per time", adherence.per_time) for arm, adherence in treated if adherence.per_time]
    late = ". Per time: of a course that delays make longer, by as much less" if len(shares) > len(treated) else ""
    return Table(
        caption=f"Dose intensity: given over planned amount of the studied drug, all patients of the arm{late}",
        head=("arm", "mean", "median", "middle half", "range"),
        rows=tuple(
            (
                name,
                percent(share.mean),
                percent(share.median),
                percents(share.lower_quartile, share.upper_quartile),
                percents(share.lowest, share.highest),
            )
            for name, share in shares
        ),
    )


def _put_off(treated: list[tuple[ArmResult, Adherence]]) -> Table:
    return Table(
        caption="Days by which the last dose that each patient got came later than planned, all patients of the arm",
        head=("arm", "mean", "median", "middle half", "range"),
        rows=tuple(
            (
                arm.name,
                f"{days.mean:.1f}",
                f"{days.median:.0f}",
                f"{days.lower_quartile:.0f} to {days.upper_quartile:.0f}",
                f"{days.lowest:.0f} to {days.highest:.0f}",
            )
            for arm, adherence in treated
            if (days := adherence.put_off) is not None
        ),
    )


def _reasons(treated: list[tuple[ArmResult, Adherence]]) -> Table:
    return Table(
        caption="Why planned doses were not given or were reduced, as a share of all planned doses",
        head=("arm", "reason", "planned doses"),
        rows=tuple(
            (arm.name, reason, percent(share, 1)) for arm, adherence in treated for reason, share in adherence.reasons
        ),
        numeric=(False, False, True),
    )


def _periods(treated: list[tuple[ArmResult, Adherence]]) -> Table:
    return Table(
        caption="Doses of the studied drug over the course of the regimen, all patients of the arm, with the share of "
        "planned doses that each reason took",
        head=("arm", "days", "planned doses", "given of planned amount", "reasons"),
        rows=tuple(
            (
                arm.name,
                f"{period.start:.0f} to {period.end:.0f}",
                str(period.doses),
                percent(period.intensity),
                "; ".join(f"{reason} {percent(share, 1)}" for reason, share in period.reasons) or "–",
            )
            for arm, _ in treated
            for period in arm.dose_periods
        ),
        numeric=(False, False, True, True, False),
        folded=True,
    )


def _dispositions(result: StudyResult, treated: list[tuple[ArmResult, Adherence]]) -> Table:
    rows = []
    for arm, adherence in treated:
        predicted = {
            Disposition.NEVER_STARTED: adherence.never_started,
            Disposition.STOPPED: adherence.stopped,
            Disposition.COMPLETED: adherence.completed,
        }
        for disposition, share in predicted.items():
            printed = [
                each
                for each in result.study.published.dispositions
                if each.arm == arm.name and each.disposition is disposition
            ]
            rows.append((f"{arm.name}, {disposition.value}", percent(share), _counts(printed)))
    return Table(
        caption="What became of the treatment, as a share of all patients of the arm. Never started: got no dose. "
        "Stopped early: a relapse, death, a discontinuation for toxicity or a rule that stops came before the last "
        "planned dose; what each took stands above. Completed: none of these, whatever was held, reduced or missed",
        head=("arm", "predicted", "published"),
        rows=tuple(rows),
    )


def _counts(printed: list[PublishedDisposition]) -> str:
    return "; ".join(f"{each.count} of {each.of} ({percent(each.count / each.of)})" for each in printed) or "–"


def _toxicity(result: StudyResult) -> Picture:
    arms = arms_in_order(result)
    items = list(dict.fromkeys(one.item for arm, _ in arms for one in arm.toxicities))
    bars = tuple(
        GradesOfArm(item=_item(found), arm=arm.name, colour=colour, fractions=found.fractions)
        for item in items
        for arm, colour in arms
        for found in arm.toxicities
        if found.item == item
    )
    severe = "; ".join(f"{bar.item} on {bar.arm} {percent(bar.fractions[2])}" for bar in bars)
    words = Words(
        name="toxicity",
        title="Toxicity by worst grade",
        description=f"Patients with grade 3 or more: {severe}.",
        caption="Predicted share of patients whose worst grade reached 1, 2, 3 or 4, faintest to strongest.",
    )
    return toxicity_figure(words, bars)


def _item(toxicity: Toxicity | GradeCourse) -> str:
    name = toxicity.meaning if toxicity.meaning and not toxicity.item.endswith(GRADE) else toxicity.item
    return name.removesuffix(GRADE).replace("_", " ")


def _over_time(arm: ArmResult, number: int) -> Picture:
    worst = "; ".join(
        f"{_item(course)} {percent(course.ever_severe[-1])}" for course in arm.grade_courses if course.ever_severe.size
    )
    words = Words(
        name=f"grades-{number}",
        title=f"Toxicity over time on {arm.name}",
        description=f"Patients who have had grade 3 by the end of the picture: {worst}.",
        caption="Predicted share of the patients alive who are at a grade on each day, and of all patients who have "
        f"had grade 3 up to it: the worst of four readings a day in {arm.grade_courses[0].patients:,} of the virtual "
        "patients; worse grades between two readings are in the bars above only. Toxicities that nobody has are in "
        "the table only.",
    )
    return grade_figure(words, tuple((_item(course), course) for course in arm.grade_courses))


def _first_severe(followed: list[ArmResult]) -> Table:
    rows = []
    for arm in followed:
        for course in arm.grade_courses:
            peak = int(np.nanargmax(course.severe))
            reached = np.isfinite(course.median_days_to_severe)
            rows.append(
                (
                    f"{arm.name}, {_item(course)}",
                    percent(course.ever_severe[-1], 1),
                    f"{course.median_days_to_severe:.0f}" if reached else "–",
                    f"{percent(course.severe[peak], 1)} on day {course.times[peak]:.0f}" if reached else "–",
                )
            )
    return Table(
        caption="First grade 3: who has it, of all patients, on which day from randomisation, and the most at once, of "
        "those alive",
        head=("arm and toxicity", "patients who have it", "median day of the first", "most at once"),
        rows=tuple(rows),
    )


def _published_toxicity(result: StudyResult) -> Table:
    return Table(
        caption="Toxicity that the study published",
        head=("toxicity", "arm", "grade", "patients", "source"),
        rows=tuple(
            (each.item, each.arm, f"{each.grade} or more", percent(each.fraction), each.source)
            for each in result.study.published.toxicities
        ),
        numeric=(False, False, False, True, False),
        folded=True,
    )
