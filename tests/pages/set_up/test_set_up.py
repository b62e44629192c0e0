"""Set-up: guarded by the terminal's code, then by the administrator, and gone afterwards."""

import re
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.support.signing import sign_in

from willing.accounts.models import Role, User
from willing.consent.models import Notice
from willing.credentials.cards import find_card_owner
from willing.credentials.trial import add_trial_pupils, remove_trial_pupils, trial_persons
from willing.jobs.actions import run_due
from willing.pages.set_up.access import GRANT, is_awaited
from willing.pages.set_up.code import CODE, SetUpCode
from willing.people.models import Person, School
from willing.people.queries import find_school
from willing.roster.uploads import BYTES_MAX
from willing.terminals.models import Terminal

PAGES = ("school", "law", "language-and-money", "address", "administrator")
PASSWORD = "four words are enough"


@pytest.fixture
def empty(cast: Any) -> Any:
    """An installation whose school is being set up: it has a name, and nobody administers it."""
    Role.objects.filter(kind=Role.Kind.ADMINISTRATOR).delete()
    School.objects.update(set_up_at=None)
    yield cast
    CODE.revoke()


@pytest.fixture
def browser(empty: Any) -> Client:
    """A browser that used the terminal's code."""
    client = Client()
    answer = client.post("/set-up/", {"code": CODE.issue()})
    assert answer.headers["Location"] == "/set-up/school/"
    return client


def digits(client: Client) -> str:
    """Return what the app shows for the secret that the page showed."""
    secret = client.session["mfa.totp.secret"]
    return str(totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30)))


def administer(client: Client, **changes: str) -> Any:
    client.get("/set-up/administrator/")
    said = {
        "display_name": "Olive Green",
        "username": "admin",
        "password": PASSWORD,
        "code": digits(client),
        "credential": "null",  # what a browser sends of a hidden field that no passkey filled
    }
    return client.post("/set-up/administrator/", {**said, **changes})


def test_a_code_works_once_and_not_at_all_before_it_is_issued() -> None:
    guard = SetUpCode()
    assert guard.exchange("") == ""
    assert not guard.is_granted("")
    code = guard.issue()
    assert guard.exchange("0000-0000-0000") == ""
    grant = guard.exchange(code.lower().replace("-", " "))
    assert guard.is_granted(grant)
    assert not guard.is_granted(None)
    assert guard.exchange(code) == ""


def test_a_new_code_puts_out_whoever_used_the_last_one() -> None:
    guard = SetUpCode()
    grant = guard.exchange(guard.issue())
    guard.issue()
    assert not guard.is_granted(grant)


@pytest.mark.parametrize("page", PAGES)
def test_without_the_code_no_page_of_set_up_opens_or_changes_anything(empty: Any, page: str) -> None:
    CODE.issue()
    for send in (Client().get, Client().post):
        answer = send(f"/set-up/{page}/")
        assert (answer.status_code, answer.headers["Location"]) == (302, "/set-up/")
    assert School.objects.get().name == "Test School"


def test_opening_the_address_with_the_code_uses_nothing_up(empty: Any) -> None:
    code = CODE.issue()
    assert code in Client().get("/set-up/", {"code": code}).content.decode()
    assert Client().post("/set-up/", {"code": code}).status_code == 302


def test_a_wrong_code_is_refused_and_tries_are_counted(empty: Any) -> None:
    CODE.issue()
    client = Client()
    answers = [client.post("/set-up/", {"code": "0000-0000-0000"}).status_code for _ in range(12)]
    assert answers[0] == 422
    assert answers[-1] == 429
    assert GRANT not in client.session


