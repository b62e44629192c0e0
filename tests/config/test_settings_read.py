"""Each setting is understood or refused by name; none is off in silence."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from tests.support.server import environment

from willing.core.environment import (
    KNOWN,
    read_choice,
    read_hosts,
    read_origins,
    read_time_zone,
    read_url,
    require_known_settings,
)

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "settings.md"
SOURCE = Path(__file__).resolve().parents[2] / "src" / "willing"


def test_the_known_settings_are_those_that_the_code_reads_and_the_reference_names():
    read = {
        name
        for path in SOURCE.rglob("*.py")
        if path.name != "environment.py"
        for name in re.findall(r"\bWILLING_[A-Z_]*[A-Z]\b", path.read_text(encoding="utf-8"))
    }
    assert read == KNOWN
    assert (
        set(re.findall(r"^\| `(WILLING_\w+)`", REFERENCE.read_text(encoding="utf-8"), re.MULTILINE)) == KNOWN
    )


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("WILLING_HTTP", "did you mean WILLING_HTTPS?"),
        ("WILLING_DATABASE", "did you mean WILLING_DATABASE_URL?"),
        ("WILLING_HOST", "did you mean WILLING_HOSTS?"),
        ("WILLING_X", "docs/reference/settings.md"),
    ],
)
def test_a_setting_that_nothing_reads_is_refused_with_the_one_that_was_meant(name, hint):
    with pytest.raises(ImproperlyConfigured, match=f"{name} is no setting") as refused:
        require_known_settings({name: "1", "PATH": "/bin"})
    assert hint in str(refused.value)


def test_what_is_set_for_the_container_or_for_another_program_is_left_alone():
    require_known_settings({"WILLING_PORT": "80", "WILLING_LOCK": "x", "WILLING_JOURNAL": "/j", "OTHER": "1"})
    require_known_settings(dict.fromkeys(KNOWN, ""))


def test_hosts_are_read_with_blanks_around_them(monkeypatch):
    monkeypatch.setenv("WILLING_HOSTS", " lunch.school.example , 10.0.0.5,, .school.example ,[::1]")
    hosts = ["lunch.school.example", "10.0.0.5", ".school.example", "[::1]"]
    assert read_hosts("WILLING_HOSTS", default="localhost") == hosts
    monkeypatch.setenv("WILLING_HOSTS", " ")
    assert read_hosts("WILLING_HOSTS", default="localhost") == ["localhost"]


@pytest.mark.parametrize(
    "host",
    ["https://lunch.example", "lunch.example:443", "lunch.example/till", "lunch lunch.example", "*", "::1"],
)
def test_a_host_that_no_server_can_answer_to_is_refused_by_name(monkeypatch, host):
    monkeypatch.setenv("WILLING_HOSTS", f"localhost,{host}")
    with pytest.raises(ImproperlyConfigured, match="WILLING_HOSTS"):
        read_hosts("WILLING_HOSTS", default="localhost")


@pytest.mark.parametrize(
    "origin",
    [
        "lunch.example",
        "https://",
        "https://a.example/",
        "ftp://a.example",
        "https://a b",
        "https://a@b.example",
    ],
)
def test_an_origin_that_is_none_is_refused_by_name(monkeypatch, origin):
    monkeypatch.setenv("WILLING_ORIGINS", "https://lunch.example:8443 , http://localhost")
    assert read_origins("WILLING_ORIGINS") == ["https://lunch.example:8443", "http://localhost"]
    monkeypatch.setenv("WILLING_ORIGINS", f"https://lunch.example, {origin}")
    with pytest.raises(ImproperlyConfigured, match="WILLING_ORIGINS"):
        read_origins("WILLING_ORIGINS")


def test_language_zone_and_provider_are_understood_or_refused_by_name(monkeypatch):
    monkeypatch.setenv("WILLING_LANGUAGE", " ZH-Hans ")
    assert read_choice("WILLING_LANGUAGE", {"en": 1, "zh-hans": 1}, default="en") == "zh-hans"
    for name, wrong, read in (
        ("WILLING_LANGUAGE", "zh", lambda name: read_choice(name, {"en": 1, "zh-hans": 1}, default="en")),
        ("WILLING_TIME_ZONE", "Europe/Munich", lambda name: read_time_zone(name, default="UTC")),
        ("WILLING_TIME_ZONE", "../etc", lambda name: read_time_zone(name, default="UTC")),
        ("WILLING_OIDC_URL", "login.school.example", read_url),
    ):
        monkeypatch.setenv(name, wrong)
        with pytest.raises(ImproperlyConfigured, match=name):
            read(name)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WILLING_HTTPS", "maybe"),
        ("WILLING_HTTP", "1"),
        ("WILLING_HOSTS", "https://lunch.example"),
        ("WILLING_DATABASE_URL", "mysql://lunch@localhost/lunch"),
        ("WILLING_DATABASE_URL", "postgresql://lunch@localhost/lunch?sslmod=require"),
        ("WILLING_TIME_ZONE", "Europe/Munich"),
    ],
)
def test_a_command_names_the_setting_in_one_line_and_does_nothing(tmp_path, name, value):
    done = subprocess.run(
        [sys.executable, "-m", "willing.cli", "migrate"],
        env={**environment(tmp_path / "home"), name: value},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: {name}")
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "home").exists()
