"""Settings that are not understood are refused by name; those behind a proxy hold as they say."""

import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from tests.support.server import environment
from tests.support.signing import sign_in

from willing.core.environment import read_addresses, read_switch
from willing.core.logs import WithoutExpectedTracebacks

SHOWN = (
    "import json; from willing.config import settings as s; "
    "print(json.dumps([s.HTTPS, s.SESSION_COOKIE_NAME, s.PROXIES]))"
)


@pytest.mark.parametrize(
    ("text", "is_on"),
    [("1", True), ("yes", True), ("TRUE", True), ("on", True), ("0", False), ("no", False), ("", False)],
)
def test_a_switch_is_read_in_words_too(monkeypatch: pytest.MonkeyPatch, text: str, is_on: bool) -> None:
    monkeypatch.setenv("WILLING_HTTPS", text)
    assert read_switch("WILLING_HTTPS") is is_on


@pytest.mark.parametrize("text", ["maybe", "2", "ja", "https"])
def test_a_switch_that_is_not_understood_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("WILLING_HTTPS", text)
    with pytest.raises(ImproperlyConfigured, match="WILLING_HTTPS"):
        read_switch("WILLING_HTTPS")


def test_addresses_of_proxies_are_read_or_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WILLING_PROXIES", "127.0.0.1, 10.0.0.0/8")
    assert read_addresses("WILLING_PROXIES") == ["127.0.0.1", "10.0.0.0/8"]
    for wrong in ("*", "proxy.school.example", "10.0.0.1/8"):
        monkeypatch.setenv("WILLING_PROXIES", wrong)
        with pytest.raises(ImproperlyConfigured, match="WILLING_PROXIES"):
            read_addresses("WILLING_PROXIES")


@pytest.mark.parametrize(
    ("https", "shown"),
    [("yes", [True, "__Host-sessionid", ["127.0.0.1", "::1"]]), ("", [False, "sessionid", []])],
    ids=["behind HTTPS", "without"],
)
def test_cookies_belong_to_this_host_alone_behind_https_and_no_proxy_is_believed_without(
    tmp_path: Path, https: str, shown: list[Any]
) -> None:
    import json

    done = subprocess.run(
        [sys.executable, "-c", SHOWN],
        env={**environment(tmp_path), "WILLING_HTTPS": https},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == shown


def test_the_server_is_told_whom_to_believe(
    cast: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    from willing.config.serve import serve

    told: dict[str, Any] = {}
    monkeypatch.setattr("uvicorn.run", lambda **options: told.update(options))
    monkeypatch.setattr("willing.config.startup.start_process", lambda: None)
    settings.PROXIES = []
    serve("127.0.0.1", 1)
    assert (told["proxy_headers"], told["forwarded_allow_ips"]) == (False, [])
    settings.PROXIES = ["10.0.0.1"]
    serve("127.0.0.1", 1)
    assert (told["proxy_headers"], told["forwarded_allow_ips"]) == (True, ["10.0.0.1"])


def test_a_refused_page_leaves_no_traceback_and_a_broken_one_does(cast: Any, caplog: Any) -> None:
    caplog.handler.addFilter(WithoutExpectedTracebacks())
    with caplog.at_level(logging.WARNING, logger="django.request"):
        assert sign_in(Client(), cast.user("outsider")).get("/staff/people/").status_code == 403
    (record,) = [one for one in caplog.records if "Forbidden" in one.getMessage()]
    assert record.exc_info is None
    broken = logging.LogRecord(
        "django.request", logging.ERROR, "", 1, "x", (), (ValueError, ValueError(), None)
    )
    broken.status_code = 500
    WithoutExpectedTracebacks().filter(broken)
    assert broken.exc_info
