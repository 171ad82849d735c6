import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from trialeukin.cli.main import main

START = (str(Path(sys.executable).parent / "trialeukin"), "serve", "--port", "0", "--data")


def test_the_server_says_where_it_is_answers_and_ends_at_ctrl_c_without_a_fault(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*START, str(tmp_path / "data")], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        said = process.stdout.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+/", said).group()
        with urllib.request.urlopen(f"{address}regimen") as answer:
            page = answer.read().decode()
    finally:
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=60)

    assert "What a regimen means and does" in page
    assert process.returncode == 0
    assert complaints == ""


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--host", "0.0.0.0"], "TRIALEUKIN_TOKEN"),
        (["--port", "70000"], "--port 70000: give a number from 0 to 65535"),
        (["--data", "/dev/null/here"], "name a directory for data that you may write to"),
    ],
)
def test_what_cannot_be_served_is_refused_with_the_way_out(
    options: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["serve", *(options if "--data" in options else ["--data", str(tmp_path), *options])])

    assert code == 2
    assert said in capsys.readouterr().err


def test_data_in_a_file_is_a_wrong_call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "data"
    file.write_text("")

    code = main(["serve", "--port", "0", "--data", str(file)])

    assert code == 2
    assert f"{file}: Not a directory: name a directory for data that you may write to" in capsys.readouterr().err


def test_a_fault_in_the_users_own_evidence_is_said_before_anything_is_served(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = tmp_path / "assessments.toml"
    record.write_text('[[pools]]\npool = "aml-cr1"\n', encoding="utf-8")

    code = main(["serve", "--port", "0", "--data", str(tmp_path / "data"), "--directory", str(tmp_path)])

    assert code == 2
    assert f"{record}" in capsys.readouterr().err


def test_a_port_that_is_taken_is_named_with_the_way_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code = main(["serve", "--port", str(port), "--data", str(tmp_path)])

    assert code == 2
    assert f"127.0.0.1, port {port}: Address already in use: choose another with --port" in capsys.readouterr().err
