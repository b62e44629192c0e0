"""A guardian's letter, a pupil's card, and what neither gets to see."""

import json
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from tests.support.papers import words_of
from tests.support.signing import sign_in

from willing.accounts import sign_ins
from willing.accounts.models import Invitation, Role, User
from willing.accounts.queries import may_sign_in
from willing.accounts.rules import STAFF_ROLES, session_limits
from willing.audit.models import Entry
from willing.core.clock import now, running
from willing.core.codes import show_code
from willing.core.errors import Refused
from willing.credentials.cards import revoke_cards
from willing.credentials.pins import identify_by_card_and_pin
from willing.people.guardians import add_guardian
from willing.people.models import Person, School
from willing.till.baskets import open_basket
from willing.till.identification import identify_by_pin

PASSWORD = "four quite ordinary words"
SHOWN = re.compile(r"\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b")


def logged(event: str) -> list[dict[str, Any]]:
    return [json.loads(bytes(one.hashed))["facts"] for one in Entry.objects.filter(event=event)]


def letter(cast: Any, guardian: str = "Gwen") -> str:
    return sign_ins.invite_guardian(cast.guardian(guardian), by=cast.user("office"))


def open_code(code: str) -> tuple[Client, Any]:
    client = Client()
    return client, client.post("/sign-in/code/", {"code": code})


def choose(code: str, username: str = "gwen") -> tuple[Client, Any]:
    client, _ = open_code(code)
    return client, client.post("/sign-in/code/password/", {"username": username, "password": PASSWORD})


def test_the_office_prints_a_letter_and_the_guardian_makes_a_sign_in(cast: Any) -> None:
    office = sign_in(Client(), cast.user("office"))
    where = f"/staff/people/{cast.person('Nia').id}/letter/{cast.guardian('Gwen').id}/"
    made = office.post(where)
    assert made.headers["Cache-Control"] == "no-store"
    said = words_of(made.content)
    [code] = SHOWN.findall(said)
    assert "Nia Nay (7A), Wes Withdrew (7A)" in said  # one letter for all of a guardian's children
    assert "You have a sign-in already" not in said
    assert code not in json.dumps(list(Invitation.objects.values()), default=str)
    client, answer = choose(code.lower())
    assert answer.headers["Location"] == "/family/"
    assert "Nia" in client.get("/family/").content.decode()
    user = cast.user("gwen")
    assert (user.guardian.name, user.get_short_name()) == ("Gwen", "Gwen")
    assert [role.kind for role in user.roles.all()] == ["guardian"]
    assert logged("invitation.used") == [{"user": cast.user("guardian").pk}, {"user": user.pk}]
    assert {"by": cast.user("office").pk} in logged("invitation.issued")
    texts = [bytes(one.hashed).decode() for one in Entry.objects.filter(event__startswith="invitation.")]
    assert not any("Gwen" in text or code in text for text in texts)


def test_a_code_works_once(cast: Any) -> None:
    code = letter(cast)
    first, _ = open_code(code)
    choose(code)
    late = first.post("/sign-in/code/password/", {"username": "thief", "password": PASSWORD})
    for answer in (open_code(code)[1], late):
        assert answer.status_code in (409, 422)
        assert "is wrong or no longer works" in answer.content.decode()
    assert not User.objects.filter(username="thief").exists()


@pytest.mark.parametrize("ended", ["revoked", "replaced", "old", "mistyped"])
def test_a_code_that_ended_opens_nothing(cast: Any, ended: str) -> None:
    code, at = letter(cast), now()
    if ended == "revoked":
        assert sign_ins.revoke_invitation(cast.guardian("Gwen"), by=None)
    if ended == "replaced":
        letter(cast)
    if ended == "mistyped":
        code = code[:-1] + ("0" if code[-1] != "0" else "1")
    with running(lambda: at + timedelta(days=31 if ended == "old" else 0)), pytest.raises(Refused) as refused:
        sign_ins.accept_invitation(code, username="gwen", password=PASSWORD)
    assert refused.value.code == "invitation_ended"
    assert not User.objects.filter(username="gwen").exists()


def test_opening_the_page_uses_nothing_up(cast: Any) -> None:
    code = letter(cast)
    client, answer = open_code(code)
    assert answer.headers["Location"] == "/sign-in/code/passkey/"
    page = client.get("/sign-in/code/passkey/")
    options = page.context["js_data"]["creation_options"]["publicKey"]
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert client.get("/sign-in/code/password/").status_code == 200
    assert not cast.guardian("Gwen").user.is_active
    choose(code)
    assert User.objects.filter(username="gwen", is_active=True).exists()


