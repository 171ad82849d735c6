"""The report as a page: complete, self-contained, accessible and repeatable."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import numpy as np
import pytest

from trialeukin.report.answer import comparison
from trialeukin.report.method_section import limits_section, method_section, parameters_section
from trialeukin.report.page import unbroken
from trialeukin.report.study_report import study_report
from trialeukin.report.trial_section import trial_section
from trialeukin.report.wording import percent, shortly, signed, unit_words
from trialeukin.trial.analysis_section import Allocation
from trialeukin.trial.parameter_section import StudyParameter
from trialeukin.trial.published import Published
from trialeukin.trial.result import StudyResult
from trialeukin.trial.study import Examinations

LARGEST = 3_000_000
VOID = {"meta", "link", "br", "img", "hr", "input"}


class Outline(HTMLParser):
    """What the tests look at: open tags, identifiers, headings, drawings and addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.references: list[str] = []
        self.headings: list[int] = []
        self.drawings: list[dict[str, str | None]] = []
        self.addresses: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if values.get("id"):
            self.ids.append(str(values["id"]))
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag in {"svg", "img"}:
            self.drawings.append(values)
        for name in ("href", "src", "xlink:href", "srcset", "data"):
            if values.get(name):
                self.addresses.append(str(values[name]))
        for name in ("aria-labelledby", "aria-describedby"):
            self.references.extend(str(values.get(name) or "").split())
        self.references.extend(re.findall(r"url\(#([^)]+)\)", " ".join(str(value) for value in values.values())))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture(scope="module")
def document(result: StudyResult) -> str:
    return study_report(result)


@pytest.fixture(scope="module")
def outline(document: str) -> Outline:
    read = Outline()
    read.feed(document)
    read.close()
    return read


def text(outline: Outline) -> str:
    return " ".join("".join(outline.words).split())


def bare(document: str) -> str:
    return re.sub(r'</?span[^>]*>| data-label="[^"]*"', "", document)


def test_every_element_that_opens_closes_in_its_place(outline: Outline) -> None:
    assert outline.open == []


def test_every_drawing_says_what_it_is_and_what_it_shows(document: str, outline: Outline) -> None:
    assert len(outline.drawings) >= 20
    for drawing in outline.drawings:
        assert drawing["role"] == "img"
        title, description = str(drawing["aria-labelledby"]).split()
        assert re.search(rf'<title id="{title}">[^<]+</title><desc id="{description}">[^<]+</desc>', document)


def test_identifiers_are_unique_and_every_reference_has_its_target(outline: Outline) -> None:
    inside = [address[1:] for address in outline.addresses if address.startswith("#")]

    assert len(outline.ids) == len(set(outline.ids))
    assert set(inside) | set(outline.references) <= set(outline.ids)


def test_the_page_loads_nothing_from_elsewhere(document: str, outline: Outline) -> None:
    assert [address for address in outline.addresses if not address.startswith(("#", "data:"))] == []
    assert "@import" not in document
    assert not re.search(r"url\((?!#)", document)
    assert "<script" not in document


def test_headings_start_at_one_and_skip_no_level(outline: Outline) -> None:
    levels = outline.headings

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_the_page_is_small_enough_to_mail(document: str) -> None:
    assert len(document.encode()) < LARGEST


def test_the_same_result_gives_the_same_bytes(result: StudyResult, document: str) -> None:
    assert study_report(result) == document


def test_figures_carry_no_date_and_no_path(document: str) -> None:
    assert "<metadata" not in document
    assert "dc:date" not in document


def test_words_of_the_study_file_are_escaped(document: str) -> None:
    assert "Example trial of interleukin-2 &lt;maintenance&gt;" in document
    assert "<maintenance>" not in document


def test_the_page_says_once_that_it_is_no_medical_device(document: str) -> None:
    assert document.count("not a medical device") == 1


def test_the_answer_is_one_sentence_with_its_interval(outline: Outline) -> None:
    said = "is 0.92 (95 % of trials find 0.57 to 1.47, with what is not known of the parameters)"

    assert said in text(outline)


def test_what_is_not_known_of_the_published_interval_is_said(outline: Outline) -> None:
    assert "0.75; lower limit 0.52, upper limit not known; as printed" in text(outline)


def test_a_reconstructed_ratio_is_labelled_so(outline: Outline) -> None:
    assert "reconstructed: ln S1 / ln S0" in text(outline)


def test_fitted_and_predicted_milestones_are_told_apart(document: str) -> None:
    rows = re.findall(r"<tr><th scope=\"row\">LFS, (\S+), 36</th>(.*?)</tr>", bare(document))

    assert [name for name, _ in rows] == ["observation", "interleukin-2"]
    assert "<td>fitted</td>" in rows[0][1]
    assert "<td>predicted</td>" in rows[1][1]


