"""Where a server keeps things: the catalogue, a directory for each run, and what is being made or thrown away."""

import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from trialeukin.core.errors import InputError
from trialeukin.store.catalogue_database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class DataDirectory:
    """A data directory, open.

    Attributes
    ----------
    root : Path
        The directory.
    database : Database
        Its catalogue.
    """

    root: Path
    database: Database

    @classmethod
    def open(cls, root: Path) -> "DataDirectory":
        """Return a data directory, made where there is none.

        Raises
        ------
        InputError
            When it is a file, or cannot be made.
        CatalogueError
            When its catalogue cannot be written, or is of something else or of a newer trialeukin.
        """
        try:
            for each in (root / "runs", root / "working"):
                each.mkdir(parents=True, exist_ok=True)
        except OSError as fault:
            raise InputError(
                f"{root}: {fault.strerror or fault}: name a directory for data that you may write to"
            ) from fault
        return cls(root=root.resolve(), database=Database(root.resolve() / "catalogue.sqlite"))

    def close(self) -> None:
        """Let go of its files."""
        self.database.close()

    def run(self, name: str) -> Path:
        """Return where the run of an id that the catalogue gave is, once it is whole."""
        return self.root / "runs" / name

    def working(self, lease: str) -> Path:
        """Return where a run that is under way writes; nobody else's business, gone when it ends."""
        return self.root / "working" / lease

    def clear(self, keep: frozenset[str], seen: tuple[str, ...]) -> None:
        """Throw away of what was seen under way everything but what is to be kept."""
        for name in seen:
            if name not in keep:
                shutil.rmtree(self.working(name), ignore_errors=True)

    def under_way(self) -> tuple[str, ...]:
        """Return the names of what is, or once was, under way."""
        with suppress(OSError):  # which the next run that writes there says
            return tuple(sorted(each.name for each in (self.root / "working").iterdir()))
        return ()
