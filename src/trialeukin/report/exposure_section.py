"""Plasma IL-2 in the first weeks of the regimen, over the concentrations that each kind of cell needs."""

import numpy as np

from trialeukin.core.units import convert, same_dimension
from trialeukin.report.fan_figure import FanOfArm, Panel, Ruler, fan_figure
from trialeukin.report.page import Section
from trialeukin.report.palette import Colour
from trialeukin.report.picture import Picture, Words
from trialeukin.report.sensitivity import SENSITIVITIES
from trialeukin.report.study_wording import arms_in_order
from trialeukin.report.table import Table
from trialeukin.report.wording import anchor
from trialeukin.trial.arm_result import ArmResult, Fan
from trialeukin.trial.result import StudyResult

UNIT = "pmol/L"
LOWEST, HIGHEST = 0.1, 1e4
SHARES = "Line: median patient; dark band: middle half; light band: nine in ten patients."


def exposure_section(result: StudyResult) -> Section:
    """Return one picture of plasma IL-2 for each arm that gets a drug."""
    pictures = [
        _picture(arm, fan, colour, f"exposure-{place}-{anchor(fan.quantity)}")
        for place, (arm, colour) in enumerate(arms_in_order(result))
        for fan in arm.exposure_fans
        if arm.planned and same_dimension(fan.unit, UNIT)
    ]
    if not pictures:
        return Section(name="exposure", title="Plasma IL-2", words=("No arm of this study gets interleukin-2.",))
    words = (
        "Every kind of cell with an IL-2 receptor answers at its own concentration. The coloured bands are the "
        "concentrations at which half of the STAT5 signal is reached in blood cells: regulatory T cells respond to "
        "about ten picomoles per litre, NK and CD8 T cells need ten to a hundred times as much. The bands are wide "
        "because the EC50 of NK and CD8 T cells falls up to tenfold between 1 and 4 hours of exposure.",
    )
    return Section(
        name="exposure", title="Plasma IL-2 against what the cells need", words=words, blocks=(*pictures, _bands())
    )


def _picture(arm: ArmResult, fan: Fan, colour: Colour, name: str) -> Picture:
    quantiles = np.clip(fan.quantiles * convert(1.0, fan.unit, UNIT), LOWEST / 10.0, None)
    drawn = FanOfArm(label=arm.name, colour=colour, times=fan.times, quantiles=quantiles)
    high = max(HIGHEST, 10.0 ** np.ceil(np.log10(np.nanmax(quantiles))))
    panel = Panel(
        title=f"{fan.meaning or fan.quantity}, {UNIT}",
        fans=(drawn,),
        ruler=Ruler.LOGARITHMIC,
        zones=tuple(one.zone for one in SENSITIVITIES),
        low=LOWEST,
        high=float(high),
    )
    peak, trough = float(np.nanmax(quantiles[2])), float(np.nanmin(quantiles[2]))
    first, last = float(fan.times[0]), float(fan.times[-1])
    words = Words(
        name=name,
        title=f"Plasma IL-2 on {arm.name}",
        description=f"The median patient's concentration lies between {trough:.3g} and {peak:.3g} pmol/L from day "
        f"{first:.0f} to day {last:.0f}, drawn over the EC50 bands of Treg, NK and CD8 cells.",
        caption=f"Predicted {fan.meaning or fan.quantity} in {fan.patients:,} virtual patients on {arm.name}, "
        f"days {first:.0f} to {last:.0f}, logarithmic. {SHARES} Patients who never start or stop are among them. "
        "1 IU/mL of aldesleukin is about 4 pmol/L.",
    )
    return fan_figure(words, (panel,), "days since randomisation")


def _bands() -> Table:
    return Table(
        caption="EC50 of STAT5 phosphorylation by IL-2, pmol/L: least and greatest of the refits",
        head=("cell", "lowest", "highest", "source"),
        rows=tuple((one.cell, f"{one.low:g}", f"{one.high:,.0f}", str(one.source)) for one in SENSITIVITIES),
        numeric=(False, True, True, False),
        folded=True,
    )
