"""The settings of the mail server: sealed, never sent in the clear, tried with one message."""

import base64
import gc
from typing import Any

import pytest
from tests.mail.conftest import at
from tests.support.mail import Post, post_office

from willing.audit.models import Entry
from willing.core.errors import Refused
from willing.keys.errors import MasterKeyWrong
from willing.keys.master import unwrap
from willing.mail.models import MailServer
from willing.mail.sending import find_mail_server, send_test, set_mail_server

TEXT = ("to@example.org", "Test", "It works.")


def test_a_test_message_says_that_it_works(cast: Any, school: Any, post: Post) -> None:
    assert MailServer.objects.get().worked_at is None
    send_test(school, *TEXT)
    assert post.came[0]["Subject"] == "Test"
    assert MailServer.objects.get().worked_at is not None
    set_mail_server(school, at(post), by=cast.user("administrator"))
    assert MailServer.objects.get().worked_at is None  # of other settings nothing is known yet


# Within aiosmtpd, which asks for a password on this computer without TLS.
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
def test_a_password_is_sealed_used_and_kept_for_its_own_server_only(cast: Any, school: Any) -> None:
    admin = cast.user("administrator")
    with post_office(auth_required=True) as post:
        set_mail_server(school, at(post, username="lunch", password="right"), by=admin)
        stored = MailServer.objects.get()
        assert "right" not in stored.sealed_password
        send_test(school, *TEXT)
        set_mail_server(school, at(post, username="lunch", sender="canteen@school.example"), by=admin)
        send_test(school, *TEXT)
        assert post.passwords == [("lunch", "right")] * 2
        set_mail_server(school, at(post, username="other"), by=admin)
        assert MailServer.objects.get().sealed_password == ""
        set_mail_server(school, at(post, username="lunch", password="wrong"), by=admin)
        with pytest.raises(Refused) as refused:
            send_test(school, *TEXT)
    assert refused.value.data == {"fault": "sign_in"}
    assert "right" not in str(list(Entry.objects.values_list("hashed", flat=True)))


def test_another_schools_sealed_password_opens_nothing(cast: Any, school: Any, post: Post) -> None:
    set_mail_server(school, at(post, username="lunch", password="right"), by=cast.user("administrator"))
    with pytest.raises(MasterKeyWrong):
        unwrap(base64.b64decode(MailServer.objects.get().sealed_password), "mail server of school another")


@pytest.mark.parametrize("host", ["mail.example.org", "10.0.0.5", "192.168.1.1", "localhost.example.org"])
def test_nothing_travels_in_the_clear_to_another_computer(
    cast: Any, school: Any, post: Post, host: str
) -> None:
    with pytest.raises(Refused, match="mail_not_encrypted"):
        set_mail_server(school, at(post, host=host), by=cast.user("administrator"))
    found = find_mail_server(school)
    assert found is not None
    assert found.host == "127.0.0.1"


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"port": 1}, "no_answer"),
        ({"encryption": "starttls"}, "no_starttls"),
        ({"encryption": "tls"}, "no_tls"),
        ({"host": "mail.invalid", "encryption": "tls"}, "no_server"),
    ],
)
def test_what_is_wrong_with_a_server_is_named(
    cast: Any, school: Any, post: Post, changes: dict[str, Any], fault: str
) -> None:
    set_mail_server(school, at(post, **changes), by=cast.user("administrator"))
    with pytest.raises(Refused, match="mail_server_failed") as refused:
        send_test(school, *TEXT)
    assert refused.value.data == {"fault": fault}
    gc.collect()  # which would complain about a connection that nobody closed


def test_a_refused_recipient_and_a_busy_server_are_told_apart(cast: Any, school: Any, post: Post) -> None:
    post.recipient_answer = "550 5.1.1 unknown"
    with pytest.raises(Refused, match="mail_address_refused"):
        send_test(school, *TEXT)
    post.recipient_answer = "450 4.2.1 busy"
    with pytest.raises(Refused, match="mail_server_failed") as refused:
        send_test(school, *TEXT)
    assert refused.value.data == {"fault": "later"}


def test_before_a_server_is_set_there_is_none_to_test(cast: Any) -> None:
    with pytest.raises(Refused, match="mail_not_set_up"):
        send_test(cast.school, *TEXT)
