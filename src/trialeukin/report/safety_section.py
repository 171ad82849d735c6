"""How much of the plan was given, why not all of it, and what it did to the patients."""

from trialeukin.report.page import Section
from trialeukin.report.picture import Picture, Words
from trialeukin.report.table import Table
from trialeukin.report.toxicity_figure import GradesOfArm, toxicity_figure
from trialeukin.report.wording import arms_in_order, percent
from trialeukin.trial.arm_result import Adherence, ArmResult, Toxicity
from trialeukin.trial.published import Disposition, PublishedDisposition
from trialeukin.trial.result import StudyResult

GRADE = "_grade"


def safety_section(result: StudyResult) -> Section:
    """Return doses given beside those planned, reasons, and toxicity by worst grade."""
    treated = [(arm, arm.adherence) for arm, _ in arms_in_order(result) if arm.adherence is not None]
    blocks: list[Picture | Table] = []
    if treated:
        blocks.extend((_doses(treated), _reasons(treated), _dispositions(result, treated)))
    if any(arm.toxicities for arm in result.arms):
        blocks.append(_toxicity(result))
    if result.study.published.toxicities:
        blocks.append(_published_toxicity(result))
    words = (
        "The regimen's rules hold, reduce and stop doses inside the simulation; every change has its reason."
        if treated
        else "No arm of this study gets a drug."
    )
    return Section(name="safety", title="Doses given and toxicity", words=(words,), blocks=tuple(blocks))


def _doses(treated: list[tuple[ArmResult, Adherence]]) -> Table:
    rows = []
    for arm, adherence in treated:
        share = adherence.intensity
        rows.append(
            (
                arm.name,
                percent(share.mean),
                percent(share.median),
                f"{100.0 * share.lower_quartile:.0f} to {percent(share.upper_quartile)}",
                f"{100.0 * share.lowest:.0f} to {percent(share.highest)}",
            )
        )
    return Table(
        caption="Dose intensity: given over planned amount of the studied drug, all patients of the arm",
        head=("arm", "mean", "median", "middle half", "range"),
        rows=tuple(rows),
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
        caption="What became of the treatment, as a share of all patients of the arm",
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


def _item(toxicity: Toxicity) -> str:
    name = toxicity.meaning if toxicity.meaning and not toxicity.item.endswith(GRADE) else toxicity.item
    return name.removesuffix(GRADE).replace("_", " ")


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