def test_a_difference_from_what_was_published_says_its_direction(outline: Outline) -> None:
    assert "predicted less published, points" in text(outline)


def test_assumed_and_fitted_parameters_are_marked(document: str) -> None:
    assert re.search(
        r"capillary leak rate</th>.*?<td>assumed</td><td>no data &lt;yet&gt; &amp; none</td>", bare(document)
    )
    assert re.search(r"il2 linear clearance</th>.*?<td>fitted</td>", bare(document))


@pytest.mark.parametrize(
    "heading",
    [
        "The trial and its regimens",
        "Plasma IL-2 against what the cells need",
        "Immune response and residual leukaemia",
        "Remission and survival",
        "Hazard ratio and power",
        "Doses given and toxicity",
        "Parameters and their sources",
        "How it was computed",
        "Limits",
    ],
)
def test_the_page_has_its_parts(outline: Outline, heading: str) -> None:
    assert text(outline).count(heading) == 2  # in the contents and over its part


def test_a_patient_is_drawn_under_every_arm_unless_there_is_nothing_to_see(document: str) -> None:
    assert "Patient 0 relapses under both arms" in document
    assert "relapses under neither arm" not in document


def test_the_trial_is_told_with_its_randomisation_loss_and_examinations(result: StudyResult, outline: Outline) -> None:
    analysis = result.study.analysis.model_copy(
        update={"stratify_by": ("favourable_risk", "monocytic"), "randomisation": Allocation.MINIMISATION}
    )
    follow_up = result.study.follow_up.model_copy(
        update={
            "drop_out_per_year": 0.0,
            "examinations": (
                Examinations(every_months=1, until_months=24),
                Examinations(every_months=6, until_months=84),
            ),
        }
    )
    study = result.study.model_copy(update={"analysis": analysis, "follow_up": follow_up})

    other = bare(study_report(replace(result, study=study)))

    assert "and randomised in permuted blocks of 4, 107 to observation and 107 to interleukin-2" in text(outline)
    assert "1 % of patients a year are lost to follow-up; the marrow is examined every 3 months" in text(outline)
    assert "randomised by minimisation of favourable risk and monocytic" in other
    assert "Nobody is lost to follow-up; the marrow is examined every month to month 24 and every 6 months" in other


def test_blocks_that_do_not_fit_the_sizes_of_the_arms_are_said_to(result: StudyResult) -> None:
    treated, control = result.study.arms
    arms = (treated.model_copy(update={"n": 150}), control.model_copy(update={"n": 100}))

    words = " ".join(trial_section(replace(result, study=result.study.model_copy(update={"arms": arms}))).words)

    assert "permuted blocks of 4, each as near to the sizes of the arms as whole patients allow, 107 to" in words


def test_limits_say_whose_toxicity_is_not_in_the_model(result: StudyResult) -> None:
    treated, control = result.arms
    drugs = (*treated.planned, replace(treated.planned[0], drug="histamine"))
    with_histamine = replace(result, arms=(replace(treated, planned=drugs), control))

    assert not any("histamine" in note for note in limits_section(result).notes)
    assert any("What histamine itself does" in note for note in limits_section(with_histamine).notes)


def test_what_the_study_file_changes_of_the_model_is_named(result: StudyResult) -> None:
    given = {"name": "capillary_leak_rate", "times": 2.0, "assumed": {"times": "what if"}}
    changed = result.study.model_copy(update={"parameters": (StudyParameter.model_validate(given),)})

    assert "Changed" not in "".join(parameters_section(result).words)
    assert "Changed in the study file, with their reasons: capillary leak rate." in "".join(
        parameters_section(replace(result, study=changed)).words
    )
    assert "What if" not in comparison(result)
    said = comparison(replace(result, study=changed))
    assert said.startswith("What if: capillary leak rate stands at another value than the model's own. The study's own")


def test_the_method_says_how_many_draws_have_trials(result: StudyResult) -> None:
    primary, other = result.endpoints
    rows = replace(primary.trials, draw=np.arange(primary.trials.draw.size) % 13 - 1)
    drawn = replace(result, comparisons={"interleukin-2": (replace(primary, trials=rows), other)})

    (table,) = method_section(drawn).blocks

    assert ("draws with replicate trials of their own", "12") in table.rows


def test_the_furthest_departure_of_the_cells_is_said_as_a_multiple(outline: Outline) -> None:
    assert "NK cells, x baseline 3.0 times" in text(outline)  # the fixture's wave is 1 + 2 at its top


