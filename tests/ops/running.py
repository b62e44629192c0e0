"""Hold an installation, or restore into it and die at one moment: killed, not raised. Run by its test."""

import os
import signal
import sys
import time
from pathlib import Path

import django

django.setup()

from willing.core import running  # noqa: E402
from willing.ops import replay, restore  # noqa: E402


def die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def hold(take: object) -> None:
    take()
    sys.stdout.write("held\n")
    sys.stdout.flush()
    time.sleep(60)


def die_at(moment: str) -> None:
    rename = Path.rename
    if moment == "staged":
        restore.note_unfinished = die
    elif moment == "aside":

        def no_copy(path: Path, target: Path) -> Path:
            return die() if "restore-" in str(path) else rename(path, target)

        Path.rename = no_copy
    elif moment == "half":

        def no_keys(path: Path, target: Path) -> Path:
            return die() if "restore-" in str(path) and path.name == "keys.sqlite3" else rename(path, target)

        Path.rename = no_keys
    elif moment == "in place":
        restore.replay = die
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
