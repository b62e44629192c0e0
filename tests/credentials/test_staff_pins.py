"""A cashier signs on at a till with a PIN: limited as pupils' are, and over at once by a change."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from tests.support.clocks import stopped_at
from tests.support.log import facts_of

from willing.accounts.actions import NewUser, add_user
from willing.accounts.models import User
from willing.accounts.sign_ins import sign_out_everywhere
from willing.accounts.staff import change_roles, disable_user, enable_user, reset_sign_in
from willing.core.clock import now
from willing.core.errors import Refused
from willing.credentials.models import StaffPin
from willing.credentials.queries import cashier_pin_digits, cashiers
from willing.credentials.staff_pins import give_pin, remove_pin, set_own_pin, sign_on_by_pin
from willing.terminals.devices import bind_session
from willing.terminals.models import SignOn, Terminal
from willing.terminals.pairing import pair_terminal, start_pairing, unpair_terminal
from willing.terminals.rules import SIGN_ON_MINUTES_IDLE
from willing.terminals.sign_ons import cashier_of, note_press, sign_off, sign_off_everyone

PIN = "4826"


def fresh(terminal: Terminal) -> Terminal:
    """Return the till as a request reads it."""
    return Terminal.objects.select_related("school", "sign_on__user").get(pk=terminal.pk)


@pytest.fixture
def kim(cast: Any) -> User:
    """A cashier with a PIN."""
    user = add_user(cast.school, NewUser("kim", "unused pass phrase", "Kim", ("cashier",)))
    set_own_pin(user, PIN)
    return user


@pytest.fixture
def on(cast: Any, kim: User) -> User:
    """The same, signed on at Till 1."""
    sign_on_by_pin(cast.till, kim.pk, PIN)
    assert cashier_of(fresh(cast.till)) == kim
    return kim


def test_a_cashier_signs_on_and_off_with_what_the_log_says_of_it(cast: Any, kim: User) -> None:
    till = fresh(cast.till)
    assert cashier_of(till) is None
    assert sign_on_by_pin(till, kim.pk, "４８２６") == kim  # in any width
    assert cashier_of(till) == cashier_of(fresh(till)) == kim
    sign_off(till)
    sign_off(till)
    assert cashier_of(till) is cashier_of(fresh(till)) is None
    assert facts_of("cashier.signed_on") == [{"by": kim.pk}]
    assert facts_of("cashier.signed_off") == [{"by": kim.pk, "why": "pressed"}]


def test_a_colleague_takes_over_and_nobody_is_at_two_tills(cast: Any, on: User) -> None:
    office = cast.user("office")
    set_own_pin(office, "7391")
    sign_on_by_pin(cast.till, office.pk, "7391")
    assert cashier_of(fresh(cast.till)) == office
    sign_on_by_pin(cast.other_till, office.pk, "7391")
    assert cashier_of(fresh(cast.till)) is None
    assert cashier_of(fresh(cast.other_till)) == office
    assert SignOn.objects.get().user == office


@pytest.mark.parametrize(
    "user", ["canteen", "teacher", "dpo", "administrator", "outsider", "guardian", "pupil"]
)
def test_other_roles_do_not_sign_on_with_a_right_pin(cast: Any, user: str) -> None:
    found = cast.user(user)
    set_own_pin(found, PIN)
    with pytest.raises(Refused, match="cashier_pin_wrong"):
        sign_on_by_pin(cast.till, found.pk, PIN)
    assert list(cashiers(cast.school)) == []


@pytest.mark.parametrize("who", ["without_pin", "unknown"])
def test_who_has_no_pin_is_answered_and_locked_like_any_other(cast: Any, who: str) -> None:
    user_id = cast.user("cashier").pk if who == "without_pin" else 999_999
    for _ in range(4):
        with pytest.raises(Refused, match="cashier_pin_wrong"):
            sign_on_by_pin(cast.till, user_id, PIN)
    for _ in range(2):
        with pytest.raises(Refused, match="pin_locked"):
            sign_on_by_pin(cast.till, user_id, PIN)


def test_five_wrong_tries_lock_a_pin_for_five_minutes_at_every_till(cast: Any, kim: User) -> None:
    for number in range(5):
        with pytest.raises(Refused, match="pin_locked" if number == 4 else "cashier_pin_wrong"):
            sign_on_by_pin(cast.till, kim.pk, "9999")
    with pytest.raises(Refused, match="pin_locked"):
        sign_on_by_pin(cast.other_till, kim.pk, PIN)
    assert facts_of("staff_pin.locked") == [{"user": kim.pk, "terminal": str(cast.till.id)}]
    with stopped_at(now() + timedelta(minutes=6)):
        assert sign_on_by_pin(cast.till, kim.pk, PIN) == kim


def test_a_new_pin_unlocks_and_the_old_one_is_over(cast: Any, kim: User) -> None:
    for _ in range(5):
        with pytest.raises(Refused):
            sign_on_by_pin(cast.till, kim.pk, "9999")
    set_own_pin(kim, "5173")
    with pytest.raises(Refused, match="cashier_pin_wrong"):
        sign_on_by_pin(cast.till, kim.pk, PIN)
    assert sign_on_by_pin(cast.till, kim.pk, "5173") == kim


@pytest.mark.parametrize(
    "change",
    [
        lambda cast, kim: set_own_pin(kim, "5173"),
        lambda cast, kim: give_pin(kim.pk, by=cast.user("administrator")),
        lambda cast, kim: remove_pin(kim.pk, by=cast.user("administrator")),
        lambda cast, kim: disable_user(cast.school, kim.pk, by=cast.user("administrator")),
        lambda cast, kim: change_roles(cast.school, kim.pk, ["canteen"], by=cast.user("administrator")),
        lambda cast, kim: reset_sign_in(cast.school, kim.pk, by=cast.user("administrator")),
        lambda cast, kim: sign_out_everywhere(kim),
        lambda cast, kim: sign_off_everyone(),
        lambda cast, kim: pair_terminal(start_pairing(cast.till), key="another", device="kiosk"),
        lambda cast, kim: unpair_terminal(cast.till),
        lambda cast, kim: bind_session(cast.till, "another", by=cast.user("office")),
    ],
    ids=[
        "own",
        "given",
        "removed",
        "disabled",
        "role",
        "reset",
        "signed out",
        "restored",
        "paired",
        "unpaired",
        "other browser",
    ],
)
def test_it_is_over_at_once_when(cast: Any, on: User, change: Any) -> None:
    change(cast, on)
    assert cashier_of(fresh(cast.till)) is None


def test_who_is_disabled_signs_on_no_more_until_enabled(cast: Any, kim: User) -> None:
    administrator = cast.user("administrator")
    disable_user(cast.school, kim.pk, by=administrator)
    with pytest.raises(Refused, match="cashier_pin_wrong"):
        sign_on_by_pin(cast.till, kim.pk, PIN)
    enable_user(cast.school, kim.pk, by=administrator)
    assert sign_on_by_pin(cast.till, kim.pk, PIN) == kim


def test_a_press_keeps_them_on_and_silence_ends_it(cast: Any, on: User) -> None:
    begun, idle = now(), timedelta(minutes=SIGN_ON_MINUTES_IDLE)
    with stopped_at(begun + idle - timedelta(minutes=1)):
        note_press(fresh(cast.till))
    with stopped_at(begun + 2 * idle - timedelta(minutes=2)):
        assert cashier_of(fresh(cast.till)) == on
    with stopped_at(begun + 2 * idle):
        assert cashier_of(fresh(cast.till)) is None
        note_press(fresh(cast.till))  # a press brings nobody back
        assert cashier_of(fresh(cast.till)) is None


def test_a_clock_that_ran_ahead_leaves_nobody_on(cast: Any, kim: User) -> None:
    with stopped_at(now() + timedelta(days=2)):
        sign_on_by_pin(cast.till, kim.pk, PIN)
    assert cashier_of(fresh(cast.till)) is None


@pytest.mark.parametrize(
    ("pin", "code"), [("123", "pin_not_valid"), ("1234567", "pin_not_valid"), ("4444", "pin_too_simple")]
)
def test_a_pin_that_everyone_would_try_is_refused(cast: Any, pin: str, code: str) -> None:
    with pytest.raises(Refused, match=code):
        set_own_pin(cast.user("cashier"), pin)
    assert not StaffPin.objects.exists()


def test_a_first_one_is_given_at_random_and_known_as_given(cast: Any) -> None:
    cashier, administrator = cast.user("cashier"), cast.user("administrator")
    given = give_pin(cashier.pk, by=administrator)
    assert len(given) == cashier_pin_digits(cast.school) == 4
    assert StaffPin.objects.get().is_given
    assert sign_on_by_pin(cast.till, cashier.pk, given) == cashier
    assert facts_of("staff_pin.set") == [{"user": cashier.pk, "by": administrator.pk}]
    set_own_pin(cashier, "58213")
    assert not StaffPin.objects.get().is_given
    set_own_pin(cast.user("office"), "5821")
    assert cashier_pin_digits(cast.school) == 0  # of different lengths: the keypad asks to go on


def test_removing_twice_is_removing_once(cast: Any, kim: User) -> None:
    for _ in range(2):
        remove_pin(kim.pk, by=cast.user("administrator"))
    assert len(facts_of("staff_pin.removed")) == 1
    with pytest.raises(Refused, match="unknown_user"):
        give_pin(cast.user("guardian").pk, by=cast.user("administrator"))


@pytest.mark.sqlite
def test_the_pin_is_not_in_the_database(cast: Any, kim: User, db: Any) -> None:
    found = []
    for pin in ("580213", "946207"):
        set_own_pin(kim, pin)
        connections["default"].close()
        found.append(pin.encode() in b"".join(path.read_bytes() for path in db.iterdir()))
    # Six digits are in a digest or time of one database in a hundred; both are there only if PINs are kept.
    assert not all(found)
