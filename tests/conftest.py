"""One cast for all tests, built once through actions; each test gets its own copy of the database files.

Every test so runs on real files with real transactions, several connections and threads included. Ask for the
fixture `db` (or `cast`, which brings it). pytest-django's mark `django_db` is not used here.
"""

import gc
import os
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as property_settings
from tests.jumping import MODULES, jumping

# What must be green before a change lands tries the same cases each time; `make explore` tries others. A busy
# computer fails neither.
_PATIENT = property_settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
property_settings.register_profile("same", _PATIENT, derandomize=True)
property_settings.register_profile("others", _PATIENT, print_blob=True)
property_settings.load_profile("others" if os.environ.get("EXPLORE") else "same")


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection that would leave this machine (promise: nothing leaves the school)."""
    real = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in (
            "127.0.0.1",
            "::1",
            "localhost",
        ):
            raise AssertionError("a test tried to leave this machine")
        return real(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def _default_language() -> Iterator[None]:
    """Forget the language that a request left active in this thread."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def wall_clock(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let the clock run as it does, or jump (tests/jumping.py)."""
    if getattr(request, "param", "steady") == "steady":
        yield
        return
    from willing.core import clock

    with clock.running(jumping()):
        yield


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of actions under a steady clock and, before a change lands, under one that jumps."""
    path = metafunc.definition.nodeid.partition("::")[0].removeprefix("tests/")
    if path not in MODULES or "db" not in metafunc.fixturenames:
        return
    if any(metafunc.definition.iter_markers("face")) or any(metafunc.definition.iter_markers("steady_clock")):
        return
    jumps = pytest.param("jumping", marks=pytest.mark.whole)
    metafunc.parametrize("wall_clock", ["steady", jumps], indirect=True)


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """Leave databases to the fixtures below."""


@dataclass(frozen=True)
class _Known:
    """What the cast knows by heart and no database can tell."""

    cards: dict[str, str]
    pins: dict[str, str]
    password: str


@pytest.fixture(scope="session")
def _template(
    tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any
) -> Iterator[tuple[Any, _Known]]:
    from tests.support.databases import engine
    from tests.support.school import build

    from willing.keys.set_up import finish_set_up

    databases = engine(tmp_path_factory.mktemp("template"))
    with django_db_blocker.unblock():
        databases.use_template()
        databases.migrate()
        finish_set_up()
        known = _Known(*build())
        databases.seal_template()
    yield databases, known
    databases.close()


@pytest.fixture
def db(_template: tuple[Any, _Known], tmp_path: Path, django_db_blocker: Any) -> Iterator[Path]:
    """Give the test its own databases, with the cast in them. Return their folder (SQLite)."""
    cache.clear()
    _forget_galleries()
    _forget_lists()
    with django_db_blocker.unblock(), _template[0].copy(tmp_path / "db") as folder:
        yield folder
        _wait_for_checks()
    _forget_galleries()


def _wait_for_checks() -> None:
    """Let a check of the log that a press began end before its database is gone."""
    from willing.audit.log_check import wait_for_check

    wait_for_check()


def _forget_galleries() -> None:
    from willing.biometrics.gallery import drop_all_galleries

    drop_all_galleries()


def _forget_lists() -> None:
    """Let no test get a roll call's list that another one's school had a moment ago."""
    shared = sys.modules.get("willing.pages.console.roll_call_list")
    if shared is not None:
        shared.SHARED_LIST.forget()


@pytest.fixture
def cast(db: Path, _template: tuple[Any, _Known]) -> Any:
    """Return the cast, fresh from this test's database: a card that a test adds is no other test's."""
    from tests.support.school import Cast

    known = _template[1]
    return Cast(dict(known.cards), dict(known.pins), known.password)


@pytest.fixture
def portrait() -> Any:
    """Return a function that reads a sample portrait; it fails, and says what to do, where one is missing."""
    from willing.demo import portraits

    return portraits.read


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """End what the browser tests share before the first other test."""
    if item.get_closest_marker("journey") is None:
        _let_go()


def pytest_sessionfinish() -> None:
    """End it with the run, where browser tests come last."""
    _let_go()


def _let_go() -> None:
    """Import nothing of Playwright where no browser test ran."""
    if (held := sys.modules.get("tests.support.held")) is not None:
        held.let_go()


def pytest_collection_finish() -> None:
    """Let the collector of garbage pass by what the collection has loaded: it stays until the end."""
    gc.collect()
    gc.freeze()


# Modules of ten seconds and more, by their path under tests/, without the browsers' own.
LONG = (
    "config/test_hostile_values",
    "demo/",
    "kit/test_wheel",
    "simulator/",
    "ops/test_restore",
    "config/test_access",
    "till/test_killed_at_each_statement",
)
LONG_PATHS = tuple(f"tests/{one}" for one in LONG)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the browsers and what else is long, so that no worker waits for another's at the end.

    Say aloud, once, when measurements on the research photographs cannot run.
    """
    items.sort(
        key=lambda one: (
            0 if one.get_closest_marker("journey") else 1 + (not one.nodeid.startswith(LONG_PATHS))
        )
    )
    shared = Path(__file__).resolve().parents[2] / "shared" / "faces"
    if shared.is_dir():
        return
    for item in items:
        if item.get_closest_marker("shared_data"):
            item.add_marker(
                pytest.mark.skip(reason="needs the research photographs in ../shared/faces; its twin ran")
            )
