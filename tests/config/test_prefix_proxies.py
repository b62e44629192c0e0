"""The manual's nginx and Caddy below a path: what they pass on is what Willing takes its prefix from."""

import re
import shutil
import subprocess

import pytest
from django.test import override_settings
from tests.config import test_proxies as proxies
from tests.config.slow_clients import WAIT_SECONDS, serving, wait_until
from tests.support.server import free_port

from willing.config.server_limits import ServerLimits


def where(environ, start):
    """Say how an address was divided."""
    start("200 OK", [("Content-Type", "text/plain")])
    return [f"{environ['SCRIPT_NAME']} {environ['PATH_INFO']}".encode()]


def below(language):
    """Return the manual's block, with what its chapter on a path says to write instead."""
    text = proxies.PAGE.read_text(encoding="utf-8")
    chapter = text[text.index("## Below a path") : text.index("## nginx")]
    pairs = re.findall(r"`([^`]+)`\s+in place of\s+`([^`]+)`", chapter)
    assert len(pairs) == 2
    new, old = pairs[0 if language == "nginx" else 1]
    return proxies.replaced(found[language], (old, new))


found = {language: proxies.block(language) for language in ("nginx", "caddyfile")}


@pytest.mark.parametrize("program", [proxies.nginx, proxies.caddy], ids=["nginx", "caddy"])
def test_the_proxy_passes_the_path_on_and_no_header_changes_it(program, tmp_path, monkeypatch):
    if shutil.which(program.__name__) is None:
        pytest.skip(f"{program.__name__} is not installed")
    monkeypatch.setattr(proxies, "block", below)
    with (
        override_settings(PREFIX="/lunch"),
        serving(ServerLimits(), application=where, proxies=["127.0.0.1"]) as backend,
    ):
        port, context = free_port(), proxies.make_certificate(tmp_path)
        command = program(tmp_path, port, backend.port)
        environment = {"PATH": "/usr/sbin:/usr/bin:/bin", "HOME": str(tmp_path)}
        with (tmp_path / "output").open("wb") as output:
            process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
        try:
            wait_until(lambda: process.poll() is not None or proxies._listens(port))
            asked = proxies.Proxy(port, tmp_path, context)
            said = asked.ask("/lunch/till/", X_Forwarded_Prefix="/evil", X_Script_Name="/evil")
            assert said == (200, "/lunch /till/")
            assert asked.ask("/till/")[1] != "/lunch /till/", "nothing of ours is outside the path"
        finally:
            process.terminate()
            process.wait(timeout=WAIT_SECONDS)
