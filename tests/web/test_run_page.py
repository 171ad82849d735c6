"""What the page of a run shows of its trials and its patients."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pytest
from fastapi.testclient import TestClient

from trialeukin.survival.competing_risks import cumulative_incidence
from trialeukin.web.app import create_app
from trialeukin.web.charts.outcome_charts import outcome_charts
from trialeukin.web.charts.ratio_charts import ratio_charts
from trialeukin.web.charts.who_table import who_table
from trialeukin.web.published_studies import published_study
from trialeukin.web.settings import Settings
from trialeukin.web.workshop import Workshop

STUDY = published_study("ccg-2961")
PATIENTS, TRIALS = 100, 20
WHAT_IF = """
[[parameters]]
name = "il2_linear_clearance"
times = 2
assumed.times = "what if clearance were twice the fitted one?"
"""
OVER_PARAMETERS = "months_gained_over_parameters"
LONGEST = 180.0  # s, on a busy machine


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, Path, str]]:
    """A server that has done a run, the run's directory and its id."""
    settings = Settings(data=tmp_path_factory.mktemp("data"))
    workshop = Workshop.open(settings)
    with TestClient(create_app(settings, workshop), base_url="http://127.0.0.1") as client:
        name = client.post("/api/runs", json={"text": STUDY, "patients": PATIENTS, "replicates": TRIALS}).json()["id"]
        end = time.monotonic() + LONGEST
        while (state := client.get(f"/api/runs/{name}").json()["state"]) in {"queued", "running"}:
            assert time.monotonic() < end
            time.sleep(0.1)
        assert state == "done"
        yield client, settings.data / "runs" / name, name
    workshop.data.close()


def test_the_page_has_every_figure_of_a_run_and_the_patients_at_risk(done: tuple[TestClient, Path, str]) -> None:
    client, _, name = done

    page = client.get(f"/runs/{name}").text

    for chart in ("ratios-lfs", "ratios-os", "lfs", "os", "incidence"):
        assert f'id="chart-{chart}"' in page
    assert page.count("<caption>Patients at risk, by month</caption>") == 2
    assert f"over {TRIALS} trials" in page
    assert "report.html" in page


def test_survival_and_patients_at_risk_are_read_at_round_months_and_at_the_end(
    done: tuple[TestClient, Path, str],
) -> None:
    _, directory, _ = done
    arms = [arm["name"] for arm in json.loads((directory / "summary.json").read_text())["arms"]]

    lfs, _, incidence = outcome_charts(directory, arms)

    assert lfs.below is not None
    months = lfs.below.head[1:]
    assert [float(month) % 12 for month in months[:-1]] == [0.0] * (len(months) - 1)
    assert incidence.table.head[1:] == lfs.table.head[1:] == tuple(f"month {month}" for month in months)


def test_the_trials_are_downloaded_as_csv_and_as_parquet(done: tuple[TestClient, Path, str]) -> None:
    client, directory, name = done

    rows = client.get(f"/runs/{name}/files/replicates.csv").text.splitlines()
    file = client.get(f"/runs/{name}/files/replicates.parquet")

    assert rows[0].startswith('"treatment","PARAMCD","parameters","draw","patients","randomisation","hazard_ratio"')
    assert len(rows) == 1 + 2 * 2 * TRIALS  # two endpoints, at the typical parameters and at drawn ones
    assert file.content == (directory / "replicates.parquet").read_bytes()
    assert "replicates.parquet" in client.get(f"/api/runs/{name}").json()["files"]


def test_the_histogram_counts_every_trial_and_marks_what_was_expected(done: tuple[TestClient, Path, str]) -> None:
    _, directory, _ = done
    summary = json.loads((directory / "summary.json").read_text())

    chart = ratio_charts(directory / "replicates.parquet", summary)[0]

    found = summary["endpoints"]["lfs"]
    counted = [sum(int(row[column]) for row in chart.table.rows) for column in (1, 2)]
    marks = {str(trace["name"]).split(":")[0]: trace["x"] for trace in chart.traces[2:]}
    band = next(shape for shape in chart.layout["shapes"] if shape["type"] == "rect")
    assert counted == [TRIALS - found["not_estimable"], TRIALS]
    assert marks["whole population"] == [pytest.approx(found["hazard_ratio_at_typical_parameters"], rel=1e-4)] * 2
    assert marks["median of trials"] == [pytest.approx(found["hazard_ratio"]["value"], rel=1e-4)] * 2
    assert (band["x0"], band["x1"]) == (found["hazard_ratio"]["lower"], found["hazard_ratio"]["upper"])


def test_the_page_says_what_power_is_and_shows_that_of_the_summary(done: tuple[TestClient, Path, str]) -> None:
    client, directory, name = done
    found = json.loads((directory / "summary.json").read_text())["endpoints"]["lfs"]

    page = client.get(f"/runs/{name}").text

    assert f"{100 * found['power']:.1f} % ± {100 * found['power_monte_carlo_error']:.1f}" in page
    assert "Power is the share of trials that show a significant benefit of" in page
    assert found["power"] <= found["significant"]["value"]


def test_the_page_says_in_whom_the_treatment_acts_as_the_summary_does(done: tuple[TestClient, Path, str]) -> None:
    client, directory, name = done
    summary = json.loads((directory / "summary.json").read_text())
    who, whole = summary["in_whom"], summary["endpoints"]["lfs"]

    page = client.get(f"/runs/{name}").text
    table = who_table(summary)

    assert "In whom it acts" in page
    assert f"{100 * who['principal_strata']['always_free']['share']['value']:.0f} % are free of the event" in page
    assert len(table.rows) == 1 + 2 * len(who["splits"])
    assert table.rows[0][0] == "all patients"
    assert f"{who['months_gained']['value']:+.1f}".replace("-", "−") in table.rows[0][2]
    assert table.rows[0][3:5] == (
        f"{whole['hazard_ratio_at_typical_parameters']:.2f}",
        f"{100 * whole['power']:.1f} %",
    )
    assert all(row[0] in page for row in table.rows)


