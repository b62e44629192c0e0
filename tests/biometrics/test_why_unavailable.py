"""Why faces can't be used is one cause, and the office reads that one."""

import html

import pytest
from django.test import Client
from tests.support.signing import sign_in

from willing.biometrics import engine
from willing.dpia.actions import set_manual_lock
from willing.pages.console.labels import FACES_UNAVAILABLE


class Forbidding:
    """A law that lets no engine load."""

    engine_may_load = False


@pytest.mark.parametrize("cause", ["not_installed", "forbidden", "keys", "locked"])
def test_the_desk_names_the_one_cause(cast, monkeypatch, cause):
    monkeypatch.setattr(engine, "is_installed", lambda: cause != "not_installed")
    if cause == "forbidden":
        monkeypatch.setattr(engine, "require_profile", lambda _name: Forbidding)
    if cause == "keys":
        monkeypatch.setattr(engine, "find_keys_fault", lambda: "gone")
    if cause == "locked":
        set_manual_lock(cast.school, is_locked=True, reason="An incident.", by=cast.user("dpo"))
    text = sign_in(Client(), cast.user("office")).get("/staff/enrol/").content.decode()
    text = html.unescape(text)
    assert [name for name, words in FACES_UNAVAILABLE.items() if str(words) in text] == [cause]
    assert engine.why_unavailable(cast.school) == cause
