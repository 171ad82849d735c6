"""The library's regimens against the published schedules they were written from."""

import csv
from pathlib import Path

import numpy as np
import pytest

from trialeukin.core.errors import InputError
from trialeukin.regimen.administration import Route
from trialeukin.regimen.body import amounts
from trialeukin.regimen.course import Regimen
from trialeukin.regimen.describe import Block, blocks, totals
from trialeukin.regimen.expand import expand
from trialeukin.regimen.library import load, names
from trialeukin.regimen.products import product, to_miu

DATA = Path(__file__).parent / "data"
WEIGHT = 70.0  # kg, what the schedules were converted with
BSA = 1.84  # m2, likewise
BSA_OF_AML12 = 1.74  # m2, what Buyse's 2.3-4.6 MIU/m2/day implies for 4-8 MIU/day
EXACT = 1e-12  # relative; a few roundings of double precision
ROUNDED = {
    "mp-ma-0201": 7e-4,  # 16,400 x 2 x 70 / 1.84 = 1,247,826, printed there as 1,247,000
    "eortc-gimema-aml12": 6e-4,  # 6 / 1.74 = 3.448 MIU/m2, printed there as 3.45
}
LIBRARY = {
    ("BLAISE2000", "il2"): "blaise-2000",
    ("BLAISE1997", "il2"): "blaise-1997",
    ("KOLITZ2014", "il2"): "calgb-19808",
    ("BAER2008", "il2"): "calgb-9720",
    ("PAUTAS2010", "il2"): "alfa-9801",
    ("AML12_06991", "il2"): "eortc-gimema-aml12",
    ("PETIT2018", "il2"): "elam02",
    ("LANGE2008", "il2"): "ccg-2961",
    ("SIEVERS1998", "il2"): "sievers-1998",
    ("STEIN2003", "il2"): "stein-2003",
    ("BRUNE2006", "hdc_il2"): "mp-ma-0201",
    ("MELONI1994", "il2"): "meloni-1994",
    ("ROBINSON1996", "level_I"): "robinson-1996-level-1",
    ("ROBINSON1996", "level_II"): "robinson-1996-level-2",
    ("ROBINSON1996", "level_III"): "robinson-1996-level-3",
    ("VEY1999", "il2"): "vey-1999",
    ("FARAG2002", "low"): "calgb-9420-low",
    ("KORETH2016", "il2"): "koreth-2016",
    ("TREG_DLI2022", "treg_il2"): "treg-dli-2022",
    ("BLAISE1990", "il2"): "blaise-1990",
    ("GVHD_ESC2019", "adult"): "whangbo-2019",
    ("NMA_TCD_IL2_2011", "il2"): "nma-tcd-2011",
    ("RUBNITZ2010", "nk_il2"): "rubnitz-2010",
    ("BERGMANN1995", "il2"): "bergmann-1995",
}
ROUTES = {
    "SC": (Route.SC, 0.0),
    "CIV": (Route.CIV, 24.0),
    "IV bolus": (Route.IV_BOLUS, 0.0),
    "IV 1h": (Route.IV_INFUSION, 1.0),
}
ENGINEERED = {  # interleukin-2 after aldesleukin, none of it given to people with leukaemia
    "fanton-2022-single",
    "fanton-2022-multiple",
    "bentebibel-2019",
    "artistry-1",
    "hammer",
    "efavaleukin-sle",
}
CYCLES_OF_NMA = [42 * cycle for cycle in range(9)]  # the schedule prints one: 'repeat every 42 days up to 1 year'
Row = tuple[int, int, Route, float, float | None]


def rows_of(file: str) -> list[dict[str, str]]:
    with (DATA / file).open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def published(study: str, arm: str) -> list[Row]:
    offsets = CYCLES_OF_NMA if study == "NMA_TCD_IL2_2011" else [0]
    rows = [
        (
            int(row["start_day"]) + offset,
            int(row["end_day"]) + offset,
            *ROUTES[row["route"]],
            float(row["dose_IU_per_m2_per_day"]) / 1e6 if row["dose_IU_per_m2_per_day"] else None,
        )
        for row in rows_of("schedules.csv")
        if (row["study_id"], row["arm_id"]) == (study, arm)
        for offset in offsets
    ]
    return sorted(rows, key=lambda row: row[:2])


def written(regimen: Regimen, bsa: float) -> list[Row]:
    return [
        (block.start_day, block.end_day, block.route, block.duration_h, daily_miu_per_m2(block, bsa))
        for block in blocks(regimen)
        if block.drug != "histamine"
    ]


def daily_miu_per_m2(block: Block, bsa: float) -> float | None:
    if block.amount is None:
        return None
    size = {"patient": 1.0, "m2": bsa, "kg": WEIGHT}[block.per.value]
    return to_miu(block.amount * size, block.unit, product(block.drug)) * block.times_per_day / bsa


