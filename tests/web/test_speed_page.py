"""docs/performance-pages.md says what is kept of the pages' measurements."""

import importlib.util
import json
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_is_of_what_was_measured() -> None:
    spec = importlib.util.spec_from_file_location("web_page", ROOT / "benchmarks" / "web_page.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)

    found = json.loads(script.RESULTS.read_text(encoding="utf-8"))

    assert script.PAGE.read_text(encoding="utf-8") == script.page(found)
    assert found["runs"][-1]["done"] == 500
