"""How the reference writes accrual and hazards, read as values."""

from collections.abc import Callable

import numpy as np
import pytest

from trialeukin.survival.design.enrolment import Enrolment
from trialeukin.survival.design.expected_events import ArmPlan
from trialeukin.survival.design.hazard import PiecewiseHazard, constant


@pytest.fixture(scope="session")
def enrolment() -> Callable[[str], Enrolment]:
    """Read ``6@5;12@15``: for 6 months 5 patients a month, for 12 months 15."""

    def read(text: str) -> Enrolment:
        pairs = [tuple(map(float, part.split("@"))) for part in text.split(";")]
        return Enrolment(durations=np.array([a for a, _ in pairs]), rates=np.array([b for _, b in pairs]))

    return read


@pytest.fixture(scope="session")
def two_arms() -> Callable[..., tuple[ArmPlan, ArmPlan]]:
    """Return control and treatment of piecewise hazards and ratios that start at the same times."""

    def build(starts, hazards, ratios, drop_out=0.0, allocation=1.0) -> tuple[ArmPlan, ArmPlan]:
        control = PiecewiseHazard(starts=np.array(starts, dtype=float), rates=np.array(hazards, dtype=float))
        ratio = PiecewiseHazard(starts=np.array(starts, dtype=float), rates=np.array(ratios, dtype=float))
        share, loss = allocation / (1.0 + allocation), constant(drop_out)
        return (
            ArmPlan(share=1.0 - share, hazard=control, drop_out=loss),
            ArmPlan(share=share, hazard=control.times(ratio), drop_out=loss),
        )

    return build