def test_the_code_is_not_taken_from_another_site(empty: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post("/set-up/", {"code": CODE.issue()}).status_code == 403


def test_a_session_that_somebody_gave_this_browser_is_not_the_one_that_goes_on(empty: Any) -> None:
    client = Client()
    client.get("/i18n/setlang/")
    session = client.session
    session["planted"] = True
    session.save()
    planted = str(session.session_key)
    client.cookies["sessionid"] = planted
    client.post("/set-up/", {"code": CODE.issue()})
    granted = client.session.session_key
    assert granted != planted
    administer(client)
    assert client.session.session_key not in {planted, granted}
    assert GRANT not in client.session


@pytest.mark.parametrize("page", ["", *(f"{one}/" for one in PAGES)])
def test_with_an_administrator_the_pages_before_are_gone(cast: Any, page: str) -> None:
    School.objects.update(set_up_at=None)
    code = CODE.issue()
    assert Client().get(f"/set-up/{page}").status_code == 404
    assert Client().post(f"/set-up/{page}", {"code": code}).status_code == 404


@pytest.mark.parametrize("page", ["people", "till"])
def test_once_set_up_is_finished_its_last_pages_are_gone_for_the_administrator_too(
    cast: Any, page: str
) -> None:
    assert sign_in(Client(), cast.user("administrator")).get(f"/set-up/{page}/").status_code == 404


def test_a_name_and_a_country_settle_the_rest_and_going_back_changes_it(browser: Client) -> None:
    browser.post("/set-up/school/", {"name": "Rosenweg", "country": "DE"})
    held = School.objects.get()
    assert (held.name, held.currency, held.time_zone, held.legal_profile) == (
        "Rosenweg",
        "EUR",
        "Europe/Berlin",
        "eu",
    )
    browser.post("/set-up/law/", {"law": "strict"})
    browser.post(
        "/set-up/language-and-money/", {"language": "en", "currency": "CHF", "time_zone": "Europe/Zurich"}
    )
    browser.post(
        "/set-up/school/", {"name": "Rosenweg 2", "country": "DE"}
    )  # the country stays: so does the rest
    held = School.objects.get()
    assert (held.name, held.currency, held.legal_profile, held.grace_minor) == (
        "Rosenweg 2",
        "CHF",
        "strict",
        1700,
    )
    assert 'value="Rosenweg 2"' in browser.get("/set-up/school/").content.decode()


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("school", {"name": "", "country": "DE"}),
        ("school", {"name": "X", "country": "UK"}),
        ("law", {"law": "gdpr"}),
        ("language-and-money", {"language": "fr", "currency": "EUR", "time_zone": "Europe/Berlin"}),
        ("language-and-money", {"language": "en", "currency": "eur", "time_zone": "Europe/Berlin"}),
        ("language-and-money", {"language": "en", "currency": "EUR", "time_zone": "Europe/Munich"}),
        ("address", {"address": "https://user:secret@example.org"}),
    ],
)
def test_what_does_not_exist_is_refused_beside_its_field(
    browser: Client, page: str, said: dict[str, str]
) -> None:
    before = School.objects.values().get()
    answer = browser.post(f"/set-up/{page}/", said)
    assert answer.status_code == 422
    assert 'class="error"' in answer.content.decode()
    assert School.objects.values().get() == before


def test_the_administrator_has_both_factors_or_is_not_made(browser: Client) -> None:
    for wrong in ({"code": "000000"}, {"password": "short"}, {"display_name": ""}, {"username": "a b c"}):
        answer = administer(browser, **wrong)
        assert answer.status_code == 422, wrong
        assert 'class="error"' in answer.content.decode(), wrong
    assert is_awaited(find_school())
    assert administer(browser).headers["Location"] == "/set-up/people/"
    user = User.objects.get(username="admin")
    assert set(user.roles.values_list("kind", flat=True)) == {"administrator", "office"}
    assert Authenticator.objects.get(user=user).type == Authenticator.Type.TOTP
    assert not User.objects.filter(username="first-administrator").exists()
    assert browser.get("/staff/people/").status_code == 200  # signed in, both factors passed
    assert browser.get("/set-up/school/").status_code == 404


def test_the_rules_of_a_password_are_said_with_its_field_before_and_after_a_refusal(browser: Client) -> None:
    for page in (browser.get("/set-up/administrator/"), administer(browser, password="short")):
        text = page.content.decode()
        [field] = re.findall(r'<input type="password"[^>]*>', text)
        [ids] = re.findall(r'aria-describedby="([^"]+)"', field)
        assert ids.split()[0] == "id_password_helptext"
        for one in ids.split():
            assert f'id="{one}"' in text
        assert "At least 12 characters" in text
    assert 'aria-invalid="true"' in field


