"""A decision in words and tables: what is decided, what would change it, and what one more trial would add."""

from trialeukin.evidence.decision import POWER, Decision, Kind, View, expected_law
from trialeukin.evidence.next_trial import NextTrial
from trialeukin.evidence.verdict import Verdict
from trialeukin.report.evidence_figures import HAZARD_RATIO, certainty_of, described
from trialeukin.report.forest_figure import Forest, ForestRow, RowKind
from trialeukin.report.published_tables import AGREED, toxicity_row
from trialeukin.report.table import Table
from trialeukin.report.wording import counted, listed, percent, with_limits

VERDICTS = {
    Verdict.SHOWN: "A benefit worth having is shown",
    Verdict.EXCLUDED: "A benefit worth having is excluded",
    Verdict.HARM: "Harm is shown",
    Verdict.OPEN: "Open",
    Verdict.REFUSED: "The evidence cannot answer",
}
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
    average, asked = found.average, found.standard
    low, high = (f"{100.0 * share:.4g} %" for share in (1.0 - asked.certainty, asked.certainty))
    worth = f"on average a hazard ratio below {asked.relevant:g} has a probability of {chance(average.worth)}"
    match found.verdict:
        case Verdict.SHOWN:
            rests = f"{worth}, and {high} is enough"
        case Verdict.EXCLUDED:
            rests = f"{worth}, and {low} or less excludes it"
        case Verdict.HARM:
            rests = f"a hazard ratio above 1 has a probability of {chance(1.0 - average.benefit)}, and {high} is enough"
        case Verdict.OPEN:
            return f"{worth}; {low} or less would exclude it, {high} would show it."
        case Verdict.REFUSED:
            return f"{'; '.join(found.reasons)}."
    if found.firm:
        return f"{rests}. That is firm: it stays without any one trial, for a sceptic and for an enthusiast."
    return f"{rests}. That is not firm: the loss of a trial or another prior changes it."


def verdict_in_short(found: Decision) -> str:
    """Return the verdict in a word, and whether it is firm."""
    short = SHORT[found.verdict]
    return short if found.firm or found.verdict in {Verdict.OPEN, Verdict.REFUSED} else f"{short}, not firm"


def statements(found: Decision) -> tuple[str, ...]:
    """Return what stands beside the verdict, a sentence or two each."""
    average, further = found.views[0], found.views[1]
    lines = [
        f"Hazard ratio {_ratio(average)} ({average.words}, 95 % under vague priors); {_ratio(further)} "
        f"{further.words}, where the same is {SHORT[further.verdict]} ({_worth(found, further)}).",
    ]
    if found.verdict is Verdict.OPEN and found.reasons:
        lines.append(f"It is open because {'; '.join(found.reasons)}.")
    if found.verdict is not Verdict.REFUSED:
        lines += [_without_a_trial(found), _other_beliefs(found)]
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
        rows=tuple(
            (each.words, _ratio(each), chance(each.benefit), chance(each.worth), SHORT[each.verdict])
            for each in found.views
        ),
        numeric=(False, True, True, True, False),
    )


def relevant_table(found: Decision) -> Table:
    """Return what the average says of other effects as just worth having."""
    return Table(
        caption="If another hazard ratio were just worth having",
        head=("just worth having", "probability of a better one", "a benefit worth having is"),
        rows=tuple((f"{ratio:g}", chance(better), SHORT[verdict]) for ratio, better, verdict in found.by_relevant),
        numeric=(False, True, False),
    )


