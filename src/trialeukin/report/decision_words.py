"""A decision in words and tables: what is decided, what would change it, and what one more trial would add."""

from collections.abc import Callable
from dataclasses import replace

from trialeukin.core.counting import counted
from trialeukin.evidence.bayesian import VAGUE
from trialeukin.evidence.decision import POWER, Decision, Kind, View
from trialeukin.evidence.next_trial import NextTrial
from trialeukin.evidence.verdict import Verdict
from trialeukin.report.evidence_figures import certainty_of, described
from trialeukin.report.forest_figure import Forest, ForestRow, RowKind
from trialeukin.report.published_tables import AGREED, toxicity_row
from trialeukin.report.table import Table
from trialeukin.report.wording import percent, shortly, with_limits
from trialeukin.trial.endpoint import Endpoint

VERDICTS = {
    Verdict.SHOWN: "A benefit worth having is shown",
    Verdict.EXCLUDED: "A benefit worth having is excluded",
    Verdict.HARM: "Harm is shown",
    Verdict.OPEN: "Open",
    Verdict.REFUSED: "The evidence cannot answer",
}
STATE = {Endpoint.LFS: "alive and in remission", Endpoint.OS: "alive"}
FEW = 2
NO_BREAK = "\N{NO-BREAK SPACE}"
SHORT = {
    Verdict.SHOWN: "shown",
    Verdict.EXCLUDED: "excluded",
    Verdict.HARM: "harm",
    Verdict.OPEN: "open",
    Verdict.REFUSED: "refused",
}


def answer(found: Decision) -> str:
    """Return the verdict with the probability that it rests on, and whether it is firm."""
    return f"{VERDICTS[found.verdict]}: {grounds(found)}"


def grounds(found: Decision) -> str:
    """Return the probability that the verdict rests on, and whether it is firm; or why there is none."""
    asked = found.standard
    low, high = (f"{100.0 * share:.6g} %" for share in (1.0 - asked.certainty, asked.certainty))
    worth = f"on average a hazard ratio below {asked.relevant:g} has a probability of {_worth_in_readings(found)}"
    match found.verdict:
        case Verdict.REFUSED:
            return f"{'; '.join(found.reasons)}."
        case Verdict.OPEN if found.reasons:
            return f"the answer depends on a sign that no source gives ({'; '.join(found.reasons)})."
        case Verdict.OPEN:
            return f"{worth}; {low} or less would exclude it, {high} would show it."
        case Verdict.SHOWN:
            rests = f"{worth}, and {high} is enough"
        case Verdict.EXCLUDED:
            rests = f"{worth}, and {low} or less excludes it"
        case Verdict.HARM:
            least = min(1.0 - each.benefit for each in found.readings)
            rests = f"a hazard ratio above 1 has a probability of {chance(least)} or more, and {high} is enough"
    return f"{rests}. {_firm(found)}"


def verdict_in_short(found: Decision) -> str:
    """Return the verdict in a word, and whether it is firm."""
    short = SHORT[found.verdict]
    return short if found.firm or found.verdict in {Verdict.OPEN, Verdict.REFUSED} else f"{short}, not firm"


def statements(found: Decision) -> tuple[str, ...]:
    """Return what stands beside the verdict, a sentence or two each."""
    first = found.views[0]
    if found.verdict is Verdict.REFUSED:
        lines = [f"Hazard ratio {_ratio(first)}: {first.words}."]
    else:
        (further,) = found.of(Kind.FURTHER)
        either = "".join(f"; {_ratio(each)} {each.words}" for each in found.readings if each != first)
        lines = [
            f"Hazard ratio {_ratio(first)}, {first.words}{either}; {_ratio(further)} {further.words}, where a benefit "
            f"worth having is {SHORT[further.verdict]} ({_worth(found, further)}). 95 % under {VAGUE} on log HR.",
            _other_views(found),
        ]
    return (*lines, _absolute(found), *_size(found), *_of_the_model(found), _certainty(found))


def added(trial: NextTrial) -> str:
    """Return what one more trial of a size would settle of its own regimen."""
    return (
        f"After one more trial of {counted(trial.events, 'event')}, a benefit worth having from its own regimen would "
        f"be shown with a chance of {chance(trial.shown)}, excluded with {chance(trial.excluded)}, harm shown with "
        f"{chance(trial.harm)}, and the question still open with {chance(trial.open)}."
    )


