"""``trialeukin theory``."""

import json
from pathlib import Path

import pytest

from trialeukin.cli.main import main


def test_a_page_and_a_diagram_of_one_model_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["theory", "il2-pharmacokinetics", "-o", str(tmp_path)])

    assert code == 0
    assert sorted(file.name for file in tmp_path.iterdir()) == ["il2-pharmacokinetics.md", "il2-pharmacokinetics.svg"]
    assert "il2-pharmacokinetics.md" in capsys.readouterr().out


def test_programs_are_told_the_files_of_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["theory", "il2-pharmacokinetics", "-o", str(tmp_path), "--json"])

    files = json.loads(capsys.readouterr().out)["files"]
    assert code == 0
    assert sorted(files) == sorted(map(str, tmp_path.iterdir()))


@pytest.mark.parametrize("place", ["taken", "taken/below"])
def test_a_place_that_cannot_be_a_directory_is_refused_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], place: str
) -> None:
    (tmp_path / "taken").write_text("a file", encoding="utf-8")

    code = main(["theory", "il2-pharmacokinetics", "-o", str(tmp_path / place)])

    assert code == 2
    assert f"{tmp_path / place} cannot be made a directory" in capsys.readouterr().err


def test_an_unknown_model_is_refused_with_those_there_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["theory", "il2-imune", "-o", str(tmp_path / "none")])

    assert code == 2
    assert "unknown model 'il2-imune': known are" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()
