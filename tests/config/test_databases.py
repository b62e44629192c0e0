"""Addresses of databases: all of them is read, or what is not understood is refused by name."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from willing.config.databases import read_database

VARIABLE = "WILLING_DATABASE_URL"
SECRET = "s3cret-word"


def read(monkeypatch: pytest.MonkeyPatch, url: str) -> dict[str, object]:
    monkeypatch.setenv(VARIABLE, url)
    return read_database(VARIABLE, Path("unused.sqlite3"))


def test_what_an_address_says_of_the_line_reaches_the_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"postgresql://willing:{SECRET}%40home@db.school.example:5433/main?sslmode=verify-full"
    found = read(monkeypatch, f"{url}&sslrootcert=/etc/ca.pem&connect_timeout=5&currentSchema=willing")
    assert found["ENGINE"] == "willing.core.postgresql"
    assert (found["HOST"], found["PORT"], found["NAME"]) == ("db.school.example", "5433", "main")
    assert (found["USER"], found["PASSWORD"]) == ("willing", f"{SECRET}@home")
    assert found["OPTIONS"] == {
        "sslmode": "verify-full",
        "sslrootcert": "/etc/ca.pem",
        "connect_timeout": 5,
        "options": "-c search_path=willing",
    }


def test_a_server_and_its_standby_stand_in_one_address(monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"postgresql://willing:{SECRET}@one.example,two.example:5433/main?target_session_attrs=read-write"
    found = read(monkeypatch, url)
    assert (found["HOST"], found["PORT"]) == ("one.example,two.example", "5432,5433")
    assert (found["USER"], found["PASSWORD"], found["NAME"]) == ("willing", SECRET, "main")
    assert found["OPTIONS"] == {"target_session_attrs": "read-write", "connect_timeout": "2"}


def test_connections_stay_open_and_are_looked_at_before_they_are_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = read(monkeypatch, "postgresql://willing@127.0.0.1/postgres")
    assert (found["CONN_MAX_AGE"], found["CONN_HEALTH_CHECKS"]) == (600, True)
    monkeypatch.delenv(VARIABLE)
    assert read_database(VARIABLE, Path("x.sqlite3"))["CONN_MAX_AGE"] is None


@pytest.mark.parametrize(
    ("rest", "why"),
    [
        ("/main?sslmod=require", "'sslmod'"),
        ("/main?sslmode=", "'sslmode'"),
        ("/main?sslmode=on", "verify-full"),
        ("/main?sslmode=require&sslmode=disable", "twice"),
        ("/main?sslmode", "'sslmode'"),
        ("/main?service=other", "'service'"),
        ("/main?host=elsewhere", "'host'"),
        ("/main#fragment", "%23"),
        ("/", "names no database"),
        (":port/main", "can't be read"),
        (",other.example/main", "target_session_attrs=read-write"),
        (",other.example/main?target_session_attrs=any", "target_session_attrs=read-write"),
        (",/main?target_session_attrs=primary", "without a name"),
        (":5433,other.example:port/main", "can't be read"),
    ],
)
def test_what_is_not_understood_is_refused_by_name_and_without_the_password(
    monkeypatch: pytest.MonkeyPatch, rest: str, why: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=VARIABLE) as refused:
        read(monkeypatch, f"postgresql://willing:{SECRET}@db.school.example{rest}")
    assert why in str(refused.value)
    assert SECRET not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("url", ["mysql://u@h/n", "sqlite:///x", "db.school.example/main", "postgres"])
def test_another_kind_of_database_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=VARIABLE):
        read(monkeypatch, url)
