"""The page of the evidence in a study's report: what real trials found together, with this run below, in no pool."""

from dataclasses import replace

from trialeukin.evidence.assessments import assessments_with
from trialeukin.evidence.catalogue import own_studies
from trialeukin.evidence.decision import decide
from trialeukin.evidence.selection import named_pool
from trialeukin.evidence.synthesis import Method, Synthesis, judged, synthesis_of_pool
from trialeukin.evidence.verdict import Standard
from trialeukin.population.description import Disease, load_description
from trialeukin.regimen.expand import expand
from trialeukin.regimen.library import regimen_of
from trialeukin.report.decision_words import added, answer
from trialeukin.report.evidence_figures import described, forest_of
from trialeukin.report.forest_figure import Forest, ForestRow, RowKind, forest_on
from trialeukin.report.forest_page import forest_table
from trialeukin.report.page import Section
from trialeukin.report.picture import Words, picture
from trialeukin.report.wording import percent
from trialeukin.trial.endpoint import Endpoint
from trialeukin.trial.result import StudyResult
from trialeukin.trial.study import MODEL, Study

ALONE, WITH_HISTAMINE = "aml-cr1-all", "aml-cr1-histamine"
HISTAMINE = "histamine"
TITLE = "What real trials found"


def evidence_section(result: StudyResult) -> Section:
    """Return the pool of real trials of the study's question with the run's own prediction below it."""
    name = pool_of(result.study)
    if name is None:
        return Section(
            name="evidence",
            title=TITLE,
            words=(
                "No pool of published trials is of this disease, setting and treatment: there is none to set beside.",
            ),
        )
    found = synthesis_of_pool(own_studies(), named_pool(name), Endpoint.LFS, Method())
    found = judged(found, name, assessments_with(None))
    forest = _with_run(found, result)
    total = next(row for row in forest.rows if row.kind is RowKind.TOTAL)
    words = Words(
        name="evidence-forest",
        title="Real trials and this run",
        description=f"Real trials alone: {total.numbers}; {described(found.pooled)}.",
        caption="Squares: trials; filled diamond: their pool; open diamonds: with trials of unknown sign, under either "
        "sign; circle: 95 % of trials as this run simulates them, in no pool of real trials.",
    )
    sizes = (round(each.events.median) for each in result.endpoints if each.endpoint is Endpoint.LFS)
    decision = decide(found, Standard(), sizes=tuple(events for events in sizes if events > 0))
    return Section(
        name="evidence",
        title=TITLE,
        words=(
            f"{found.title}. Real trials alone give a hazard ratio of {total.numbers} for leukaemia-free survival: "
            f"{described(found.pooled)}. Risk of bias of each trial stands in the table; {total.bias}.",
            f"What they decide, if a hazard ratio of {decision.standard.relevant:g} is just worth having and "
            f"{percent(decision.standard.certainty)} is sure enough: {answer(decision)}",
            *map(added, decision.further),
        ),
        blocks=(picture(words, lambda screen: forest_on(screen, forest), forest_table(forest)),),
    )


def pool_of(study: Study) -> str | None:
    """Return the name of the pool of published trials of a study's question; None where there is none."""
    description = load_description(study.population.cohort)
    if description.cohort.disease is not Disease.AML or study.population.model != MODEL:
        return None
    text = study.treatment.regimen
    drugs = set() if text is None else {dose.drug for dose in expand(regimen_of(text))}
    return WITH_HISTAMINE if HISTAMINE in drugs else ALONE


def _with_run(found: Synthesis, result: StudyResult) -> Forest:
    forest = forest_of(found)
    ratios = {each.endpoint: each.hazard_ratio for each in result.endpoints}
    interval = ratios.get(Endpoint.LFS)
    if interval is None:
        return forest
    run = ForestRow(
        kind=RowKind.SIMULATED,
        label=f"this run: {result.study.study.name}",
        value=interval.median,
        lower=interval.lower,
        upper=interval.upper,
        bias="simulated",
    )
    return replace(forest, rows=(*forest.rows, run))
