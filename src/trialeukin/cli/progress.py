"""A bar on the standard error while long work lasts, if that is a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from trialeukin.cli.terminal import messages

Tell = Callable[[str, float], None]


@contextmanager
def progress(first: str) -> Iterator[Tell | None]:
    """Yield what to tell words and a fraction done; nothing where no terminal listens."""
    console = messages()
    if not console.is_terminal:
        yield None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(first, total=1.0)
        yield lambda words, fraction: bar.update(task, description=words, completed=fraction)