def further_table(found: Decision) -> Table:
    """Return what one more trial would add, by its size."""
    control = found.control
    until = (
        ""
        if control is None
        else f"; patients for {control.months:g} months of follow-up, control as in {control.study}"
    )
    return Table(
        caption=f"After one more trial, under its own regimen: the chance that a benefit worth having is{until}",
        head=("events", "patients", "shown", "excluded", "harm shown", "still open", "a significant benefit is found"),
        rows=tuple(
            (
                f"{each.events:,}",
                "–" if each.patients is None else f"{each.patients:,}",
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
    rows = [_row(each) for each in found.views if each.kind is not Kind.WITHOUT]
    return Forest(
        title=f"{found.found.title}: {found.found.selection.endpoint.label.lower()}",
        measure=HAZARD_RATIO,
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


def _row(view: View) -> ForestRow:
    return ForestRow(
        kind=RowKind.TOTAL if view.kind is Kind.AVERAGE else RowKind.OTHER_CHOICE,
        label=view.words,
        value=view.median,
        lower=view.lower,
        upper=view.upper,
        bias=f"{chance(view.worth)}, {SHORT[view.verdict]}",
    )


def _without_a_trial(found: Decision) -> str:
    other: dict[Verdict, list[str]] = {}
    for each in found.of(Kind.WITHOUT):
        if each.verdict is not found.average.verdict:
            other.setdefault(each.verdict, []).append(each.words.removeprefix("without "))
    if not other:
        return "No single trial decides it: without any one the verdict of the others is the same."
    parts = [f"{SHORT[verdict]} without {_either(names)}" for verdict, names in other.items()]
    return f"It leans on single trials: {'; '.join(parts)}."


def _other_beliefs(found: Decision) -> str:
    parts = [
        f"{each.words.split(':')[0]} would call it {SHORT[each.verdict]} ({_worth(found, each)})"
        for each in found.of(Kind.PRIOR)
    ]
    return f"With other eyes: {listed(parts)}."


def _absolute(found: Decision) -> str:
    control = found.control
    if control is None:
        return "No trial of the pool prints the control arm's survival that its hazard ratio was read with."
    average, relevant = found.average, found.standard.relevant
    best, worst = (control.under(each) for each in (average.lower, average.upper))
    return (
        f"Of 100 patients {100.0 * control.survival:.0f} are event-free at {control.months:g} months without the "
        f"treatment ({control.study}), and with it {100.0 * control.under(average.median):.0f} ({100.0 * worst:.0f} to "
        f"{100.0 * best:.0f}); the hazard ratio just worth having would make it {100.0 * control.under(relevant):.0f}."
    )


def _size(found: Decision) -> tuple[str, ...]:
    relevant, control, largest = found.standard.relevant, found.control, found.further[-1]
    patients = "" if control is None else f" (about {counted(control.patients(found.needed, relevant), 'patient')})"
    return (
        f"One more trial: {found.needed:,.0f} events{patients} give {percent(POWER)} power for a hazard ratio of "
        f"{relevant:g}. One of {largest.events:,} events would leave its own regimen open with a chance of "
        f"{chance(largest.open)}.",
    )


def _of_the_model(found: Decision) -> tuple[str, ...]:
    lines = []
    for each in found.model.predictions:
        if each.expected is not None:
            law = expected_law(each)
            lines.append(
                f"The model ({each.structure}) expects {with_limits(each.value, *each.expected)} of {each.of}, frozen "
                f"{each.made.isoformat()} (result known: {each.result_known.value}): {better_than(1.0)} "
                f"{chance(law.below(0.0))}, {better_than(found.standard.relevant)} "
                f"{chance(law.below(found.standard.log_relevant))}. It takes no part in the verdict."
            )
    if judged := found.model.judged:
        model, null = (sum(getattr(each, name) or 0.0 for each in judged) for name in ("model", "null"))
        better = "better than" if model > null else "no better than"
        lines.append(
            f"Of {counted(len(judged), 'trial')} of the pool its predictions score {model:.2f} together, {better} "
            f"knowing nothing ({null:.2f}); higher is better."
        )
    return tuple(lines)


def _certainty(found: Decision) -> str:
    judged = found.found.certainty
    words = f"Certainty of the evidence (GRADE): {certainty_of(judged)}"
    if judged is None:
        return (
            f"{words}; until a judge, a date and reasons are recorded, the probabilities take every trial at its word."
        )
    return f"{words}: {judged.reasons}."


def _worth(found: Decision, view: View) -> str:
    return f"{better_than(found.standard.relevant)} {chance(view.worth)}"


def _ratio(view: View) -> str:
    return with_limits(view.median, view.lower, view.upper)


def better_than(ratio: float) -> str:
    """Return the probability of a hazard ratio below another as people write it, in one piece."""
    return f"P(HR < {ratio:g})".replace(" ", NO_BREAK)


def chance(probability: float) -> str:
    """Return a probability as per cent; what is not nothing never reads as nothing, nor as all."""
    if 0.0 < probability < 0.005:
        return "< 1 %"
    return "> 99 %" if 0.995 < probability < 1.0 else percent(probability)


def _either(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