def test_the_code_opens_nothing_once_there_is_an_administrator(browser: Client) -> None:
    administer(browser)
    assert not CODE.is_granted(browser.session.get(GRANT))
    assert Client().post("/set-up/", {"code": CODE.issue()}).status_code == 404


def test_notices_are_those_of_the_law_that_was_chosen(browser: Client) -> None:
    browser.post("/set-up/law/", {"law": "china"})
    administer(browser)
    newest = Notice.objects.filter(purpose="canteen", reader="adult", language="en").latest("version")
    assert newest.terms != {}
    from willing.consent.publishing import unpublished_notices

    assert unpublished_notices() == []


def test_invented_pupils_are_ten_with_cards_and_pressing_twice_adds_none(browser: Client) -> None:
    administer(browser)
    for _ in range(2):
        browser.post("/set-up/people/", {"who": "invented"})
    school, user = School.objects.get(), User.objects.get(username="admin")
    found = trial_persons(school)
    assert len(found) == 10
    codes = [one.code for one in add_trial_pupils(school, by=user)]
    assert [find_card_owner(school, code) for code in codes] == found
    shown = browser.get("/set-up/till/").content.decode()
    assert codes[0][:4] in shown


LIST = b"external_id,given_name,family_name,year\nu1,Una,Urban,7B\nv1,Vic,Vale,7B\n"


def send_list(client: Client, content: bytes = LIST) -> Any:
    file = SimpleUploadedFile("people.csv", content)
    return client.post("/set-up/people/", {"who": "list", "file": file})


def test_the_schools_own_list_is_imported_within_the_step_and_set_up_goes_on(browser: Client) -> None:
    administer(browser)
    where = send_list(browser).headers["Location"]
    assert browser.get(where).status_code == 200
    options = {one: one for one in ("external_id", "given_name", "family_name", "year")}
    preview = browser.post(where, options, follow=True)
    assert "Una" in preview.content.decode()
    digest = preview.context["form"].initial["digest"]
    pressed = browser.post(f"{where}run/", {"digest": digest})
    assert run_due() == 1
    done = browser.get(pressed.headers["Location"])
    assert done.headers["Location"] == "/set-up/menu/"
    assert Person.objects.filter(external_id__in=["u1", "v1"], left_at=None).count() == 2
    back = browser.get("/set-up/people/").content.decode()
    assert "people of your own are here already" in back


def test_a_list_that_is_cancelled_leads_back_to_the_step(browser: Client) -> None:
    administer(browser)
    where = send_list(browser).headers["Location"]
    assert browser.post(f"{where}cancel/").headers["Location"] == "/set-up/people/"
    assert not Person.objects.filter(external_id="u1").exists()


def test_no_file_and_too_large_a_file_are_said_beside_the_field(browser: Client) -> None:
    administer(browser)
    answer = browser.post("/set-up/people/", {"who": "list"})
    assert answer.status_code == 422
    assert answer.context["form"].errors["file"]
    too_large = send_list(browser, b"x" * (BYTES_MAX + 1))
    assert (too_large.status_code, "12 MB" in too_large.content.decode()) == (413, True)


def test_invented_pupils_leave_with_one_press_and_their_cards_with_them(cast: Any) -> None:
    school, user = cast.school, cast.user("office")
    before = Person.objects.filter(left_at=None).count()
    code = add_trial_pupils(school, by=user)[0].code
    assert remove_trial_pupils(school, by=user) == 10
    assert remove_trial_pupils(school, by=user) == 0
    assert Person.objects.filter(left_at=None).count() == before
    assert find_card_owner(school, code) is None


def test_this_device_becomes_the_first_till_and_set_up_is_over(browser: Client) -> None:
    administer(browser)
    tills = Terminal.objects.count()
    answer = browser.post("/set-up/till/", {"where": "here"})
    assert answer.headers["Location"] == "/till/"
    assert browser.get("/till/").status_code == 200
    assert Terminal.objects.count() in {tills, tills + 1}
    assert School.objects.get().set_up_at is not None
    assert browser.get("/set-up/till/").status_code == 404
    assert not is_awaited(find_school())


def test_a_till_can_wait(browser: Client) -> None:
    administer(browser)
    assert browser.post("/set-up/till/", {"where": "later"}).headers["Location"] == "/"
    assert School.objects.get().set_up_at is not None
