"""Wherever in a sale the process dies, the basket is charged once when the till asks again."""

import shutil
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections
from tests.support.server import environment
from tests.till.killed_sales import faults_in, kill_at_each_statement, require_it_died_everywhere


@pytest.mark.sqlite
def test_a_sale_killed_at_any_statement_boundary_is_charged_exactly_once(db: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(settings.HOME / "secrets", home / "secrets")
    connections.close_all()
    (home / "keys").mkdir(mode=0o700)
    home.chmod(0o700)
    shutil.copy(db / "default.sqlite3", home / "willing.sqlite3")
    shutil.copy(db / "keys.sqlite3", home / "keys" / "keys.sqlite3")

    attempts = kill_at_each_statement(environment(home))
    require_it_died_everywhere(attempts)
    assert faults_in(attempts) == []
