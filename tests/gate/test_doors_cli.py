"""`willing doors`, from an empty school to a lock that was let go, and what Health says."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from click.testing import CliRunner
from tests.support.clocks import stopped_at
from tests.support.doors import SERIAL, FakeController, controller_at_a_port
from tests.support.log import facts_of

from willing.credentials.cards import issue_card
from willing.gate.cli import doors
from willing.gate.device_errors import device_failed
from willing.gate.doors import uhppote
from willing.gate.syncing import sync_device
from willing.ops.health_doors import doors_work


def _run(*words: str, stdin: str = "", fails: bool = False) -> str:
    done = CliRunner().invoke(doors, [*words, *([] if words[0] == "list" else ["--by", "office"])], stdin)
    assert (done.exit_code != 0) is fails, done.output
    return done.output.strip()


@pytest.fixture
def controller(monkeypatch):
    monkeypatch.setattr(uhppote, "ANSWER_SECONDS", 0.5)
    fake = FakeController()
    with controller_at_a_port(fake) as address:
        yield fake, address


def test_from_an_empty_school_to_a_lock_that_was_let_go(cast, controller):
    fake, address = controller
    _run("add", "Main gate")
    device = _run("device", "uhppote", address, "--unit", str(SERIAL))
    _run("wire", "Main gate", device, "1", "--seconds", "7")
    assert "let the lock go" in _run("open", "Main gate")
    assert fake.modes[1] == (3, 7)
    assert facts_of("door.tested") == [{"by": cast.user("office").pk}]
    code = issue_card(cast.person("Carl"), by=cast.user("office"))
    said = _run("numbers", "-", stdin=f"{code},100,58400\nnobody,5\n{code},x\n", fails=True)
    assert "1 cards" in said
    assert "line 2: no such card" in said
    assert "line 3" in said
    sync_device(UUID(device))
    assert 10058400 in fake.cards
    listed = _run("list")
    assert "Main gate: output 1" in listed
    assert "list of 1 cards" in listed
    assert "clock" in listed
    assert [one.code for one in doors_work(cast.school)] == ["door"]
    _run("clock", device)
    sync_device(UUID(device))
    assert list(doors_work(cast.school)) == []
    with stopped_at(datetime.now(UTC) + timedelta(hours=2)):
        assert "minutes old" in next(doors_work(cast.school)).detail
    _run("unwire", "Main gate")
    assert "opened by hand" in _run("list")
    _run("remove", device)


def test_what_a_device_does_not_do_is_said_in_words(cast, controller):
    fake, address = controller
    _run("add", "Main gate")
    device = _run("device", "uhppote", address, "--unit", str(SERIAL))
    _run("wire", "Main gate", device, "1")
    fake.opens = False
    assert "can't do this" in _run("open", "Main gate", fails=True)
    assert device_failed("denied").code == "device_failed"
    fake.is_silent = True
    sync_device(UUID(device))
    assert "does not answer" in next(doors_work(cast.school)).detail
    assert "no door Back gate" in _run("open", "Back gate", fails=True)
    assert "can't be right" in _run("device", "uhppote", "8.8.8.8", "--unit", "5", fails=True)
    secret = "4f9c1d2e7a6b58301122334455667788"
    _run("device", "osdp", "/dev/ttyUSB0", "--unit", "5", "--secret", stdin=secret)
    assert secret not in _run("list")
