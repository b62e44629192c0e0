"""What the commands share: a progress bar that stays away from quick work, and errors in one line."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from willing.face.errors import FaceError


class _Advance:
    """Count steps, and show a bar on stderr from the first second on; quick work stays quiet."""

    def __init__(self, bar: Progress, text: str, total: int) -> None:
        self._bar, self._text, self._total = bar, text, total
        self._done, self._started = 0, time.monotonic()
        self._task: TaskID | None = None

    def __call__(self) -> None:
        self._done += 1
        if self._task is None and time.monotonic() - self._started > 1:
            self._bar.start()
            self._task = self._bar.add_task(self._text, total=self._total)
        if self._task is not None:
            self._bar.update(self._task, completed=self._done)

    def finish(self) -> None:
        """Leave the bar's last state on the screen where there was one."""
        if self._task is not None:
            self._bar.stop()


@contextmanager
def progress(text: str, total: int) -> Iterator[_Advance]:
    """Return a function to call after each step."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    advance = _Advance(Progress(*columns, console=Console(stderr=True)), text, total)
    try:
        yield advance
    finally:
        advance.finish()


@contextmanager
def one_line_errors() -> Iterator[None]:
    """Turn an error of the engine into one line and exit code 1."""
    try:
        yield
    except FaceError as error:
        raise click.ClickException(f"{error} [{error.code}]") from None