def views_table(found: Decision) -> Table:
    """Return every view of the evidence."""
    relevant = found.standard.relevant
    return Table(
        caption="The same trials seen in other ways",
        head=("seen as", "hazard ratio (95 %)", better_than(1.0), better_than(relevant), "a benefit worth having is"),
        rows=tuple((each.words, _ratio(each), *_cells(found, each)) for each in found.views),
        numeric=(False, True, True, True, False),
    )


def relevant_table(found: Decision) -> Table | None:
    """Return what would be decided by other effects as just worth having; None where the answer is refused."""
    if not found.by_relevant:
        return None
    return Table(
        caption="If another hazard ratio were just worth having",
        head=("just worth having", "probability of a better one", "a benefit worth having is"),
        rows=tuple(
            (f"{ratio:g}", " or ".join(map(chance, better)), SHORT[verdict])
            for ratio, better, verdict in found.by_relevant
        ),
        numeric=(False, True, False),
    )


def further_table(found: Decision) -> Table | None:
    """Return what one more trial would add, by its size; None where the answer is refused."""
    if not found.further:
        return None
    control = found.control
    until = (
        ""
        if control is None
        else f"; patients for {control.months:g} months of follow-up, control as in {control.study}, hazard ratio as "
        "just worth having"
    )
    return Table(
        caption=f"After one more trial, under its own regimen: the chance that a benefit worth having is{until}",
        head=("events", "patients", "shown", "excluded", "harm shown", "still open", "a significant benefit is found"),
        rows=tuple(
            (
                f"{each.events:,}",
                "–" if each.patients is None else shortly(each.patients),
                *(chance(verdict) for verdict in (each.shown, each.excluded, each.harm, each.open, each.significant)),
            )
            for each in found.further
        ),
    )


def harms_table(found: Decision) -> Table | None:
    """Return what the pool's trials print of toxicity and of treatment that was not finished; None where none does."""
    rows = [
        (each.name, *toxicity_row(row, each.study)[:4])
        for each in (*found.found.selection.taken, *found.found.selection.unsigned)
        for row in each.study.toxicities
        if any(arm.name == row.arm and arm.role.has_il2 for arm in each.study.arms)
    ]
    if not rows:
        return None
    return Table(
        caption="What the treated arms bore, as printed",
        head=("study", *AGREED[:4]),
        rows=tuple(rows),
        numeric=(False,) * 5,
    )


def decision_forest(found: Decision) -> Forest:
    """Return the views as a forest plot, with the hazard ratio just worth having in its foot."""
    rows = [_row(found, each) for each in found.views if each.kind is not Kind.WITHOUT]
    rows[0] = replace(rows[0], kind=RowKind.TOTAL)
    return Forest(
        title=f"{found.found.title}: {found.found.selection.endpoint.label.lower()}",
        better=("IL-2 better", "control better"),
        rows=tuple(rows),
        prediction=None,
        foot=(
            described(found.found.pooled),
            f"solid line: {found.standard.relevant:g}, just worth having; diamonds: 95 % of what is believed",
        ),
        heads=("", f"{better_than(found.standard.relevant)}, verdict"),
        mark=found.standard.relevant,
    )


def _row(found: Decision, view: View) -> ForestRow:
    return ForestRow(
        kind=RowKind.OTHER_CHOICE,
        label=view.words,
        value=view.median,
        lower=view.lower,
        upper=view.upper,
        bias=", ".join(_cells(found, view)[1:]),
    )


def in_readings(found: Decision, said: Callable[[View], str]) -> str:
    """Return something said of every reading that the verdict is of."""
    return " or ".join(dict.fromkeys(map(said, found.readings)))


def whose_readings(found: Decision) -> str:
    """Return what tells the readings apart, or what the only one is."""
    names = ", ".join(each.name for each in found.found.selection.unsigned)
    return found.readings[0].words if len(found.readings) == 1 else f"by the sign of {names}, which is not known"


def _worth_in_readings(found: Decision) -> str:
    chances = in_readings(found, lambda each: chance(each.worth))
    return chances if len(found.readings) == 1 else f"{chances} ({whose_readings(found)})"


