"""Hold an installation, or restore into it and die at one moment: killed, not raised. Run by its test."""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn
from unittest import mock

import django

django.setup()

from willing.core import running  # noqa: E402
from willing.ops import replay, restore  # noqa: E402


def die(*_: object, **__: object) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("killed, and still here")


def hold(take: Callable[[], object]) -> None:
    take()
    sys.stdout.write("held\n")
    sys.stdout.flush()
    time.sleep(60)


def die_at(moment: str) -> None:
    rename = Path.rename
    if moment == "staged":
        mock.patch.object(restore, "note_unfinished", die).start()
    elif moment == "aside":

        def no_copy(path: Path, target: Path) -> Path:
            return die() if "restore-" in str(path) else rename(path, target)

        mock.patch.object(Path, "rename", no_copy).start()
    elif moment == "half":

        def no_keys(path: Path, target: Path) -> Path:
            return die() if "restore-" in str(path) and path.name == "keys.sqlite3" else rename(path, target)

        mock.patch.object(Path, "rename", no_keys).start()
    elif moment == "in place":
        mock.patch.object(restore, "replay", die).start()
    else:
        replay._destroy_keys = die


if sys.argv[1] == "share":
    hold(running.share_installation)
elif sys.argv[1] == "own":
    hold(running.own_installation)
else:
    moment, main, keys, private = sys.argv[2:6]
    running.own_installation()
    die_at(moment)
    wanted = restore.RestoreRequest({"default": Path(main), "keys": Path(keys)}, Path(private))
    restore.restore(wanted, lambda _line: None)
