"""A server that starts where nothing is makes an installation; where a part of one is it makes nothing."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from tests.keys.test_installation import KEYS, MAIN, SECRETS, files, home, point_at  # noqa: F401  (a fixture)
from tests.support.migrated import migrated

from willing.core.errors import InstallationFault
from willing.keys import set_up as room
from willing.keys.installation import require_installation
from willing.keys.set_up import UNFINISHED, set_up_where_nothing_is

pytestmark = pytest.mark.sqlite


@pytest.fixture
def fresh(db: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where a home could be; nothing is there."""
    point_at(tmp_path / "home", monkeypatch)
    return tmp_path / "home"


@pytest.fixture
def ready_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the databases, in place of the migrations, the tables that those leave behind."""

    def give(*, is_new: bool = False) -> None:
        for alias, file in migrated().items():
            shutil.copyfile(file, connections[alias].settings_dict["NAME"])

    monkeypatch.setattr(room, "migrate", give)


# With the migrations themselves it is made in tests/kit/test_wheel.py and tests/journeys/test_first_lunch.py.
def test_an_installation_is_made_where_nothing_is(fresh: Path, ready_tables: None) -> None:
    make_and_open(fresh)


def test_an_installation_is_made_in_an_empty_folder(fresh: Path, ready_tables: None) -> None:
    fresh.mkdir()
    fresh.chmod(0o755)
    make_and_open(fresh)


def make_and_open(fresh: Path) -> None:
    begun: list[bool] = []
    assert set_up_where_nothing_is(lambda: begun.append(True))
    assert begun
    require_installation(with_keys=True)
    assert fresh.stat().st_mode & 0o777 == 0o700
    assert not (fresh / UNFINISHED).exists()
    before = files(fresh)
    assert not set_up_where_nothing_is()  # the second start opens it
    assert files(fresh) == before


def test_what_a_crash_left_of_it_is_finished_by_the_next_start(
    fresh: Path, ready_tables: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as crash:
        crash.setattr(room, "finish_set_up", lambda: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            set_up_where_nothing_is()
    assert (fresh / UNFINISHED).exists()
    secret = (fresh / "secrets" / "master.key").read_bytes()
    assert set_up_where_nothing_is()
    require_installation(with_keys=True)
    assert (fresh / "secrets" / "master.key").read_bytes() == secret


@pytest.mark.parametrize("kept", [*SECRETS, MAIN, KEYS])
def test_where_one_part_alone_is_left_nothing_is_made(home: Path, kept: str) -> None:  # noqa: F811
    for name in (*SECRETS, MAIN, KEYS):
        if name != kept:
            (home / name).unlink()
    before = files(home)
    assert not set_up_where_nothing_is()
    with pytest.raises(InstallationFault, match="missing"):
        require_installation(with_keys=True)
    assert files(home) == before


def test_a_folder_with_other_things_in_it_is_not_closed_to_those_who_use_them(fresh: Path) -> None:
    fresh.mkdir()
    fresh.chmod(0o755)
    (fresh / "photos").mkdir()
    with pytest.raises(InstallationFault, match="home"):
        set_up_where_nothing_is()
    assert fresh.stat().st_mode & 0o777 == 0o755
    shutil.rmtree(fresh)
