from importlib import resources

import pytest

from trialeukin.core.errors import ParameterError
from trialeukin.core.parameter import Scale
from trialeukin.model.fitted import fitted


def test_a_fitted_parameter_has_its_spreads_its_scale_and_the_script_that_fitted_it() -> None:
    burden = fitted("control_arms", "residual_burden_log10")

    assert burden.scale is Scale.LINEAR
    assert burden.between_patients > 0.0
    assert burden.uncertainty > 0.0
    assert burden.source.key == "fit_control_arms"
    assert burden.meaning


def test_an_unknown_fitted_parameter_is_refused_with_those_there_are() -> None:
    with pytest.raises(
        ParameterError, match=r"no fitted parameter 'appetite' in control_arms.toml: there are .*rescued"
    ):
        fitted("control_arms", "appetite")


def test_no_fitted_parameter_is_still_a_start_of_its_fit() -> None:
    files = [file for file in resources.files("trialeukin.model.fitted").iterdir() if file.name.endswith(".toml")]

    assert len(files) >= 3
    for file in files:
        assert "start of" not in file.read_text(encoding="utf-8"), file.name
