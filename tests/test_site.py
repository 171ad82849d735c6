"""The documentation site: it builds without a warning, its links lead somewhere, its examples run and print that."""

import ast
import fcntl
import importlib
import inspect
import os
import pkgutil
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from sphinx.util.inventory import InventoryFile

import trialeukin
from trialeukin.cli.main import COMMANDS, GROUPS
from trialeukin.core.sources import bibliography
from trialeukin.regimen.parse import parse

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
TAUGHT = sorted(path for folder in ("tutorials", "how-to") for path in (DOCS / folder).glob("*.md"))
FACES = ("trialeukin.cli", "trialeukin.web")
"""Packages that are used by their commands and pages, not imported."""
DOSE = "aldesleukin 1 MIU/m2/day sc days 1-5"
SECONDS = 300


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the site as `make docs` builds it, once for all workers; its notebooks are run by that."""
    own = tmp_path_factory.getbasetemp()
    folder = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    with (folder / "site.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "site" / "objects.inv").exists():
            build(folder)
    return folder / "site"


def build(folder: Path) -> None:
    options = ("-q", "-W", "--keep-going", "-n", "-b", "html", "-d", str(folder / "trees"))

    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *options, str(DOCS), str(folder / "building")],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    (folder / "building").rename(folder / "site")


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the modules that build the site importable."""
    monkeypatch.syspath_prepend(str(DOCS / "site"))


@pytest.mark.parametrize("page", TAUGHT, ids=lambda page: f"{page.parent.name}/{page.stem}")
@pytest.mark.usefixtures("tools")
def test_examples_of_a_page_run_and_print_what_it_says(page: Path, tmp_path: Path) -> None:
    examples = importlib.import_module("examples")

    ran = examples.check(page, tmp_path)

    assert ran > 0 or page.stem == "index"


@pytest.mark.usefixtures("tools")
def test_an_example_that_prints_something_else_fails(tmp_path: Path) -> None:
    examples = importlib.import_module("examples")
    page = tmp_path / "page.md"
    page.write_text("```python\nprint(2 + 2)\n```\n\n```text\n5\n```\n", encoding="utf-8")

    with pytest.raises(examples.ExampleError, match="prints\n4"):
        examples.check(page, tmp_path)


@pytest.mark.usefixtures("tools")
def test_dots_stand_for_any_lines_and_for_nothing_else() -> None:
    examples = importlib.import_module("examples")

    assert examples.agrees("first\nsecond\nlast\n", "first\n...\nlast\n")
    assert not examples.agrees("first\nsecond\nlast\n", "first\n...\nother\n")
    assert not examples.agrees("first\nsecond\n", "first\n")


@pytest.mark.usefixtures("tools")
@pytest.mark.parametrize(
    ("printed", "same"),
    [
        ("0.80 (1.305)", True),
        ("0.81 (1.304)", True),
        ("0.82 (1.305)", False),
        ("0.8 (1.305)", False),
        ("1.80 (1.305)", False),
    ],
)
def test_the_last_decimal_of_a_number_may_be_one_off_and_no_more(printed: str, same: bool) -> None:
    examples = importlib.import_module("examples")

    assert examples.agrees(f"HR {printed}, 7 events\n", "HR 0.80 (1.305), 7 events\n") is same
    assert not examples.agrees(f"HR {printed}, 8 events\n", "HR 0.80 (1.305), 7 events\n")


@pytest.mark.parametrize(("page", "before"), [("write-a-regimen", ""), ("hold-reduce-stop", f"{DOSE}; ")])
def test_every_regimen_in_a_table_of_a_page_is_understood(page: str, before: str) -> None:
    rows = re.findall(r"^\|.*\|$", (DOCS / "how-to" / f"{page}.md").read_text(encoding="utf-8"), flags=re.MULTILINE)

    understood = [parse(before + text) for row in rows[2:] for text in re.findall(r"`([^`]+)`", row)]

    assert len(understood) >= 6


@pytest.mark.usefixtures("tools")
def test_no_link_of_the_site_leads_nowhere(site: Path) -> None:
    links = importlib.import_module("links")

    assert list(links.broken(site)) == []


@pytest.mark.usefixtures("tools")
def test_a_browser_fetches_nothing_from_elsewhere(site: Path) -> None:
    links = importlib.import_module("links")

    assert list(links.fetched_from_elsewhere(site)) == []


def test_formulas_are_drawn_by_the_browser_itself(site: Path) -> None:
    page = (site / "theory" / "aml-maintenance.html").read_text(encoding="utf-8")

    assert page.count("<math") > 50
    assert "$$" not in page
    assert not re.search(r"<script[^>]*(mathjax|katex)", page, flags=re.IGNORECASE)


def test_notebooks_show_what_their_cells_print_and_draw(site: Path) -> None:
    for notebook in sorted((DOCS / "notebooks").glob("*.py")):
        shown = (site / "notebooks" / f"{notebook.stem}.html").read_text(encoding="utf-8")
        drawn = notebook.read_text(encoding="utf-8").count("plt.subplots")

        assert shown.count("data:image/svg+xml") == drawn > 0
        assert len(re.findall(r'class="highlight-text', shown)) > 0


