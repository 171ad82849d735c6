"""The same amount of IL-2 given in four ways: a notebook in percent format."""

# ruff: noqa: T201 a notebook prints

# %% [markdown]
# # Dose, route and schedule
#
# Every trial of IL-2 in remission gave another schedule. Does that matter? Here the same 42 MIU/m² are given within
# three weeks in four ways, to the same 40 virtual patients in first remission of AML. What is looked at is not the
# effect, which nobody knows, but what the schedule can be chosen for: how long each kind of cell is signalled.

# %%
import matplotlib.pyplot as plt
import numpy as np

from trialeukin.regimen.parse import parse
from trialeukin.trial.background import background
from trialeukin.trial.response import response_of

SCHEDULES = {
    "daily sc": "aldesleukin 2 MIU/m2/day sc days 1-21",
    "twice daily sc": "aldesleukin 2 MIU/m2/day sc twice daily days 1-21",
    "infusion": "aldesleukin 2 MIU/m2/day civ days 1-21",
    "pulses iv": "aldesleukin 14 MIU/m2 iv over 1 h days 1, 8, 15",
}
place = background("first-remission")
found = {name: response_of(parse(text), place, patients=40, days=35.0) for name, text in SCHEDULES.items()}

# %% [markdown]
# ## Exposure
#
# The line is the median patient, on a logarithmic scale; the dashes are the concentrations that half-signal Treg,
# CD56bright NK cells and the killing of NK cells.

# %%
figure, axes = plt.subplots(
    1, 4, figsize=(10, 2.8), sharey=True, label="IL-2 in plasma under four schedules of one amount"
)
parameters = place.system().parameters
levels = [parameters[name].value for name in ("treg_half_signal", "nk_bright_half_signal", "nk_activation_half_signal")]
for axis, (name, each) in zip(axes, found.items(), strict=True):
    fan = next(fan for fan in each.exposure if fan.quantity == "il2_concentration")
    middle = fan.quantiles[len(fan.quantiles) // 2]
    axis.semilogy(fan.times, np.maximum(middle, 0.1), linewidth=0.9)
    for level in levels:
        axis.axhline(level, linestyle="--", linewidth=0.7, color="0.5")
    axis.set(title=name, xlabel="day", ylim=(0.5, 20_000))
axes[0].set_ylabel("IL-2, pmol/L")
figure.tight_layout()

# %% [markdown]
# ## Time above each threshold
#
# The amount is the same and the peaks differ tenfold; for growth it is the time that counts.

# %%
kinds = ("Treg", "CD56bright NK", "NK")
print(f"{'days above the EC50 of':24}" + "".join(f"{kind:>18}" for kind in kinds))
for name, each in found.items():
    times = {measure.name: measure for measure in each.measures}
    row = [times[f"time with IL-2 above the {kind} EC50"] for kind in kinds]
    print(f"{name:24}" + "".join(f"{part.median:7.1f} ({part.low:.1f}-{part.high:.1f})".rjust(18) for part in row))

# %% [markdown]
# ## Cells
#
# NK cells and Treg in blood, over the median of the start. Counts dip at each dose and jump after the last one: under
# IL-2 cells leave the blood for tissue (margination) and come back without it, so that the hour of a blood sample
# decides what a paper calls the response.

# %%
figure, axes = plt.subplots(1, 2, figsize=(9, 3), label="NK cells and Treg in blood under four schedules")
for axis, (quantity, title) in zip(axes, (("nk_count", "NK cells"), ("treg_count", "Treg")), strict=True):
    for name, each in found.items():
        fan = next(fan for fan in each.cells if fan.quantity == quantity)
        middle = fan.quantiles[len(fan.quantiles) // 2]
        axis.plot(fan.times, middle / middle[0], label=name)
    axis.set(title=title, xlabel="day", ylabel="times the start")
axes[0].legend(frameon=False)
figure.tight_layout()

# %% [markdown]
# What to take from it: no schedule moves NK cells without moving Treg, since both answer to low concentrations;
# pulses reach what only high concentrations do, the killing of NK cells and, with it, inflammation and leak. A
# schedule that is right for one is wrong for the other. Whether the trade is worth anything in the marrow is not in
# these pictures: it is the parameter that no source settles ([published trials](../published-trials.md)).