def _firm(found: Decision) -> str:
    if found.firm:
        return (
            "That is firm: it stays without any one trial, under other priors of how trials differ, and for whoever "
            "has to be convinced."
        )
    against = [each.words for each in found.against]
    if len(against) > FEW:
        return f"That is not firm: {len(against)} other views of the same trials come to another verdict."
    return f"That is not firm. Views that come to another verdict: {'; '.join(against)}."


def _other_views(found: Decision) -> str:
    """Return which views come to another verdict."""
    other = [each for each in found.views if each.kind is not Kind.FURTHER and each.verdict is not found.verdict]
    if not other:
        return "Every other view of these trials comes to the same verdict."
    said = "; ".join(f"{each.words}: {SHORT[each.verdict]} ({_worth(found, each)})" for each in other)
    return f"Views that come to another verdict: {said}."


def _absolute(found: Decision) -> str:
    control = found.control
    if control is None:
        noun = found.found.selection.design.noun(1)
        return f"No {noun} of the pool prints the control arm's survival that its hazard ratio was read with."
    first, relevant = found.views[0], found.standard.relevant
    best, worst = (control.under(each) for each in (first.lower, first.upper))
    return (
        f"Of 100 patients {100.0 * control.survival:.0f} are {STATE[found.found.selection.endpoint]} at "
        f"{control.months:g} months without the treatment ({control.study}, taken as exact), and with it "
        f"{100.0 * control.under(first.median):.0f} ({100.0 * worst:.0f} to {100.0 * best:.0f}) if hazards are "
        f"proportional; the hazard ratio just worth having would make it {100.0 * control.under(relevant):.0f}."
    )


def _size(found: Decision) -> tuple[str, ...]:
    relevant, control = found.standard.relevant, found.control
    patients = "" if control is None else f" (about {shortly(control.patients(found.needed, relevant))} patients)"
    line = (
        f"One more trial: {shortly(found.needed)} events{patients} give {percent(POWER)} power for a hazard ratio of "
        f"{relevant:g}."
    )
    if not found.further:
        return (line,)
    largest = found.further[-1]
    return (
        f"{line} By what is believed of a further trial now, one of {counted(largest.events, 'event')} would leave its "
        f"own regimen open with a chance of {chance(largest.open)}.",
    )


def _of_the_model(found: Decision) -> tuple[str, ...]:
    lines = [
        f"The model ({each.structure}) expects {with_limits(each.value, *each.expected)} of {each.of}, frozen "
        f"{each.made.isoformat()} (result known: {each.result_known.value}). It takes no part in the verdict."
        for each in found.model.predictions
        if each.expected is not None
    ]
    if judged := found.model.judged:
        model, null = (sum(getattr(each, name) or 0.0 for each in judged) for name in ("model", "null"))
        better = "better than" if model > null else "no better than"
        lines.append(
            f"Of {counted(len(judged), 'trial')} of the pool its predictions score {model:.2f} together, {better} a "
            f"hazard ratio of 1 held for certain ({null:.2f}); higher is better."
        )
    return tuple(lines)


def _certainty(found: Decision) -> str:
    words = f"Certainty of the evidence (GRADE): {certainty_of(found.found)}"
    if (judged := found.found.certainty) is None:
        return (
            f"{words}; until a judge, a date and reasons are recorded, the probabilities take every trial at its word."
        )
    return f"{words}: {judged.reasons}."


def _cells(found: Decision, view: View) -> tuple[str, str, str]:
    """Return P(HR < 1), P(HR below the one just worth having) and what the latter decides."""
    decides = "–" if found.verdict is Verdict.REFUSED else SHORT[view.verdict]
    return chance(view.benefit), chance(view.worth), decides


def _worth(found: Decision, view: View) -> str:
    return f"{better_than(found.standard.relevant)} {chance(view.worth)}"


def _ratio(view: View) -> str:
    return with_limits(view.median, view.lower, view.upper)


def better_than(ratio: float) -> str:
    """Return the probability of a hazard ratio below another as people write it, in one piece."""
    return f"P(HR < {ratio:g})".replace(" ", NO_BREAK)


def chance(probability: float) -> str:
    """Return a probability as per cent, finer near nothing and all, which it reads as only where it is them."""
    near = min(probability, 1.0 - probability)
    if 0.0 < near < 0.0005:
        return "< 0.1 %" if probability < 0.5 else "> 99.9 %"
    return percent(probability, 1 if 0.0 < near < 0.0995 else 0)
