"""Staff are invited, given roles, disabled, enabled and reset; a school always keeps an administrator."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connections, transaction
from django.test import Client
from django.utils import translation
from tests.support.signing import sign_in

from willing.accounts import staff
from willing.accounts.actions import NewUser, add_first_administrator, add_user
from willing.accounts.models import Invitation, Role, User
from willing.accounts.queries import roles_of, staff_members
from willing.accounts.rules import takes_the_last_administrator
from willing.accounts.sign_ins import accept_invitation, invite_user
from willing.audit.queries import latest_entry
from willing.core.clock import now, running
from willing.core.errors import Refused

PASSWORD = "four quite ordinary words"


def invite(cast: Any, *roles: str, name: str = "Casey Hill") -> tuple[User, str]:
    new = staff.NewStaff(uuid4(), name, roles or ("cashier",))
    return staff.invite_staff(cast.school, new, by=cast.user("administrator"))


def state_of(cast: Any, user: User) -> str:
    return next(one.state for one in staff_members(cast.school) if one.user.pk == user.pk)


def refusal(action: Callable[[], Any]) -> str:
    with pytest.raises(Refused) as refused:
        action()
    return refused.value.code


# --- the first administrator


def test_whoever_sets_a_school_up_is_administrator_and_office(cast: Any) -> None:
    Role.objects.filter(kind="administrator").delete()
    first = add_first_administrator(cast.school, NewUser("Ana", PASSWORD, "Ana Head", ("cashier",)))
    assert roles_of(first, cast.school) == {"administrator", "office"}
    assert latest_entry("user.added", cast.school.id) is not None
    again = lambda: add_first_administrator(cast.school, NewUser("eve", PASSWORD, "Eve", ()))  # noqa: E731
    assert refusal(again) == "administrator_exists"


def test_a_disabled_administrator_makes_nobody_else_the_first(cast: Any) -> None:
    User.objects.filter(username="administrator").update(is_active=False)
    again = lambda: add_first_administrator(cast.school, NewUser("eve", PASSWORD, "Eve", ()))  # noqa: E731
    assert refusal(again) == "administrator_exists"
    assert not User.objects.filter(username="eve").exists()


# --- usernames


@pytest.mark.parametrize("second", ["Cashier", "CASHIER", "ｃａｓｈｉｅｒ", "ca\u017fhier", " cashier "])
def test_a_username_that_differs_only_in_how_it_is_written_is_taken(cast: Any, second: str) -> None:
    new = NewUser(second, PASSWORD, "Another", ("cashier",))
    assert refusal(lambda: add_user(cast.school, new)) == "name_taken"


@pytest.mark.parametrize("second", ["cashièr", "cashier2", "cash-ier"])
def test_a_username_that_reads_otherwise_is_another_one(cast: Any, second: str) -> None:
    add_user(cast.school, NewUser(second, PASSWORD, "Another", ("cashier",)))
    assert User.objects.get(username=second).username_key == second


UNFIT = ["", "two words", "zero\u200bwidth", "a" * 151, "\ufdfa" * 12, "semi;colon"]


@pytest.mark.parametrize("unfit", UNFIT)
def test_what_is_no_username_is_refused(cast: Any, unfit: str) -> None:
    assert refusal(lambda: add_user(cast.school, NewUser(unfit, PASSWORD, "X", ()))) == "username_unfit"


def test_the_longest_username_that_folding_makes_longest_has_a_place(cast: Any) -> None:
    user = add_user(cast.school, NewUser("\u0390" * 150, PASSWORD, "X", ()))
    assert len(User.objects.get(pk=user.pk).username_key) <= 450


def test_a_guardian_does_not_get_the_name_of_a_colleague_in_capitals(cast: Any) -> None:
    from willing.accounts.sign_ins import invite_guardian

    code = invite_guardian(cast.guardian("Gwen"), by=None)
    assert refusal(lambda: accept_invitation(code, username="Office", password=PASSWORD)) == "name_taken"


def test_the_database_itself_keeps_usernames_apart(cast: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(username="office").update(username_key="cashier")


@pytest.mark.parametrize("typed", ["cashier", "Cashier", " CASHIER ", "ｃａｓｈｉｅｒ"])
def test_a_username_signs_in_however_it_is_typed(cast: Any, typed: str) -> None:
    answer = Client().post("/sign-in/", {"login": typed, "password": cast.password})
    assert (answer.status_code, answer.headers.get("Location")) == (302, "/")


def test_no_spelling_of_a_username_has_attempts_of_its_own(cast: Any) -> None:
    for typed in ("cashier", "Cashier", "CASHIER", "ｃashier", "cAshier"):
        assert Client().post("/sign-in/", {"login": typed, "password": "wrong"}).status_code == 422
    answer = Client().post("/sign-in/", {"login": "cashieR", "password": cast.password})
    assert "Too many failed attempts" in answer.content.decode()


# --- invited


def test_an_invited_cashier_makes_their_own_sign_in(cast: Any) -> None:
    user, code = invite(cast)
    assert state_of(cast, user) == "waiting"
    assert not roles_of(user, cast.school)
    accept_invitation(code, username="casey", password=PASSWORD)
    assert state_of(cast, user) == "active"
    assert roles_of(cast.user("casey"), cast.school) == {"cashier"}
    assert refusal(lambda: accept_invitation(code, username="eve", password=PASSWORD)) == "invitation_ended"


def test_one_form_pressed_twice_invites_once_and_the_newer_link_works(cast: Any) -> None:
    new = staff.NewStaff(uuid4(), "Casey Hill", ("cashier",))
    (first, old), (second, code) = (
        staff.invite_staff(cast.school, new, by=cast.user("administrator")) for _ in range(2)
    )
    assert first == second
    assert refusal(lambda: accept_invitation(old, username="casey", password=PASSWORD)) == "invitation_ended"
    accept_invitation(code, username="casey", password=PASSWORD)


def test_a_link_lasts_a_week_and_a_new_one_can_be_made(cast: Any) -> None:
    user, code = invite(cast)
    at = now()
    with running(lambda: at + timedelta(days=7, minutes=1)):
        late = lambda: accept_invitation(code, username="casey", password=PASSWORD)  # noqa: E731
        assert refusal(late) == "invitation_ended"
        assert state_of(cast, user) == "without_sign_in"
        accept_invitation(invite_user(user, by=None), username="casey", password=PASSWORD)
    assert User.objects.get(username="casey").pk == user.pk


def test_nobody_is_invited_to_do_nothing(cast: Any) -> None:
    new = staff.NewStaff(uuid4(), "Casey Hill", ())
    by = cast.user("administrator")
    assert refusal(lambda: staff.invite_staff(cast.school, new, by=by)) == "role_missing"
    change = lambda: staff.change_roles(cast.school, cast.user("cashier").pk, (), by=by)  # noqa: E731
    assert refusal(change) == "role_missing"


def test_the_database_knows_no_invitation_of_nobody_and_none_of_two(cast: Any) -> None:
    user, _ = invite(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.filter(user=user).update(guardian=cast.guardian("Gwen"))
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.filter(user=user).update(user=None)


# --- roles, disabled, reset


def test_new_roles_sign_their_holder_out_and_the_log_says_which(cast: Any) -> None:
    cashier, by = cast.user("cashier"), cast.user("administrator")
    client = sign_in(Client(), cashier)
    staff.change_roles(cast.school, cashier.pk, ("cashier", "canteen"), by=by)
    assert client.get("/staff/today/").status_code == 302
    assert roles_of(cast.user("cashier"), cast.school) == {"cashier", "canteen"}
    version = cast.user("cashier").session_version
    staff.change_roles(cast.school, cashier.pk, ("canteen", "cashier"), by=by)
    assert cast.user("cashier").session_version == version


def test_a_disabled_user_is_out_at_once_and_back_when_enabled(cast: Any) -> None:
    office, by = cast.user("office"), cast.user("administrator")
    client = sign_in(Client(), office)
    assert client.get("/staff/people/").status_code == 200
    staff.disable_user(cast.school, office.pk, by=by)
    staff.disable_user(cast.school, office.pk, by=by)
    assert client.get("/staff/people/").status_code == 302
    assert state_of(cast, office) == "disabled"
    answer = Client().post("/sign-in/", {"login": "office", "password": cast.password})
    assert answer.headers.get("Location") != "/"
    staff.enable_user(cast.school, office.pk, by=by)
    assert state_of(cast, office) == "active"
    assert client.get("/staff/people/").status_code == 302  # what was signed in stays signed out


def test_disabling_somebody_ends_their_link_and_there_is_nothing_to_enable(cast: Any) -> None:
    user, code = invite(cast)
    by = cast.user("administrator")
    staff.disable_user(cast.school, user.pk, by=by)
    assert refusal(lambda: accept_invitation(code, username="casey", password=PASSWORD)) == "invitation_ended"
    assert refusal(lambda: staff.enable_user(cast.school, user.pk, by=by)) == "sign_in_missing"


def test_a_reset_takes_password_and_factors_until_the_new_link_is_used(cast: Any) -> None:
    office = cast.user("office")
    client = sign_in(Client(), office)
    _, code = staff.reset_sign_in(cast.school, office.pk, by=cast.user("administrator"))
    assert client.get("/staff/people/").status_code == 302
    assert state_of(cast, office) == "waiting"
    assert not cast.user("office").check_password(cast.password)
    member = next(one for one in staff_members(cast.school) if one.user.pk == office.pk)
    assert (member.has_second_factor, member.needs_second_factor) == (False, True)
    accept_invitation(code, username="office", password=PASSWORD)
    assert roles_of(cast.user("office"), cast.school) == {"office"}


@pytest.mark.parametrize("who", ["guardian", "pupil"])
def test_families_and_pupils_are_no_staff(cast: Any, who: str) -> None:
    by = cast.user("administrator")
    assert refusal(lambda: staff.disable_user(cast.school, cast.user(who).pk, by=by)) == "unknown_user"
    assert cast.user(who).pk not in {one.user.pk for one in staff_members(cast.school)}


# --- the last administrator


@pytest.mark.parametrize(
    ("after", "others", "takes"),
    [
        ((), 0, True),
        (("office",), 0, True),
        (("office",), 1, False),
        (("administrator",), 0, False),
        ((), 2, False),
    ],
)
def test_the_last_administrator_is_the_one_without_another(
    after: tuple[str, ...], others: int, takes: bool
) -> None:
    assert takes_the_last_administrator(after, others) is takes


@pytest.mark.parametrize("other", ["nobody", "disabled", "invited"])
@pytest.mark.parametrize("deed", ["roles", "disable", "reset"])
def test_the_last_active_administrator_cannot_be_removed(cast: Any, deed: str, other: str) -> None:
    last, by = cast.user("administrator"), cast.user("administrator")
    if other == "disabled":
        second = add_user(cast.school, NewUser("second", PASSWORD, "Second", ("administrator",)))
        staff.disable_user(cast.school, second.pk, by=by)
    if other == "invited":
        invite(cast, "administrator")
    deeds = {
        "roles": lambda: staff.change_roles(cast.school, last.pk, ("office",), by=by),
        "disable": lambda: staff.disable_user(cast.school, last.pk, by=by),
        "reset": lambda: staff.reset_sign_in(cast.school, last.pk, by=by),
    }
    assert refusal(deeds[deed]) == "last_administrator"
    assert "administrator" in roles_of(cast.user("administrator"), cast.school)


@pytest.mark.parametrize("attempt", range(3))
@pytest.mark.parametrize("deed", ["roles", "disable", "reset", "delete"])
def test_two_administrators_who_remove_each_other_at_once_leave_one(
    cast: Any, deed: str, attempt: int
) -> None:
    one = cast.user("administrator")
    two = add_user(cast.school, NewUser("second", PASSWORD, "Second", ("administrator",)))
    deeds = {
        "roles": lambda who, by: staff.change_roles(cast.school, who.pk, ("office",), by=by),
        "disable": lambda who, by: staff.disable_user(cast.school, who.pk, by=by),
        "reset": lambda who, by: staff.reset_sign_in(cast.school, who.pk, by=by),
        "delete": lambda who, by: staff.delete_user(cast.school, who.pk, by=by),
    }

    def remove(pair: tuple[User, User]) -> str:
        try:
            deeds[deed](*pair)
        except Refused as refused:
            return refused.code
        else:
            return "done"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(remove, [(one, two), (two, one)]))
    assert answers == ["done", "last_administrator"]
    left = Role.objects.filter(kind="administrator", user__is_active=True)
    assert left.count() == 1


@pytest.mark.parametrize(
    ("language", "order"),
    [("en", ["Özil", "Ozzy", "Zoe", "王", "陈"]), ("zh-hans", ["陈", "王", "Özil", "Ozzy", "Zoe"])],
)
def test_staff_are_listed_as_the_reader_sorts(cast: Any, language: str, order: list[str]) -> None:
    for name in ("王", "Zoe", "Ozzy", "陈", "Özil"):
        invite(cast, name=name)
    with translation.override(language):
        names = [one.user.get_full_name() for one in staff_members(cast.school)]
    assert [name for name in names if name in order] == order
