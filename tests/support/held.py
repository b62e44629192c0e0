"""What starts slowly, started once for all browser tests of a worker: Chromium, and a server per school."""

import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.support.browser import Browsers, open_browsers
from tests.support.server import RETURNING, Server, free_port

_open = ExitStack()
_browsers: list[Browsers] = []
_servers: dict[Path, Server] = {}


def browsers() -> Browsers:
    """Return the browsers of this worker. Each test closes what it opened: `Browsers.end_test`."""
    if not _browsers:
        _browsers.append(_open.enter_context(open_browsers()))
    return _browsers[0]


def server(template: Path) -> Server:
    """Return a server on a copy of the school in `template`, as if nothing had happened in it yet."""
    if template not in _servers:
        folder = Path(_open.enter_context(tempfile.TemporaryDirectory(prefix="willing-served-")))
        home = shutil.copytree(template, folder / "home")
        _servers[template] = Server(home, free_port(), RETURNING).start()
        _open.callback(_servers[template].stop)
    running = _servers[template]
    running.return_to(template)
    return running


def let_go() -> None:
    """End all of it. Playwright's event loop must be gone before a test uses the database in this process."""
    _browsers.clear()
    _servers.clear()
    _open.close()
