"""A process that is killed in the middle of appends leaves a log that verifies."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connections
from tests.support.homes import make_secrets

from willing.audit.models import Entry
from willing.audit.verify_database import verify_log

APPENDING = Path(__file__).with_name("appending.py")


@pytest.mark.parametrize("milliseconds", [0, 3, 11, 29])
def test_a_process_killed_while_it_appends_leaves_a_log_that_verifies(
    db, tmp_path, monkeypatch, milliseconds
):
    monkeypatch.setenv("WILLING_HOME", str(tmp_path / "home"))
    make_secrets(tmp_path / "home")
    connections["default"].close()
    shutil.copy(db / "default.sqlite3", tmp_path / "home" / "willing.sqlite3")
    writer = subprocess.Popen([sys.executable, str(APPENDING)], stdout=subprocess.PIPE, env=os.environ.copy())
    told = 0
    try:
        while told < 12:
            line = writer.stdout.readline()
            assert line, "the writer ended by itself"
            told = int(line)
        time.sleep(milliseconds / 1000)
    finally:
        writer.kill()
        told += len(writer.communicate()[0].split(b"\n")) - 1
    assert writer.returncode == -signal.SIGKILL
    monkeypatch.setitem(connections["default"].settings_dict, "NAME", tmp_path / "home" / "willing.sqlite3")
    found = verify_log()
    assert found.ok, found.faults
    assert found.checkpoints >= 2
    written = Entry.objects.filter(event="test.killed").count()
    assert written % 7 == 0  # a deed's entries are there all or none,
    assert written // 7 >= told  # and what was answered is there
    connections["default"].close()