def test_a_new_letter_replaces_the_sign_in_from_before(cast: Any) -> None:
    before, _ = choose(letter(cast))
    assert before.get("/family/").status_code == 200
    choose(letter(cast), username="gwen-again")
    assert before.get("/family/").status_code == 302
    assert not User.objects.filter(username="gwen").exists()


def test_the_letter_of_a_guardian_who_lost_their_phone_is_the_way_back(cast: Any) -> None:
    office = sign_in(Client(), cast.user("office"))
    before = sign_in(Client(), cast.user("guardian"))
    said = words_of(
        office.post(f"/staff/people/{cast.person('Ada').id}/letter/{cast.guardian('Gus').id}/").content
    )
    assert "You have a sign-in already, which goes on working until you make a new one" in said
    [code] = SHOWN.findall(said)
    assert before.get("/family/").status_code == 200
    choose(code, username="gus-again")
    assert before.get("/family/").status_code == 302
    assert not User.objects.filter(username="guardian").exists()


def test_a_letter_that_can_not_be_made_leaves_the_earlier_code(
    cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = letter(cast)
    monkeypatch.setattr("willing.documents.typeset.sys.executable", "/bin/false")
    where = f"/staff/people/{cast.person('Nia').id}/letter/{cast.guardian('Gwen').id}/"
    assert sign_in(Client(), cast.user("office")).post(where).status_code != 200
    assert sign_ins.require_invitation(code)


def test_a_name_that_is_taken_is_refused_and_the_code_stays(cast: Any) -> None:
    code = letter(cast)
    client, answer = choose(code, username="office")
    assert answer.status_code == 422
    assert "This username is taken" in answer.content.decode()
    again = client.post("/sign-in/code/password/", {"username": "gwen", "password": PASSWORD})
    assert again.headers["Location"] == "/family/"
    with pytest.raises(Refused, match="name_taken"):
        sign_ins.accept_invitation(letter(cast), username="office", password=PASSWORD)


@pytest.mark.parametrize("password", ["short", "password1234"])
def test_a_password_that_is_quickly_guessed_is_refused(cast: Any, password: str) -> None:
    client, _ = open_code(letter(cast))
    answer = client.post("/sign-in/code/password/", {"username": "gwen", "password": password})
    assert answer.status_code == 422
    assert answer.context["form"].errors["password"]


def test_without_a_code_the_pages_behind_it_ask_for_one(db: Any) -> None:
    for page in ("passkey", "password"):
        assert Client().get(f"/sign-in/code/{page}/").headers["Location"] == "/sign-in/code/"


def test_a_code_for_a_guardian_of_somebody_else_is_not_made(cast: Any) -> None:
    office = sign_in(Client(), cast.user("office"))
    where = f"/staff/people/{cast.person('Nia').id}/letter/{cast.guardian('Gus').id}/"
    assert office.post(where).status_code == 409
    assert office.post(f"{where}revoke/").status_code == 409
    assert not Invitation.objects.filter(guardian=cast.guardian("Gus"), used_at=None).exists()


def test_the_office_sees_who_signs_in_and_ends_an_open_code(cast: Any) -> None:
    office = sign_in(Client(), cast.user("office"))
    page = f"/staff/people/{cast.person('Nia').id}/"
    assert "No sign-in yet" in office.get(page).content.decode()
    letter(cast)
    assert "A code is open until" in office.get(page).content.decode()
    office.post(f"{page}letter/{cast.guardian('Gwen').id}/revoke/")
    assert "No sign-in yet" in office.get(page).content.decode()
    assert len(logged("invitation.revoked")) == 1


def test_two_guardians_of_a_child_see_nothing_of_each_other(cast: Any) -> None:
    other = add_guardian(cast.person("Ada"), "Zebedee Other", email="zebedee@home.example")
    client = sign_in(Client(), cast.user("guardian"))
    for page in ("/family/", "/my-sign-in/", "/"):
        text = client.get(page, follow=True).content.decode()
        assert "Zebedee" not in text, page
        assert "zebedee@" not in text, page
        assert str(other.id) not in text, page


def test_a_guardian_opens_no_staff_page_and_staff_no_family_page(cast: Any) -> None:
    guardian, office = (sign_in(Client(), cast.user(who)) for who in ("guardian", "office"))
    assert guardian.get("/staff/people/").status_code == 403
    assert office.get("/family/").status_code == 403
    assert guardian.get("/family/me/").status_code == 403
    assert guardian.get("/").headers["Location"] == "/family/"


def pupil(cast: Any, name: str = "Carl", pin: str = "") -> tuple[Client, Any]:
    client = Client()
    values = {"card": show_code(cast.cards[name]), "pin": pin or cast.pins[name]}
    return client, client.post("/sign-in/card/", values)


def test_a_pupil_signs_in_with_card_and_pin_and_sees_their_own_page(cast: Any) -> None:
    client, answer = pupil(cast)
    assert answer.headers["Location"] == "/family/me/"
    text = client.get("/family/me/").content.decode()
    assert "Carl" in text
    assert client.session.get_expiry_age() <= 15 * 60
    assert logged("user.signed_in") == [{"by": cast.user("pupil").pk, "how": "card"}]
    assert client.get("/family/").status_code == 403
    assert client.get("/").headers["Location"] == "/family/me/"


def test_wrong_pins_lock_the_pin_for_the_till_too(cast: Any) -> None:
    for number in range(5):
        _, answer = pupil(cast, pin="0000")
        assert answer.status_code == 422
        said = "locked for five minutes" if number == 4 else "Card and PIN don&#x27;t match"
        assert said in answer.content.decode()
    assert "locked" in pupil(cast)[1].content.decode()
    basket = open_basket(cast.till, uuid4(), [(cast.meal, 1)])
    with pytest.raises(Refused, match="pin_locked"):
        identify_by_pin(cast.till, basket.id, cast.person("Carl").till_number, cast.pins["Carl"])
    assert logged("user.sign_in_failed")[0] == {"by": None, "how": "card"}


def test_a_card_that_ended_opens_nothing(cast: Any) -> None:
    revoke_cards(cast.person("Carl"))
    assert "Card and PIN don&#x27;t match" in pupil(cast)[1].content.decode()
    with pytest.raises(Refused, match="card_or_pin_wrong"):
        identify_by_card_and_pin(cast.school, cast.cards["Carl"], cast.pins["Carl"])


def test_who_is_too_young_or_was_not_let_in_is_told_kindly(cast: Any) -> None:
    _, answer = pupil(cast, "Bo")
    assert answer.status_code == 422
    assert "use your own page yet" in answer.content.decode()
    with pytest.raises(Refused, match="too_young_to_sign_in"):
        sign_ins.require_pupil_user(cast.person("Bo"))


def test_a_pupil_who_is_no_longer_let_in_is_out_at_once(cast: Any) -> None:
    client, _ = pupil(cast)
    office = sign_in(Client(), cast.user("office"))
    office.post(f"/staff/people/{cast.person('Carl').id}/pupil/", {"allowed": "0"})
    assert client.get("/family/me/").status_code == 403
    assert logged("person.sign_in_decided") == [{"by": cast.user("office").pk, "allowed": False}]


@pytest.mark.parametrize(
    ("born_years_ago", "let_in", "kind", "may"),
    [
        (12, False, "pupil", True),
        (11, True, "pupil", False),
        (None, True, "pupil", True),
        (None, False, "pupil", False),
        (40, True, "staff", False),
    ],
)
def test_which_pupils_may_sign_in(
    cast: Any, born_years_ago: int | None, let_in: bool, kind: str, may: bool
) -> None:
    carl = cast.person("Carl")
    today = now().date()
    born = today.replace(year=today.year - born_years_ago, day=min(today.day, 28)) if born_years_ago else None
    Person.objects.filter(pk=carl.pk).update(birth_date=born, may_sign_in=let_in, kind=kind)
    assert may_sign_in(cast.person("Carl")) is may


def test_the_school_sets_the_age(cast: Any) -> None:
    sign_ins.set_pupil_age(cast.school, 14)
    assert School.objects.get().pupil_sign_in_from_age == 14
    assert logged("school.pupil_sign_in_age_set") == [{"years": 14}]


def test_the_database_knows_no_user_who_is_guardian_and_pupil_at_once(cast: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(username="guardian").update(person=cast.person("Ada"))
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(username="pupil").update(guardian=None, person=cast.person("Ada"))
        User.objects.filter(username="guardian").update(guardian=None, person=cast.person("Ada"))


@pytest.mark.parametrize("role", sorted(STAFF_ROLES))
def test_staff_are_signed_out_soonest_whatever_else_they_are(role: str) -> None:
    assert session_limits({role, "guardian"}, by_passkey=True).idle == timedelta(minutes=30)


def test_a_guardians_passkey_lasts_and_a_password_does_not() -> None:
    assert session_limits({"guardian"}, by_passkey=True).total == timedelta(days=30)
    assert session_limits({"guardian"}, by_passkey=False).total == timedelta(hours=12)


def test_who_lost_their_factor_starts_over(cast: Any) -> None:
    office = sign_in(Client(), cast.user("office"))
    assert sign_ins.reset_second_factors(cast.user("office")) == 1
    assert office.get("/staff/people/").headers["Location"].startswith("/sign-in/")
    assert Role.objects.filter(user=cast.user("office")).exists()