def test_looks_are_shown_with_limits_and_chances_and_left_out_where_there_are_none(result: StudyResult) -> None:
    with_looks, without = (study_report(each) for each in (result, replace(result, monitored=None)))
    rows = [re.sub(r"<[^>]+>|\s+", " ", row) for row in re.findall(r"<tr>.*?</tr>", with_looks, re.DOTALL)]
    said = [re.sub(r"[\s\u00a0\u202f]+", " ", row).strip().replace("( ", "(").replace(" )", ")") for row in rows]

    ratio = np.exp(-2.963 * 2.0 / np.sqrt(60.0))  # at 60 events of equal arms
    first = f"1 (50 %) 60 2.963 {ratio:.2f} 0.500 {np.exp(-1.0 / np.sqrt(60.0)):.2f}"
    assert any(row.startswith(first) for row in said), [row for row in said if "60" in row]
    assert any(row.startswith("Stopped for futility at look 1 40.0 % ± 1.0 70.0 % ± 1.0") for row in said)
    assert any(row.startswith("A benefit is found 7.0 % ± 1.0 2.1 % ± 1.0") for row in said)
    assert any(
        row.startswith("composite: it is an event itself 1.31 (0.90 to 1.80) 0.0 % ± 0.0 25.0 % ± 2.0") for row in said
    )
    assert "what these trials see by their end" in with_looks
    assert "Where trials with looks stop" in with_looks
    assert "looks" not in without.lower().replace("looks like", "")


def test_words_that_belong_together_stay_on_one_line_and_are_escaped() -> None:
    assert unbroken("a <b> of IL-2, 5 %") == (
        'a &lt;b&gt; of <span class="whole">IL-2</span>, <span class="whole">5 %</span>'
    )


def test_days_of_a_regimen_can_still_be_copied() -> None:
    assert unbroken("sc days 1-14, 19-28") == "sc days 1-14, 19-28"


@pytest.mark.parametrize(
    ("fraction", "words"), [(-0.001, "0 %"), (0.456, "46 %"), (-0.02, "−2 %"), (float("nan"), "–")]
)
def test_a_share_that_rounds_to_zero_has_no_sign_and_none_is_a_dash(fraction: float, words: str) -> None:
    assert percent(fraction) == words


@pytest.mark.parametrize(
    ("unit", "words"),
    [
        ("cell/uL", "cells/µL"),
        ("G/L", "10⁹/L"),
        ("1", ""),
        ("pmol/L", "pmol/L"),
        ("1/cell", "1/cell"),
        ("mL/min/m^2", "mL/min/m²"),
    ],
)
def test_units_are_written_as_a_reader_writes_them(unit: str, words: str) -> None:
    assert unit_words(unit) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (1_130_000_000.0, "1.13 × 10⁹"),
        (1e6, "1 × 10⁶"),
        (-2.5e-5, "-2.5 × 10⁻⁵"),
        (999_499.0, "999,000"),
        (999_600.0, "1 × 10⁶"),
        (0.00126, "0.00126"),
        (0.0, "0"),
        (float("inf"), "–"),
    ],
)
def test_numbers_of_any_size_are_written_for_people(value: float, words: str) -> None:
    assert shortly(value) == words


@pytest.mark.parametrize(
    ("value", "digits", "words"),
    [
        (-3.2, 0, "−3"),
        (3.2, 0, "+3"),
        (-0.4, 0, "0"),
        (0.04, 1, "0.0"),
        (-0.01264, None, "−0.0126"),
        (2.5e7, None, "+2.5 × 10⁷"),
        (0.0, None, "0"),
        (float("nan"), 1, "–"),
    ],
)
def test_differences_have_one_minus_and_no_sign_where_they_round_to_nothing(
    value: float, digits: int | None, words: str
) -> None:
    assert signed(value, digits) == words


def test_a_study_without_treatment_and_without_published_figures_has_a_page(result: StudyResult) -> None:
    bare_arms = tuple(
        replace(arm, planned=(), adherence=None, exposure_fans=(), courses=(), toxicities=(), regimen="", sentence="")
        for arm in result.arms
    )
    study = result.study.model_copy(update={"published": Published()})

    document = study_report(replace(result, arms=bare_arms, study=study))

    assert "No arm of this study gets interleukin-2." in bare(document)
    assert "No arm of this study gets a drug." in document
    assert "No hazard ratio is published for it." in bare(document)
    assert "LFS, observation, 36" in bare(document)
    with_published = bare(study_report(result))
    for words in ("open circles", "Predicted beside published", "not published"):
        assert words in with_published
        assert words not in bare(document)
