"""Upgrade, or take an upgrade back, and die at one moment:

killed, not raised. Run by its test, in the wheel.
"""

import os
import signal
import sys
from pathlib import Path
from typing import NoReturn
from unittest import mock

from willing.ops import environments, upgrade, upgrade_site


def die(*_: object, **__: object) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("killed, and still here")


moment, arguments = sys.argv[1], sys.argv[2:]
if moment == "exchanged":
    exchange = environments.exchange

    def half(one: Path, other: Path) -> None:
        exchange(one, other)
        die()

    mock.patch.object(environments, "exchange", half).start()
elif moment.startswith("before "):
    texts = [text for text, _step in upgrade.STEPS]
    at = next(number for number, text in enumerate(texts) if moment.removeprefix("before ") in text)
    kept = list(upgrade.STEPS)
    kept[at] = (texts[at], die)
    mock.patch.object(upgrade, "STEPS", tuple(kept)).start()
else:
    step = upgrade_site.Site.step

    def step_or_die(site: upgrade_site.Site, environment: Path, *what: str) -> str:
        if moment == f"at {what[0]}":
            die()
        done = step(site, environment, *what)
        if moment == f"after {what[0]}":
            die()
        return done

    mock.patch.object(upgrade_site.Site, "step", step_or_die).start()
upgrade.upgrade(arguments)
