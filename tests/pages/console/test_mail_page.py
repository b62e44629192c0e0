"""The page E-mails: who opens it, what it sets, what it says of a server that does not answer."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from tests.support.imap import mailbox
from tests.support.mail import Post, post_office

from willing.jobs.actions import run_due
from willing.mail.models import Mail, MailInbox, MailServer, Topic
from willing.mail.outbox import write_to
from willing.people.models import Guardian
from willing.people.school import set_public_address

PAGE = "/staff/mail/"


@pytest.fixture
def post() -> Any:
    with post_office() as found:
        yield found


def settings(post: Post, **changes: Any) -> dict[str, Any]:
    said = {"host": "127.0.0.1", "port": post.port, "encryption": "none", "sender": "lunch@school.example"}
    return {**said, "username": "", "password": "", **changes}


@pytest.mark.parametrize(
    ("role", "status"),
    [("administrator", 200), ("office", 200), ("dpo", 403), ("cashier", 403), ("canteen", 403)],
)
def test_who_opens_it(browser: Callable[[str], Client], role: str, status: int) -> None:
    assert browser(role).get(PAGE).status_code == status


def test_only_the_administrator_sets_the_server(
    cast: Any, browser: Callable[[str], Client], post: Post
) -> None:
    office = browser("office")
    assert "Mail server</h2>" not in office.get(PAGE).content.decode()
    assert office.post(PAGE, settings(post)).status_code == 403
    for page in ("test/", "remove/", "drop/"):
        assert office.post(f"{PAGE}{page}", {"to": "a@example.org"}).status_code == 403
    assert not MailServer.objects.exists()


def test_a_server_is_set_tested_and_removed(cast: Any, browser: Callable[[str], Client], post: Post) -> None:
    admin = browser("administrator")
    text = admin.get(PAGE).content.decode()
    assert "The school's public address is not set" in text.replace("&#x27;", "'")
    text = admin.post(PAGE, settings(post), follow=True).content.decode()
    assert "Saved." in text
    assert "Not tested" in text
    text = admin.post(f"{PAGE}test/", {"to": "head@example.org"}, follow=True).content.decode()
    assert "The mail server took the test message." in text
    assert "Works" in text
    assert post.came[0]["To"] == "head@example.org"
    text = admin.post(f"{PAGE}remove/", follow=True).content.decode()
    assert "No more e-mail is sent." in text
    assert not MailServer.objects.exists()


def test_the_password_is_on_no_page(cast: Any, browser: Callable[[str], Client], post: Post) -> None:
    admin = browser("administrator")
    admin.post(PAGE, settings(post, username="lunch", password="secret horse"))
    text = admin.get(PAGE).content.decode()
    assert "secret horse" not in text
    assert "Leave it empty to keep the one that is saved." in text
    admin.post(PAGE, settings(post, username="lunch"))
    assert MailServer.objects.get().sealed_password


@pytest.mark.parametrize(
    ("changes", "status", "text"),
    [
        ({"host": "mail.example.org"}, 409, "Choose STARTTLS or TLS."),
        ({"host": "a b"}, 422, ""),
        ({"host": "http://mail.example.org/x"}, 422, ""),
        ({"port": "0"}, 422, ""),
        ({"port": "70000"}, 422, ""),
        ({"sender": "nobody"}, 422, ""),
        ({"encryption": "rot13"}, 422, ""),
    ],
)
def test_what_can_not_be_is_refused_beside_its_field(
    cast: Any, browser: Callable[[str], Client], post: Post, changes: dict[str, Any], status: int, text: str
) -> None:
    answer = browser("administrator").post(PAGE, settings(post, **changes))
    assert answer.status_code == status
    assert text in answer.content.decode()
    assert "autofocus" in answer.content.decode()
    assert not MailServer.objects.exists()


def test_a_server_that_does_not_answer_is_named(
    cast: Any, browser: Callable[[str], Client], post: Post
) -> None:
    admin = browser("administrator")
    admin.post(PAGE, settings(post, port=1))
    answer = admin.post(f"{PAGE}test/", {"to": "head@example.org"})
    assert answer.status_code == 409
    assert "The server did not answer." in answer.content.decode()
    health = admin.get("/staff/health/").content.decode()
    assert "E-mail is not sent." not in health  # nothing waits


def test_refused_addresses_are_listed_and_tried_again(
    cast: Any, browser: Callable[[str], Client], post: Post
) -> None:
    gus = Guardian.objects.get(name="Gus")
    gus.email = "gus@example.org"
    gus.save(update_fields=["email"])
    set_public_address(cast.school, "https://lunch.example.org")
    browser("administrator").post(PAGE, settings(post))
    post.recipient_answer = "550 5.1.1 unknown"
    write_to([gus], Topic.ANSWER, cast.person("Ada"))
    run_due()
    office = browser("office")
    text = office.get(PAGE).content.decode()
    assert "gus@example.org" in text
    assert "Answer 550" in text
    assert "1 address is refused." in office.get("/staff/health/").content.decode()
    post.recipient_answer = "250 OK"
    text = office.post(f"{PAGE}{Mail.objects.get().pk}/retry/", follow=True).content.decode()
    assert "It is sent again now." in text
    run_due()
    assert "No address was refused." in office.get(PAGE).content.decode()


def test_what_waits_for_a_broken_server_may_be_dropped(
    cast: Any, browser: Callable[[str], Client], post: Post
) -> None:
    gus = Guardian.objects.get(name="Gus")
    gus.email = "gus@example.org"
    gus.save(update_fields=["email"])
    set_public_address(cast.school, "https://lunch.example.org")
    admin = browser("administrator")
    admin.post(PAGE, settings(post, port=1))
    write_to([gus], Topic.ANSWER, cast.person("Ada"))
    run_due()
    text = admin.get(PAGE).content.decode()
    assert "1 e-mail waits to be sent." in text
    assert "The server did not answer." in text
    health = admin.get("/staff/health/").content.decode()
    assert "E-mail is not sent." in health
    text = admin.post(f"{PAGE}drop/", follow=True).content.decode()
    assert "1 e-mail is not sent." in text
    assert "Nothing waits" in text


def test_the_mailbox_of_returned_e_mails_is_set_read_and_removed(
    cast: Any, browser: Callable[[str], Client]
) -> None:
    page = f"{PAGE}returned/"
    admin = browser("administrator")
    assert browser("office").get(page).status_code == 403
    assert "Never" not in admin.get(page).content.decode()
    with mailbox() as box:
        said = {"host": "127.0.0.1", "port": box.port, "encryption": "none", "username": "lunch"}
        wrong = admin.post(page, {**said, "password": "wrong"})
        assert wrong.status_code == 409
        assert "refused the username or the password" in wrong.content.decode()
        health = admin.get("/staff/health/").content.decode().replace("&#x27;", "'")
        assert "The mailbox for returned e-mails can't be read." in health
        text = admin.post(page, {**said, "password": "right"}, follow=True).content.decode()
    assert "Saved. The mailbox can be read." in text
    assert "Works" in text
    assert "right" not in admin.get(page).content.decode().replace("brightness", "")
    refused = admin.post(page, {**said, "host": "imap.example.org", "password": "right"})
    assert (refused.status_code, "must run on this computer" in refused.content.decode()) == (409, True)
    assert "no longer read" in admin.post(f"{page}remove/", follow=True).content.decode()
    assert not MailInbox.objects.exists()
