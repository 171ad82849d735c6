"""From what the model does not know to the patients that a trial needs: a notebook in percent format."""

# ruff: noqa: T201 a notebook prints

# %% [markdown]
# # How large a trial?
#
# A sample size is as good as the effect that is planned for. The usual plan takes a hazard ratio that would be
# pleasant to find. Here it comes from a model that says how little it knows, and the question becomes: what is the
# chance that a trial of a given size succeeds?

# %%
import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import norm

from trialeukin.survival.design.efficacy import AlphaSpending
from trialeukin.survival.design.futility import FutilityRule
from trialeukin.survival.design.group_sequential import group_sequential
from trialeukin.survival.design.spending import HwangShihDeCani, OBrienFlemingSpending
from trialeukin.trial.run import run_study
from trialeukin.trial.study_file import load_study

study = load_study("studies/calgb-19808.toml")
result = run_study(study, patients=150, replicates=200, draws=20)
lfs = result.endpoints[0]
ratio = lfs.hazard_ratio
print(f"hazard ratio of one trial: {ratio.median:.2f} ({ratio.lower:.2f} to {ratio.upper:.2f})")

# %% [markdown]
# ## What is unknown, and what a larger trial would settle
#
# The interval has three parts. The first does not shrink with the size of the trial.

# %%
for part in lfs.components:
    print(f"{part.chance.value:40} {part.share:5.0%}   alone: {part.interval.lower:.2f} to {part.interval.upper:.2f}")

# %% [markdown]
# ## The effect that the model believes in
#
# The first part is the spread of the true hazard ratio over what is not known. On the logarithmic scale it is a
# normal belief.

# %%
unknown = lfs.components[0]
middle = float(np.log(unknown.interval.median))
spread = float(np.sqrt(max(unknown.variance.value, 0.0)))
useful = norm.cdf((np.log(0.8) - middle) / spread)
print(f"log hazard ratio {middle:+.2f}, spread {spread:.2f}: P(HR < 0.8) = {useful:.0%}")

# %% [markdown]
# ## Power and assurance
#
# Power asks what happens if the hazard ratio is 0.75. Assurance averages power over the belief. Schoenfeld's
# approximation: with d events in two equal arms, the statistic is normal with mean $-\log(HR) \sqrt{d} / 2$.

# %%
events = np.arange(50, 2001, 25)


def power(log_ratio, count):
    """Return the chance of a significant gain, two-sided level 0.05."""
    return norm.cdf(-log_ratio * np.sqrt(count) / 2.0 - norm.ppf(0.975))


nodes, weights = np.polynomial.hermite_e.hermegauss(40)
beliefs = middle + spread * nodes
assurance = np.array([weights @ power(beliefs, count) / weights.sum() for count in events])

figure, axis = plt.subplots(
    figsize=(7, 3.4), label="Power at a hazard ratio of 0.75, and assurance, by number of events"
)
axis.plot(events, power(np.log(0.75), events), label="power if the hazard ratio is 0.75")
axis.plot(events, assurance, label="assurance: what the model believes")
axis.axvline(lfs.events.median, linestyle="--", linewidth=0.8, color="0.5")
axis.annotate("CALGB 19808", (lfs.events.median, 0.93), xytext=(6, 0), textcoords="offset points", fontsize=9)
axis.set(xlabel="events", ylabel="chance of success", ylim=(0.0, 1.0))
axis.legend(frameon=False, loc="center right")
figure.tight_layout()

# %% [markdown]
# The upper curve ends at one: a large trial finds a hazard ratio of 0.75 if it is there. The lower one rises slowly
# towards the chance that there is any gain at all, and no number of patients lifts it over that. What would lift it is
# knowing more before: whether NK cells in the marrow follow those in blood.

# %% [markdown]
# ## Stopping early
#
# A look at half of the events, with a limit of futility, costs a few events and ends most trials of a drug without
# effect:

# %%
design = group_sequential(
    np.array([0.5, 1.0]),
    efficacy=AlphaSpending(OBrienFlemingSpending()),
    futility=FutilityRule(function=HwangShihDeCani(-2.0)),
)
print(f"events, times those without a look: {design.inflation:.3f}")
early = {"without an effect": design.null, "with it": design.alternative}
print("ends at the look for futility:", ", ".join(f"{name} {stops.lower[0]:.1%}" for name, stops in early.items()))