def test_a_run_from_before_that_was_asked_says_nothing_of_it(done: tuple[TestClient, Path, str]) -> None:
    client, directory, name = done
    file = directory / "summary.json"
    whole = file.read_text()
    file.write_text(json.dumps({key: value for key, value in json.loads(whole).items() if key != "in_whom"}))
    try:
        page = client.get(f"/runs/{name}")
    finally:
        file.write_text(whole)

    assert page.status_code == 200
    assert "In whom it acts" not in page.text


def test_a_run_without_draws_claims_nothing_over_what_is_not_known(done: tuple[TestClient, Path, str]) -> None:
    client, directory, name = done
    file = directory / "summary.json"
    whole = file.read_text()
    drawn = client.get(f"/runs/{name}").text
    summary = json.loads(whole)
    file.write_text(json.dumps(summary | {"draws": 0, "in_whom": summary["in_whom"] | {OVER_PARAMETERS: None}}))
    try:
        bare = client.get(f"/runs/{name}").text
    finally:
        file.write_text(whole)

    assert "and the chance of the trial, with what is not known of the parameters." in drawn
    assert "and the chance of the trial, all at the typical parameters." in bare
    assert "and averaged over what is not known of them" in drawn
    assert "not known of" not in bare
    assert "in brackets over the parameters" in drawn
    assert "in brackets over the parameters" not in bare


def test_two_runs_beside_each_other_are_written_as_on_their_own_pages_with_their_difference(
    done: tuple[TestClient, Path, str],
) -> None:
    client, directory, name = done
    changed = STUDY.replace("hold while platelets < 25 G/L", "hold while platelets < 50 G/L") + WHAT_IF
    asked = {"text": changed, "patients": PATIENTS, "replicates": TRIALS}
    other = client.post("/api/runs", json=asked).json()["id"]
    end = time.monotonic() + LONGEST
    while client.get(f"/api/runs/{other}").json()["state"] != "done":
        assert time.monotonic() < end
        time.sleep(0.1)
    found = json.loads((directory / "summary.json").read_text())["endpoints"]["lfs"]
    ratio = found["hazard_ratio"]

    said = "What if: IL-2 linear clearance stands at another value than the model&#39;s own."
    assert said not in client.get(f"/runs/{name}").text
    assert said in client.get(f"/runs/{other}").text
    page = client.get("/runs/comparison", params={"first": name, "second": other}).text

    assert f"{ratio['value']:.2f} ({ratio['lower']:.2f} to {ratio['upper']:.2f})" in page
    assert f"{100 * found['power']:.1f} % ± {100 * found['power_monte_carlo_error']:.1f}" in page
    assert "both runs follow the same patients" in page
    assert "second less first, points (95 %)" in page


def test_a_comparison_of_nothing_leads_back_to_the_runs(done: tuple[TestClient, Path, str]) -> None:
    client, _, name = done

    answer = client.get("/runs/comparison", params={"first": name})

    assert answer.status_code == 422
    assert '<a href="/runs">Go to the page Runs</a>' in answer.text


def test_incidence_is_that_of_the_competing_risks(done: tuple[TestClient, Path, str]) -> None:
    _, directory, _ = done
    arms = [arm["name"] for arm in json.loads((directory / "summary.json").read_text())["arms"]]

    chart = outcome_charts(directory, arms)[-1]

    query = "SELECT AVAL, CNSR, EVNTDESC FROM read_parquet(?) WHERE PARAMCD = 'LFS' AND TRT01P = ?"
    found = duckdb.execute(query, [str(directory / "events.parquet"), arms[0]]).fetchall()
    codes = [0 if censored else 1 if "relapse" in kind else 2 for _, censored, kind in found]
    curves = cumulative_incidence([row[0] for row in found], codes)
    row = next(row for row in chart.table.rows if row[0] == f"{arms[0]}: relapse")
    counted = 100.0 * np.mean([code == 1 for code in codes])
    assert 100.0 * curves.incidence[0, -1] == pytest.approx(counted)  # nobody is lost before the horizon
    assert float(row[-1].split()[0]) == pytest.approx(counted, abs=0.51)  # printed as a whole number


def test_a_run_from_before_trials_were_stored_says_so(done: tuple[TestClient, Path, str]) -> None:
    client, directory, name = done
    kept = (directory / "replicates.parquet").read_bytes()
    (directory / "replicates.parquet").unlink()

    try:
        page = client.get(f"/runs/{name}").text
        files = [client.get(f"/runs/{name}/files/replicates.{kind}") for kind in ("parquet", "csv")]
        listed = client.get(f"/api/runs/{name}").json()["files"]
    finally:
        (directory / "replicates.parquet").write_bytes(kept)

    assert "The single trials of this run are not stored" in page
    assert re.search(r"/files/replicates\.", page) is None
    assert [answer.status_code for answer in files] == [404, 404]
    assert "it was written before runs had one" in files[0].text
    assert "replicates.parquet" not in listed


def test_a_run_deleted_while_its_page_is_made_is_said_to_be_gone(
    done: tuple[TestClient, Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, _, name = done  # the last test that has it
    catalogue = client.app.state.workshop.catalogue
    look_up = catalogue.directory

    def deleted(run: str) -> Path:
        directory = look_up(run)
        catalogue.delete(run)
        return directory

    monkeypatch.setattr(catalogue, "directory", deleted)
    page = client.get(f"/runs/{name}")

    assert page.status_code == 404
    assert "it may have been deleted; see the list of runs" in page.text
