"""A colleague leaves for good: nothing of theirs opens anything any more, and what they did is kept."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import translation
from tests.support.signing import give_factor, sign_in

from willing.accounts import staff
from willing.accounts.actions import NewUser, add_user
from willing.accounts.models import Invitation, Role, User
from willing.accounts.queries import former_staff, roles_of, staff_members
from willing.accounts.sign_ins import accept_invitation, invite_user
from willing.audit.queries import latest_entry
from willing.core import clock
from willing.core.errors import Refused
from willing.credentials.models import StaffPin
from willing.credentials.queries import cashiers
from willing.credentials.staff_leavers import delete_staff
from willing.credentials.staff_pins import give_pin, sign_on_by_pin
from willing.privacy.retention_job import run_retention
from willing.terminals.models import SignOn

PASSWORD = "four quite ordinary words"


def delete(cast: Any, user: User) -> User:
    return delete_staff(cast.school, user.pk, by=cast.user("administrator"))


def refusal(action: Callable[[], Any]) -> str:
    with pytest.raises(Refused) as refused:
        action()
    return refused.value.code


def test_everything_that_signs_them_in_is_gone_at_once(cast: Any) -> None:
    user = cast.user("cashier")
    client = sign_in(Client(), user)
    give_factor(user)
    EmailAddress.objects.create(user=user, email="c@example.org")
    pin = give_pin(user.pk, by=cast.user("administrator"))
    sign_on_by_pin(cast.till, user.pk, pin)
    invite_user(user, by=cast.user("administrator"))
    assert client.get("/staff/today/").status_code == 200
    delete(cast, user)
    assert client.get("/staff/today/").status_code == 302
    answer = Client().post("/sign-in/", {"login": "cashier", "password": cast.password})
    assert answer.headers.get("Location") != "/"
    user.refresh_from_db()
    assert (user.is_active, user.username, user.email) == (False, f"ended-{user.pk}", "")
    assert roles_of(user, cast.school) == frozenset()
    for model in (EmailAddress, Authenticator, StaffPin, SignOn, Role, Invitation):
        assert not model.objects.filter(user=user).exists(), model
    assert user not in cashiers(cast.school)
    assert user.pk not in {one.user.pk for one in staff_members(cast.school)}
    assert latest_entry("user.deleted", cast.school.id) is not None


def test_an_open_link_of_theirs_opens_nothing(cast: Any) -> None:
    user = cast.user("outsider")
    code = invite_user(user, by=cast.user("administrator"))
    delete(cast, user)
    assert refusal(lambda: accept_invitation(code, username="again", password=PASSWORD)) == "invitation_ended"


def test_their_username_is_free_for_the_next_colleague(cast: Any) -> None:
    delete(cast, cast.user("cashier"))
    assert add_user(cast.school, NewUser("cashier", PASSWORD, "Next", ("cashier",))).is_active


def test_twice_and_every_other_deed_find_nobody(cast: Any) -> None:
    user, by = cast.user("cashier"), cast.user("administrator")
    delete(cast, user)
    assert refusal(lambda: delete(cast, user)) == "unknown_user"
    assert refusal(lambda: staff.enable_user(cast.school, user.pk, by=by)) == "unknown_user"
    assert refusal(lambda: staff.reset_sign_in(cast.school, user.pk, by=by)) == "unknown_user"
    assert refusal(lambda: give_pin(user.pk, by=by)) == "unknown_user"


@pytest.mark.parametrize("who", ["guardian", "pupil"])
def test_families_and_pupils_are_not_deleted_here(cast: Any, who: str) -> None:
    assert refusal(lambda: delete(cast, cast.user(who))) == "unknown_user"


def test_nobody_deletes_themselves_or_the_last_administrator(cast: Any) -> None:
    last = cast.user("administrator")
    assert refusal(lambda: delete(cast, last)) == "own_account"
    by = add_user(cast.school, NewUser("second", PASSWORD, "Second", ("administrator",)))
    staff.disable_user(cast.school, by.pk, by=last)
    assert refusal(lambda: delete_staff(cast.school, last.pk, by=by)) == "last_administrator"
    assert StaffPin.objects.count() == 0
    staff.enable_user(cast.school, by.pk, by=last)
    assert delete_staff(cast.school, last.pk, by=by).deleted_at is not None


def test_a_refusal_leaves_the_pin_where_it_is(cast: Any) -> None:
    last = cast.user("administrator")
    give_pin(last.pk, by=last)
    assert refusal(lambda: delete(cast, last)) == "own_account"
    assert StaffPin.objects.filter(user=last).exists()


def test_their_name_stays_for_a_year_and_their_number_for_good(cast: Any) -> None:
    user = delete(cast, cast.user("cashier"))
    assert [one.get_full_name() for one in former_staff()] == ["Cashier"]
    later = clock.now() + timedelta(days=365)
    with clock.running(lambda: later):
        assert run_retention().ended["staff"] == 0
    later = clock.now() + timedelta(days=368)
    with clock.running(lambda: later):
        assert run_retention().ended["staff"] == 1
        assert run_retention().ended["staff"] == 0
    user.refresh_from_db()
    assert user.get_full_name() == f"Former colleague {user.pk}"
    with translation.override("zh-hans"):
        assert user.get_full_name() == f"前同事 {user.pk}"


# --- the page


def test_the_page_asks_once_and_lists_former_colleagues(cast: Any) -> None:
    client, user = sign_in(Client(), cast.user("administrator")), cast.user("cashier")
    page = f"/staff/staff/{user.pk}/"
    assert f"{page}delete/" in client.get(page).content.decode()
    asked = client.get(f"{page}delete/").content.decode()
    assert "Delete the sign-in of Cashier?" in asked
    assert cast.user("cashier").is_active
    done = client.post(f"{page}delete/", follow=True).content.decode()
    assert "The sign-in of Cashier is deleted." in done
    assert f"No. {user.pk} in the log" in done
    assert client.get(page).status_code == 409


def test_nobody_is_offered_their_own_deletion_and_a_press_all_the_same_says_why(cast: Any) -> None:
    user = cast.user("administrator")
    client = sign_in(Client(), user)
    page = f"/staff/staff/{user.pk}/"
    assert f"{page}delete/" not in client.get(page).content.decode()
    refused = client.post(f"{page}delete/")
    assert refused.status_code == 409
    assert "ask another administrator" in refused.content.decode()
