"""When a terminal was last seen, and that it costs next to nothing."""

from datetime import timedelta

from tests.support.statements import statements

from willing.core import clock
from willing.core.clock import now
from willing.terminals.models import Device, Terminal
from willing.terminals.pairing import pair_terminal, start_pairing
from willing.terminals.presence import is_here, note_seen


def seen_at(cast):
    return Terminal.objects.get(pk=cast.till.pk).last_seen_at


def test_pairing_is_the_first_time_that_a_terminal_is_seen(cast):
    assert seen_at(cast) is None
    assert not is_here(cast.till)
    pair_terminal(start_pairing(cast.till), key="k", device=Device.KIOSK)
    assert is_here(cast.till)


def test_a_terminal_that_asks_often_is_written_down_once_a_minute(cast):
    note_seen(cast.till)
    till = cast.till
    with statements() as counted:
        note_seen(till)
    assert len(counted) == 0
    later = now() + timedelta(seconds=61)
    with clock.running(lambda: later):
        note_seen(till)
    assert seen_at(cast) == later


def test_a_clock_that_ran_ahead_does_not_keep_a_terminal_here_for_ever(cast):
    ahead = now() + timedelta(days=300)
    with clock.running(lambda: ahead):
        note_seen(cast.till)
    assert not is_here(cast.till)
    note_seen(cast.till)
    assert seen_at(cast) < ahead
    assert is_here(cast.till)


def test_a_terminal_that_is_silent_for_minutes_is_not_here(cast):
    note_seen(cast.till)
    till = cast.till
    with clock.running(lambda: till.last_seen_at + timedelta(minutes=4)):
        assert not is_here(till)
