"""Who pays, by card, by PIN or by the cashier's word."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections
from tests.support.till import fill_basket

from willing.audit.models import Entry
from willing.core import clock
from willing.core.errors import Refused
from willing.credentials.cards import issue_card, revoke_cards
from willing.credentials.models import FailedAttempt
from willing.ledger.queries import available_minor
from willing.terminals.actions import NewTerminal, add_terminal
from willing.terminals.models import Terminal
from willing.till.face_identification import open_face_session
from willing.till.identification import deny_identity, identify_by_card, identify_by_pin, identify_by_staff
from willing.till.payment import confirm_basket


def test_a_pin_pays(cast):
    filled = fill_basket(cast)
    shown = identify_by_pin(cast.till, filled.id, cast.person("Carl").till_number, cast.pins["Carl"])
    assert shown.person == cast.person("Carl")
    assert confirm_basket(cast.till, filled.id).way == "pin"


def test_staff_say_who_pays_and_the_look_is_in_the_log(cast):
    filled = fill_basket(cast)
    identify_by_staff(cast.till, filled.id, cast.person("Carl"), by=cast.user("cashier"))
    assert confirm_basket(cast.till, filled.id).way == "staff"
    assert Entry.objects.filter(event="person.staff_identified", subject=cast.person("Carl").id).count() == 1


def test_five_wrong_pins_lock_for_five_minutes_and_then_the_right_one_works(cast):
    filled, number = fill_basket(cast), cast.person("Carl").till_number
    codes = []
    for _ in range(6):
        with pytest.raises(Refused) as refused:
            identify_by_pin(cast.till, filled.id, number, "9999")
        codes.append(refused.value.code)
    assert codes == ["pin_wrong"] * 4 + ["pin_locked"] * 2
    with pytest.raises(Refused, match="pin_locked"):
        identify_by_pin(cast.till, filled.id, number, cast.pins["Carl"])
    assert Entry.objects.filter(event="pin.locked").count() == 1
    later = clock.now() + timedelta(minutes=5, seconds=1)
    with clock.running(lambda: later):
        assert identify_by_pin(cast.till, filled.id, number, cast.pins["Carl"]).person is not None


def test_a_locked_pin_leaves_the_card_and_the_other_pupils_alone(cast):
    filled, number = fill_basket(cast), cast.person("Carl").till_number
    for _ in range(5):
        with pytest.raises(Refused):
            identify_by_pin(cast.till, filled.id, number, "9999")
    assert identify_by_pin(cast.till, filled.id, cast.person("Ada").till_number, cast.pins["Ada"]).person
    deny_identity(cast.till, filled.id)
    assert identify_by_card(cast.till, filled.id, cast.cards["Carl"]).person


def test_ten_pins_at_the_same_moment_do_not_outrun_the_lock(cast):
    filled, till, number = fill_basket(cast), cast.till, cast.person("Carl").till_number

    def guess(pin):
        try:
            identify_by_pin(till, filled.id, number, pin)
        except Refused as refused:
            return refused.code
        finally:
            connections.close_all()
        return "in"

    with ThreadPoolExecutor(5) as pool:
        codes = list(pool.map(guess, [f"99{n:02}" for n in range(10)]))
    assert sorted(codes) == ["pin_locked"] * 6 + ["pin_wrong"] * 4


def test_a_wrong_number_says_the_same_as_a_wrong_pin(cast):
    filled = fill_basket(cast)
    with pytest.raises(Refused) as nobody:
        identify_by_pin(cast.till, filled.id, 999_999, "9999")
    with pytest.raises(Refused) as wrong:
        identify_by_pin(cast.till, filled.id, cast.person("Carl").till_number, "9999")
    assert (nobody.value.code, nobody.value.message) == (wrong.value.code, wrong.value.message)


def test_a_failed_try_keeps_nothing_of_who_it_was(cast):
    filled = fill_basket(cast)
    with pytest.raises(Refused, match="code_unknown"):
        identify_by_card(cast.till, filled.id, "AAAA-BBBB-CCCC")
    kept = {field.name for field in FailedAttempt._meta.get_fields()}
    assert kept == {"id", "terminal", "way", "code", "at"}
    assert FailedAttempt.objects.get().code == "code_unknown"


def test_a_revoked_card_is_unknown_at_once_and_a_new_one_is_free(cast):
    carl = cast.person("Carl")
    assert revoke_cards(carl) == 1
    filled = fill_basket(cast)
    with pytest.raises(Refused, match="code_unknown"):
        identify_by_card(cast.till, filled.id, cast.cards["Carl"])
    code = issue_card(carl)
    assert identify_by_card(cast.till, filled.id, code).person == carl
    assert available_minor(carl) == 2000


def test_a_way_that_the_till_does_not_take_is_refused(cast):
    add_terminal(cast.school, NewTerminal("Till 9", ways=("card",)))
    terminal = Terminal.objects.get(name="Till 9")
    filled = fill_basket(cast, terminal=terminal)
    with pytest.raises(Refused, match="way_not_taken"):
        identify_by_pin(terminal, filled.id, 1001, "4711")
    with pytest.raises(Refused, match="way_not_taken"):
        open_face_session(terminal, filled.id, key="1")


def test_who_left_pays_no_more(cast):
    from willing.people.persons import mark_left

    mark_left([cast.person("Carl").id])
    filled = fill_basket(cast)
    with pytest.raises(Refused, match="code_unknown"):
        identify_by_card(cast.till, filled.id, cast.cards["Carl"])
    with pytest.raises(Refused, match="pin_wrong"):
        identify_by_pin(cast.till, filled.id, cast.person("Carl").till_number, cast.pins["Carl"])
    with pytest.raises(Refused, match="person_unknown"):
        identify_by_staff(cast.till, filled.id, cast.person("Carl"), by=cast.user("cashier"))
