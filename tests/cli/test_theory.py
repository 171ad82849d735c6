"""``trialeukin theory``."""

from pathlib import Path

import pytest

from trialeukin.cli.main import main


def test_a_page_and_a_diagram_of_one_model_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["theory", "il2-pharmacokinetics", "-o", str(tmp_path)])

    assert code == 0
    assert sorted(file.name for file in tmp_path.iterdir()) == ["il2-pharmacokinetics.md", "il2-pharmacokinetics.svg"]
    assert "il2-pharmacokinetics.md" in capsys.readouterr().out


def test_an_unknown_model_is_refused_with_those_there_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["theory", "il2-imune", "-o", str(tmp_path / "none")])

    assert code == 2
    assert "unknown model 'il2-imune': known are" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()
