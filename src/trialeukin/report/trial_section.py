"""The trial as it is simulated: who, which arms, how long, and each regimen as a calendar."""

from collections import defaultdict

from trialeukin.core.counting import counted
from trialeukin.regimen.administration import Administration, Per
from trialeukin.regimen.parse import parse
from trialeukin.report.calendar import calendar_of
from trialeukin.report.calendar_figure import calendar_figure
from trialeukin.report.page import Section
from trialeukin.report.picture import Picture, Words
from trialeukin.report.study_wording import arms_in_order
from trialeukin.report.table import Table
from trialeukin.report.wording import listed
from trialeukin.trial.arm_result import ArmResult
from trialeukin.trial.result import StudyResult
from trialeukin.trial.study import FollowUp, Study


def trial_section(result: StudyResult) -> Section:
    """Return the design, the arms' regimens and their calendars."""
    study = result.study
    follow_up = study.follow_up
    arms = [arm for arm, _ in arms_in_order(result)]
    sizes = listed([f"{arm.n} to {arm.name}" for arm in arms])
    compared = (
        f"Each of {listed([arm.name for arm in study.treatments])} is compared with {study.control.name}, from the "
        f"patients of these two arms; their tests are {study.procedure.words}. What is said of one treatment "
        f"without its name is of {study.treatment.name}."
    )
    words = (
        f"{study.study.title} ({study.study.source}). In every virtual trial patients are drawn from a virtual "
        f"population ({result.provenance.cohort}) and randomised {_randomised(study)}, {sizes}, over "
        f"{study.accrual.words}; the analysis is made {counted(follow_up.after_last_entry_months, 'month')} after the "
        f"last entry, with nobody followed for more than {counted(follow_up.horizon_months, 'month')}. Time zero is "
        f"randomisation; the regimen's first day comes {counted(study.population.start_after_days, 'day')} later.",
        _watched(follow_up),
        *((compared,) if result.family else ()),
    )
    table = Table(
        caption="Arms and their regimens, as trialeukin read them",
        head=("arm", "patients", "regimen", "planned total"),
        rows=tuple((arm.name, str(arm.n), arm.sentence or "observation", _total(arm.planned)) for arm in arms),
        numeric=(False, True, False, False),
    )
    pictures = tuple(_picture(arm, index) for index, arm in enumerate(arms) if arm.planned)
    return Section(name="trial", title="The trial and its regimens", words=words, blocks=(table, *pictures))


def _randomised(study: Study) -> str:
    block, covariates = study.block, [name.replace("_", " ") for name in study.analysis.stratify_by]
    if block is None:
        return f"by minimisation of {listed(covariates)}"
    patients = sum(arm.n for arm in study.arms)
    uneven = any(block * arm.n % patients for arm in study.arms)
    return (
        f"in permuted blocks of {block}"
        + (f" within strata of {listed(covariates)}" if covariates else "")
        + (", each as near to the sizes of the arms as whole patients allow" if uneven else "")
    )


def _watched(follow_up: FollowUp) -> str:
    a_year = follow_up.drop_out_per_year
    lost = f"{100.0 * a_year:.3g} % of patients a year are" if a_year else "Nobody is"
    spacings = [f"{_every(each.every_months)} to month {each.until_months:g}" for each in follow_up.examinations]
    return f"{lost} lost to follow-up; the marrow is examined {listed(spacings)}."


def _every(months: float) -> str:
    return "every month" if months == 1.0 else f"every {months:g} months"


def _picture(arm: ArmResult, index: int) -> Picture:
    calendar = calendar_of(arm.planned)
    words = Words(
        name=f"calendar-{index}",
        title=f"Calendar of {arm.name}",
        description=f"One column a week and one tile a day, over {counted(calendar.length, 'day')}: {arm.sentence}",
        caption=f"One column a week, one tile a day; numbers under the columns are days of the regimen. A stronger "
        f"colour is a higher dose; an empty tile is a day without the drug. As text: {arm.regimen}",
    )
    return calendar_figure(words, calendar, parse(arm.regimen).first_day)


def _total(planned: tuple[Administration, ...]) -> str:
    totals: dict[tuple[str, str], float] = defaultdict(float)
    for dose in planned:
        unit = dose.unit if dose.per is Per.PATIENT else f"{dose.unit}/{dose.per.value}"
        totals[dose.drug, unit] += dose.amount or 0.0
    return "; ".join(f"{drug} {amount:,.10g} {unit}" for (drug, unit), amount in totals.items()) or "none"