def public_names() -> Iterator[str]:
    """Give the public functions and classes of the package, found by importing it."""
    for found in pkgutil.walk_packages(trialeukin.__path__, "trialeukin."):
        if found.name.startswith(FACES) or any(part.startswith("_") for part in found.name.split(".")):
            continue
        module = importlib.import_module(found.name)
        for name, value in vars(module).items():
            own = getattr(value, "__module__", None) == found.name and getattr(value, "__name__", None) == name
            if not name.startswith("_") and own and (inspect.isclass(value) or inspect.isroutine(value)):
                yield f"{found.name}.{name}"


def defined_names() -> Iterator[str]:
    """Give the same from the source, for what decorators hide."""
    for path in sorted(Path(trialeukin.__path__[0]).rglob("*.py")):
        parts = path.relative_to(Path(trialeukin.__path__[0]).parent).with_suffix("").parts
        module = ".".join(part for part in parts if part != "__init__")
        if not module.startswith(FACES):
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                    yield f"{module}.{node.name}"


def test_the_index_of_the_site_has_every_public_name_and_no_other(site: Path) -> None:
    with (site / "objects.inv").open("rb") as file:
        inventory = InventoryFile.load(file, "", lambda base, place: base + place)
    indexed = set(inventory["py:function"]) | set(inventory["py:class"])

    assert set(public_names()) <= indexed
    assert indexed == set(defined_names())


def test_the_reference_of_commands_has_every_command_with_its_options(site: Path) -> None:
    page = (site / "reference" / "commands.html").read_text(encoding="utf-8")

    for name in (*COMMANDS, *GROUPS):
        assert f">trialeukin {name}<" in page
    assert "--leave-one-out" in page
    assert "--without-effect" in page


def test_a_source_that_the_glossary_names_is_in_the_bibliography() -> None:
    text = (DOCS / "glossary.md").read_text(encoding="utf-8")

    named = re.findall(r"\(([a-z_]+\d{4}|[a-z]+_[a-z]+)\)", text)

    assert len(named) >= 8
    assert set(named) <= set(bibliography().entries)


WITH_NUMBERS = (*sorted(path.stem for path in DOCS.glob("validation*.md")), "evidence", "toxicity")
PRINTED = re.compile(
    r"published|printed|observed|reported|completed|\bknown\b|\bsource\b|\bfrom\b|\bstudy\b|\btrials\b|over no il-2"
)
"""Heads of a column with numbers of others."""
LEADS_ON = re.compile(r"reference/(sources|studies)\.html#(.+)")


@pytest.mark.parametrize("page", WITH_NUMBERS)
@pytest.mark.usefixtures("tools")
def test_every_row_with_a_published_number_leads_to_its_work_in_three_clicks(site: Path, page: str) -> None:
    rows, links = importlib.import_module("rows"), importlib.import_module("links")
    tables, _ = rows.tables_and_figures(site / f"{page}.html")
    read = links.pages_of(site)
    ids = {name: read[(site / "reference" / f"{name}.html").resolve()].ids for name in ("sources", "studies")}
    home = read[(site / "index.html").resolve()].links

    printed = [table for table in tables if any(PRINTED.search(head.lower()) for head in table.head)]

    assert f"{page}.html" in home  # the first click; the second shows the table, whose rows hold the third
    assert printed
    for row in (row for table in printed for row in table.rows):
        reached = [found for link in row.links if (found := LEADS_ON.fullmatch(link))]
        assert reached or any(cell.startswith("assumed: ") for cell in row.cells), row.cells
        assert all(found[2] in ids[found[1]] for found in reached)


@pytest.mark.usefixtures("tools")
def test_every_figure_with_published_numbers_stands_beside_a_table_that_leads_to_works(site: Path) -> None:
    rows = importlib.import_module("rows")
    seen = {page: rows.tables_and_figures(site / f"{page}.html") for page in WITH_NUMBERS}

    figures = [figure for _, found in seen.values() for figure in found]

    assert len(figures) == len([*DOCS.glob("validation*.svg"), *DOCS.glob("evidence*.svg")])
    for tables, found in seen.values():
        sourced = [row for table in tables for row in table.rows if any(map(LEADS_ON.fullmatch, row.links))]
        assert sourced or not found


def test_every_trial_in_the_figure_of_published_trials_leads_to_a_file_that_names_its_sources(site: Path) -> None:
    page = (site / "published-trials.html").read_text(encoding="utf-8")
    text = (DOCS / "published-trials.md").read_text(encoding="utf-8")

    files = sorted(set(re.findall(r'href="(_downloads/[0-9a-f]+/[a-z0-9-]+\.toml)"', page)))

    assert len(files) == len(set(re.findall(r"\.\./studies/[a-z0-9-]+\.toml", text))) > 0
    for file in files:
        study = tomllib.loads((site / file).read_text(encoding="utf-8"))
        assert re.search(r"[A-Z].* (19|20)[0-9]{2}", study["study"]["source"]), file
