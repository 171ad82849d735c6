"""Every curated row stands in exactly one study of the base, with its numbers, its words and its place.

The tables of ``data/curated`` are those that the base was written from. What was mended since stands in `MENDED`, row
by row, and what came since in `NEW` and `ADDED`; anything else that differs is a fault of one or the other.
"""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from trialeukin.evidence.arm_exposure import dosing_days, il2_drugs
from trialeukin.evidence.catalogue import own_studies
from trialeukin.evidence.published_study import CurvePoint, Marker, Outcome, PublishedArm, PublishedStudy, Toxicity
from trialeukin.evidence.sourced import Sourced
from trialeukin.regimen.expand import expand
from trialeukin.regimen.library import regimen_of

CURATED = Path(__file__).parent / "data" / "curated"
LISTS = {"arms": "arms", "outcomes": "outcomes", "km_points": "curves", "biologic": "markers", "toxicity": "toxicities"}
OF_550 = "Buyse Table 1; n: meeting abstract 791, 2009"
MENDED = {
    # a later page prints the sizes of the arms, of which half of 550 had been taken
    ("km_points", "AML12_06991", "il2"): {"n": "276", "place": OF_550},
    ("km_points", "AML12_06991", "control"): {"n": "274", "place": OF_550},
    # numbers of two arms together are said to be of both
    ("km_points", "BAER2008", "il2"): {"arm": "il2 + control", "n": "163"},
    ("km_points", "BAER2008", "control"): {"arm": "il2 + control", "n": "163"},
    ("km_points", "GANSER2000", "il2_high"): {"arm": "il2_high + il2_low"},
    ("km_points", "BENYUNES1993", "il2"): {"arm": "il2 + il2_lak"},
    # the abstract, read later, prints the doses that the table's page does not
    ("arms", "INAMOTO2011", "dli_il2"): {
        "dose": "1.0, 2.0 or 3.0e6 IU/m2/day (levels I, Ia and II), then 1.0e6 IU/m2/day",
        "schedule": "5 days at the level, then 10 days of maintenance, continuous infusion",
        "beside": "DLI: 1e8 CD3/kg from related donors, 1e7 CD3/kg from unrelated ones, after chemotherapy",
        "place": "abstract; n: Table 3",
    },
    # a copy of the registry entry, read later, shows the doses
    ("arms", "PETIT2018", "il2"): {
        "dose": "D1: 2.5 MUI/m2; D2 to D5: 5 MUI/m2",
        "conversion": "MUI, million units as the French write it, read as 10^6 IU",
        "schedule": "1 cycle each month during 12 months (registry); 5 days each month for 1 year, SC",
        "place": "arms",
    },
    # the 13 are all who were treated; the curated words are those of the one remission
    ("outcomes", "LIM1992", "il2"): {"population": "differing status, relapse and remission"},
    # the curated place was cut short
    ("arms", "KOLITZ2014", "il2"): {
        "place": "ASH 2007 abstract 157 (schedule); counts: a copy of the abstract of 2014"
    },
}
NEW = {"HDIL2_RELAPSE1991", "MARANINCHI1998"}  # studies that came since, of which no table has a row
ADDED = {
    ("INAMOTO2011", "outcomes"): 1,
    ("INAMOTO2011", "toxicities"): 2,
    ("HDIL2_RELAPSE1991", "arms"): 1,
    ("HDIL2_RELAPSE1991", "outcomes"): 3,
    ("MARANINCHI1998", "arms"): 1,
    ("MARANINCHI1998", "outcomes"): 2,
    ("MARANINCHI1998", "markers"): 1,
    ("MARANINCHI1998", "toxicities"): 2,
}
TWICE = {("BAER2008", "curves", 0), ("BAER2008", "curves", 1)}  # one median of both arms, curated once an arm
TWO_SOURCES = {
    ("BAER2008", "il2"),
    ("LANGE2008", "control"),
    ("INAMOTO2011", "dli_il2"),
    ("PETIT2018", "il2"),
}  # an arm has one address
NAMES = {"BLAISE2000_ALL_PTS": "BLAISE2000", "BUYSE2011_POOLED_5": "BUYSE2011", "BUYSE2011_POOLED_6": "BUYSE2011"}
LATER = {
    ("AML12_06991", "accrual_years"): "2000-04 to 2008-05 (R2)",
    ("INAMOTO2011", "year"): "2011",
    ("INAMOTO2011", "doi"): "10.1016/j.bbmt.2011.01.004",
    ("LIM1992", "year"): "1992",
    ("LIM1992", "doi"): "10.1007/BF01741555",
    ("LIM1992", "pmid"): "1540980",
    ("BCELL_FLARE1992", "doi"): "10.1002/1097-0142(19920515)69:10<2583::aid-cncr2820691031>3.0.co;2-i",
    ("VEY1999", "doi"): "10.1097/00002371-199903000-00009",
    ("GOODMAN1998", "doi"): "10.1038/sj.leu.2401200",
    ("GOODMAN1998", "pmid"): "9823941",
    ("ROBINSON1996", "pmid"): "8608212",
}


