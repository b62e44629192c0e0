"""Killed at any moment of sending, each family is messaged, by e-mail at least once and by a port at most."""

import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from tests.support.mail import post_office
from tests.support.server import ROOT, environment


@pytest.fixture
def home(db: Path, tmp_path: Path) -> Path:
    """A copy of the cast's installation, for processes of its own."""
    copy = tmp_path / "home"
    shutil.copytree(settings.HOME / "secrets", copy / "secrets")
    connections.close_all()
    (copy / "keys").mkdir(mode=0o700)
    copy.chmod(0o700)
    shutil.copy(db / "default.sqlite3", copy / "willing.sqlite3")
    shutil.copy(db / "keys.sqlite3", copy / "keys" / "keys.sqlite3")
    return copy


@pytest.mark.sqlite
@pytest.mark.whole
def test_a_worker_killed_at_any_boundary_sends_each_mail_and_gives_no_port_a_message_twice(
    home: Path,
) -> None:
    with post_office() as post:
        done = subprocess.run(
            [sys.executable, "-m", "tests.attendance.dying_messages", str(post.port)],
            cwd=ROOT, env=environment(home), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{done.stdout[-500:]}\n{done.stderr[-3000:]}"
        came = Counter(str(one["Message-ID"]).strip("<>").partition("@")[0] for one in post.came)
    attempts = [json.loads(line) for line in done.stdout.splitlines()]
    names = [one["died"] for one in attempts if one["killed"]]
    assert [one["killed"] for one in attempts] == [False, *(True for _one in names), False]
    assert len(names) > 20
    for one in attempts:
        (mail,) = one["then"]["mails"]
        left, then, mailed = one["left"], one["then"], came[mail]
        # What the dead process left was held as a whole, or on its way as a whole.
        assert (left["run"], len(left["tries"])) in {("held", 0), ("sent", 2)}, one
        assert (then["run"], then["tries"]["mail"], one["jobs"], one["log"]) == ("sent", "sent", 0, []), one
        # By mail at least once, and twice only where the server had it and nobody had noted that.
        assert mailed == (2 if is_between(names, one, "after the mail server", "before COMMIT") else 1), one
        # By a port at most once, and nobody says that it was sent who can't know.
        is_unsure = is_between(names, one, "before the port", 'before UPDATE "attendance_contacttry"')
        assert then["tries"]["pigeon"] == ("handed" if is_unsure or one["flown"] == 0 else "sent"), one
        assert one["flown"] == 1 or one["died"] in ("after COMMIT of default", "before the port"), one


def is_between(names: list[str], one: dict[str, Any], first: str, last: str) -> bool:
    """Say whether a process died from the first moment on, up to the next of the last kind, it included."""
    die_at: int = one["die_at"]
    begins = names.index(first) + 1
    ends = next(place for place, name in enumerate(names[begins:], begins + 1) if name.startswith(last))
    return begins <= die_at <= ends
