"""A GPU, or its stand-in, follows every published model as the CPU does."""

from collections.abc import Callable

import numpy as np
import pytest

from trialeukin.engine.problem import Problem
from trialeukin.engine.solve import Backend, solve
from trialeukin.model.published.library import PUBLISHED, published_model


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_gpu_follows_a_published_model_to_the_last_bit(name: str, pose: Callable[..., Problem]) -> None:
    system = published_model(name)
    days = np.linspace(0.0, 20.0, 5)
    problem = pose(system, horizon=20.0, save_times=days, save=tuple(state.name for state in system.states))

    on_gpu, on_cpu = (solve(problem, backend=backend).values for backend in (Backend.GPU, Backend.CPU))

    assert np.isfinite(on_cpu).all()
    assert np.array_equal(on_gpu, on_cpu)
