"""Files that were asked for: whole or not at all, whatever fails."""

import errno
from pathlib import Path

import pytest

from trialeukin.core.errors import InputError, RunError
from trialeukin.store.whole_files import write_whole


def test_files_are_written_and_those_of_an_earlier_call_replaced(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("earlier", encoding="utf-8")

    written = write_whole(tmp_path, {"page.html": "später", "plot.png": b"\x89"})

    assert written == (tmp_path / "page.html", tmp_path / "plot.png")
    assert written[0].read_text(encoding="utf-8") == "später"
    assert written[1].read_bytes() == b"\x89"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["page.html", "plot.png"]


def test_a_full_disk_leaves_the_earlier_files_and_no_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "page.html").write_text("earlier", encoding="utf-8")
    write = Path.write_bytes

    def full(path: Path, content: bytes) -> int:
        if "plot" in path.name:
            write(path, content[:1])
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)

    with pytest.raises(RunError, match=r"No space left on device.*another directory with -o"):
        write_whole(tmp_path, {"page.html": "new", "plot.svg": "<svg/>"})

    assert [each.name for each in tmp_path.iterdir()] == ["page.html"]
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == "earlier"


@pytest.mark.parametrize("name", ["taken/page.html", "a" * 300 + "/page.html"])
def test_a_place_that_is_none_is_refused_by_name(tmp_path: Path, name: str) -> None:
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    place = (tmp_path / name).parent

    with pytest.raises(InputError, match=f"{place.name} cannot be made a directory.*-o"):
        write_whole(place, {"page.html": "new"})


def test_a_directory_in_the_place_of_a_file_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "plot.svg").mkdir()

    with pytest.raises(InputError, match=r"plot\.svg is a directory"):
        write_whole(tmp_path, {"plot.svg": "<svg/>"})