def curated(table: str) -> list[dict[str, str]]:
    with (CURATED / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


ROWS = [(table, row) for table in LISTS for row in curated(table)]


def plain(value: object) -> str:
    """Return a number in its shortest form, anything else as it is, and nothing for None."""
    try:
        return f"{float(str(value)):.12g}"
    except ValueError:
        return "" if value is None else str(value).replace(" vs ", " v ")


def first(*values: object) -> str:
    return plain(next((value for value in values if value is not None), None))


def told(item: Sourced) -> dict[str, str]:
    """Return what a row of the base says, under the names that `asked` gives."""
    match item:
        case Outcome() | Toxicity():
            of_kind = (
                {"endpoint": item.endpoint, "lower": plain(item.lower), "upper": plain(item.upper)}
                | {
                    "population": plain(item.population),
                    "time": plain(item.time),
                    "p": first(item.p, item.p_as_printed),
                }
                if isinstance(item, Outcome)
                else {"item": item.item, "grade": plain(item.grade)}
            )
            return of_kind | {
                "arm": item.arm,
                "measure": item.measure,
                "value": first(item.value, item.words),
                "events": plain(item.events),
                "n": plain(item.n),
                "place": item.place,
            }
        case CurvePoint():
            names = ("endpoint", "population", "origin", "survival", "lower", "upper", "se", "n", "place")
            of_curve = {name: plain(getattr(item, name)) for name in names}
            return of_curve | {"arm": item.arm, "months": first(item.months, item.time)}
        case Marker():
            names = ("marker", "unit", "time", "baseline", "place")
            of_marker = {name: plain(getattr(item, name)) for name in names}
            said = {"value": first(item.value, item.words), "p": first(item.p, item.p_as_printed)}
            return of_marker | said | {"arm": item.arm, "with": plain(item.with_clinical)}
        case PublishedArm():
            return {
                "arm": item.name,
                "treatment": item.treatment,
                "product": plain(item.product),
                "dose": plain(item.dose_as_published),
                "conversion": plain(item.conversion),
                "schedule": plain(item.schedule_as_published),
                "beside": plain(item.beside),
                "place": item.place,
            }
    raise TypeError(type(item))


def asked(table: str, row: dict[str, str]) -> dict[str, str]:
    """Return what a curated row says, mended where it was."""
    arm = row.get("arm_id") or row["arm_or_comparison"]
    read = {"arm": plain(arm), "place": re.sub(r"\s*https?://\S+", "", row["locator"])}
    match table:
        case "outcomes":
            read |= {
                name: plain(row[name]) for name in ("endpoint", "population", "measure", "value", "lower", "upper")
            }
            read |= {"time": plain(row["timepoint"]), "p": plain(row["p"]), "n": plain(row["n"])}
            read |= {"events": plain(row["n_events"]) if row["n_events"].isdigit() else ""}
        case "toxicity":
            read |= {name: plain(row[name]) for name in ("item", "measure", "value", "n")}
            read |= {"grade": plain(row["grade"]), "events": plain(row["n_events"])}
        case "km_points":
            read |= {name: plain(row[name]) for name in ("endpoint", "population", "survival", "lower", "upper", "se")}
            read |= {"months": plain(row["time_months"]), "origin": row["time_origin"], "n": plain(row["n"])}
        case "biologic":
            read |= {name: plain(row[name]) for name in ("marker", "unit", "time", "p")}
            read |= marker_of(row)
        case "arms":
            read |= {name: plain(row[name]) for name in ("treatment", "conversion")}
            read |= {"product": row["il2_product"], "dose": plain(f"{row['dose_value']} {row['dose_unit']}".strip())}
            read |= {"schedule": plain(row["schedule_published"]), "beside": plain(row["co_treatment"])}
    return read | MENDED.get((table, row["study_id"], arm), {})


def marker_of(row: dict[str, str]) -> dict[str, str]:
    """Return before and after: a range before treatment is part of the words; nothing after it is said in words."""
    before, after = plain(row["baseline"]), plain(row["peak_or_change"])
    went = "; ".join(filter(None, (row["correlation_with_clinical"], row["correlation_figure"])))
    if "(" in before:
        before, after = "", f"from {before} to {after}"
    return {"baseline": before, "value": after or "before treatment only", "with": plain(went)}


def found(table: str, row: dict[str, str]) -> list[int]:
    items = getattr(own_studies()[row["study_id"]], LISTS[table])
    wanted = asked(table, row)
    return [index for index, item in enumerate(items) if told(item) == wanted]


def of_one_address(table: str, row: dict[str, str]) -> bool:
    two = table == "arms" and (row["study_id"], row["arm_id"]) in TWO_SOURCES
    return row["source_url"].startswith("http") and not two


def has_regimen(row: dict[str, str]) -> bool:
    return own_studies()[row["study_id"]].arm(row["arm_id"]).not_known() is None


def name(case: object) -> str:
    return f"{case['study_id']}-{case['locator'][:30]}" if isinstance(case, dict) else str(case)


@pytest.mark.parametrize(("table", "row"), ROWS, ids=name)
def test_a_curated_row_stands_once_in_its_own_study(table: str, row: dict[str, str]) -> None:
    assert len(found(table, row)) == 1, asked(table, row)


@pytest.mark.parametrize(("table", "row"), [case for case in ROWS if of_one_address(*case)], ids=name)
def test_a_row_names_the_address_where_it_was_read(table: str, row: dict[str, str]) -> None:
    study = own_studies()[row["study_id"]]
    item = getattr(study, LISTS[table])[found(table, row)[0]]

    assert study.sources[item.source].url == row["source_url"]


def test_no_row_of_the_base_is_without_a_curated_one_but_those_that_came_since() -> None:
    used = Counter((row["study_id"], LISTS[table], found(table, row)[0]) for table, row in ROWS)
    alone = Counter(
        (study, list_name)
        for study, each in own_studies().items()
        for list_name in LISTS.values()
        for index in range(len(getattr(each, list_name)))
        if (study, list_name, index) not in used
    )

    assert alone == ADDED
    assert {key for key, times in used.items() if times > 1} == TWICE


@pytest.mark.parametrize("row", curated("arms"), ids=name)
def test_the_counts_of_an_arm_are_the_curated_ones_in_numbers_or_in_words(row: dict[str, str]) -> None:
    arm = own_studies()[row["study_id"]].arm(row["arm_id"])
    words = arm.counts_as_published or ""

    for key, count in (("n", arm.n), ("n_started", arm.started), ("n_completed", arm.completed)):
        assert row[key] in words if count is None else re.match(r"\d*", row[key])[0] == str(count), key  # type: ignore[index]
    assert row["n_discontinued"] in words or row["study_id"] == "KOLITZ2014"


@pytest.mark.parametrize(
    "row", [row for row in curated("arms") if row["sched_total_dosing_days"] and has_regimen(row)], ids=name
)
def test_a_regimen_gives_il2_on_as_many_days_as_was_curated(row: dict[str, str]) -> None:
    arm = own_studies()[row["study_id"]].arm(row["arm_id"])
    least, most = re.match(r"(\d+)(?:-(\d+))?", row["sched_total_dosing_days"]).groups()  # type: ignore[union-attr]
    assert arm.regimen is not None

    days = len(dosing_days(dose for dose in expand(regimen_of(arm.regimen)) if dose.drug in il2_drugs()))

    assert int(least) <= days <= int(most or least)


def identity(study: PublishedStudy) -> dict[str, object]:
    own = study.study
    return {
        "year": own.year,
        "doi": own.doi,
        "pmid": own.pmid,
        "nct": own.registration,
        "design": own.design_as_published,
        "disease": own.disease,
        "lineage": {"other": "safety"}.get(own.lineage.value, own.lineage.value),
        "setting": own.setting_as_published,
        "n": own.n_as_published if own.n is None else own.n,
        "age_range": own.ages,
        "accrual_years": own.accrual,
        "followup": own.follow_up,
    }


@pytest.mark.parametrize("row", curated("studies"), ids=name)
def test_a_study_is_described_as_it_was_curated(row: dict[str, str]) -> None:
    study = row["study_id"]

    for key, value in identity(own_studies()[study]).items():
        assert ("" if value is None else str(value)) == LATER.get((study, key), row[key]), key


def test_every_study_was_curated_but_those_that_came_since() -> None:
    assert set(own_studies()) - {row["study_id"] for row in curated("studies")} == NEW


OF_RATES = {
    ("ATTAL1995", "LFS"): "0.3253",
    ("BLAISE2000_ALL_PTS", "LFS"): "0.2254",
    ("BLAISE2000_ALL_PTS", "OS"): "0.2325",
}


@pytest.mark.parametrize("row", curated("pooled_input"), ids=lambda row: f"{row['study_id']}-{row['endpoint']}")
def test_a_log_hazard_ratio_is_the_curated_one(row: dict[str, str]) -> None:
    """That of BAER2008 by size: the curated sign was fitted to the published pool.

    The curated standard errors of rates alone, sqrt(1/E1 + 1/E0), are smaller than such rates scatter.
    """
    effects = own_studies()[NAMES.get(row["study_id"], row["study_id"])].effects
    error = OF_RATES.get((row["study_id"], row["endpoint"]), row["SE_best"] or None)
    wanted = (row["endpoint"].lower(), f"{abs(float(row['logHR_best'])):.4g}", plain(error))

    same = [
        each for each in effects if (each.endpoint.value, f"{abs(each.log_hazard_ratio):.4g}", plain(each.se)) == wanted
    ]

    assert len(same) == 1
    assert (same[0].log_hazard_ratio < 0.0) == (float(row["logHR_best"]) < 0.0) or row["study_id"] == "BAER2008"
    assert sum(len(each.effects) for each in own_studies().values()) == len(curated("pooled_input"))