def bsa_of(name: str) -> float:
    return BSA_OF_AML12 if name == "eortc-gimema-aml12" else BSA


CHEMOTHERAPIES = {"seven-plus-three", "high-dose-cytarabine", "calgb-8525-100", "calgb-8525-400", "calgb-8525-3000"}


DONOR_LYMPHOCYTES = {"dli-bulk", "dli-escalating", *(f"inamoto-2011-level-{level}" for level in (1, 2, 3))}


def test_the_library_holds_every_published_arm_chemotherapies_donor_lymphocytes_and_engineered_drugs() -> None:
    arms = {(row["study_id"], row["arm_id"]) for row in rows_of("schedules.csv")}

    assert arms == set(LIBRARY)
    assert set(names()) == {*LIBRARY.values(), *ENGINEERED} | CHEMOTHERAPIES | DONOR_LYMPHOCYTES


@pytest.mark.parametrize(("arm", "name"), LIBRARY.items(), ids=LIBRARY.values())
def test_the_dose_table_of_a_library_regimen_is_the_published_schedule(arm: tuple[str, str], name: str) -> None:
    expected = published(*arm)

    found = written(load(name), bsa_of(name))

    assert [row[:4] for row in found] == [row[:4] for row in expected]
    for (*_, dose), (*_, printed) in zip(found, expected, strict=True):
        assert dose == (None if printed is None else pytest.approx(printed, rel=ROUNDED.get(name, EXACT)))


DIFFERENCES = {
    # (name, printed MIU/m2): planned here, each with its reason
    ("calgb-9720", 246.0): 243.0,  # Buyse prints 82 a month; the sister trial's days give 243
    ("calgb-19808", 273.0): 250.0,  # Buyse prints 91 a month; the abstract's days at 12 MIU pulses give 250
    ("blaise-2000", 240.0): 156.0,  # Buyse prints 120 x 2; the abstract's 120 received are 77 % of 156
    ("mp-ma-0201", 262.0): 262.043,  # printed as 'about'; 16,400 x 2 x 210 x 70 / 1.84
}
THOUSANDTH = 5e-4  # MIU/m2; half of the last digit the table of differences gives
WITHOUT_A_TOTAL = {"meloni-1994", "whangbo-2019", "nma-tcd-2011"}


def planned(name: str) -> float | None:
    bsa = bsa_of(name)
    (total,) = (each.amount for each in totals(load(name), bsa, WEIGHT).values() if each.unit == "MIU")
    return None if total is None else total / bsa


def test_planned_totals_are_the_published_ones_but_for_the_differences_listed() -> None:
    differences = {}
    for row in rows_of("planned_totals.csv"):
        name, here = LIBRARY[row["study_id"], row["arm_id"]], planned(LIBRARY[row["study_id"], row["arm_id"]])
        if not row["printed"]:
            assert name in WITHOUT_A_TOTAL
            continue
        lowest, highest = float(row["lowest_MIU_per_m2"]), float(row["highest_MIU_per_m2"])
        assert here is not None
        if not lowest * (1.0 - EXACT) <= here <= highest * (1.0 + EXACT):
            differences[name, highest] = here

    assert differences == pytest.approx(DIFFERENCES, abs=THOUSANDTH)


def test_a_dose_that_no_source_gives_is_refused_for_a_patient() -> None:
    unknown = [name for name in names() if any(each.amount is None for each in expand(load(name)))]

    assert unknown == ["efavaleukin-sle", "meloni-1994", "whangbo-2019"]
    for name in unknown:
        missing = next(each for each in expand(load(name)) if each.amount is None)
        with pytest.raises(InputError, match="is unknown: its source does not give it"):
            amounts(missing, np.array([BSA]), np.array([WEIGHT]))


def test_high_dose_cytarabine_is_eighteen_grams_per_m2_a_course_in_four_courses() -> None:
    """Mayer 1994, abstract: 3 g/m2 every 12 h on days 1, 3 and 5, four courses."""
    regimen = load("high-dose-cytarabine")

    total = totals(regimen, BSA, WEIGHT)["cytarabine"]

    assert total.unit == "mg"
    assert total.amount == pytest.approx(4 * 6 * 3000.0 * BSA, rel=EXACT)
    assert {each.duration for each in expand(regimen)} == {3.0}


@pytest.mark.parametrize(("dose", "course"), [("100", 500.0), ("400", 2_000.0), ("3000", 18_000.0)])
def test_consolidation_of_calgb_8525_is_four_courses_after_two_of_induction(dose: str, course: float) -> None:
    """Mayer 1994, abstract: 100 or 400 mg/m2 a day for five days, or 3 g/m2 twice on each of three days."""
    total = totals(load(f"calgb-8525-{dose}"), BSA, WEIGHT)["cytarabine"].amount

    assert total == pytest.approx((7 * 200.0 + 5 * 200.0 + 4 * course) * BSA, rel=EXACT)
