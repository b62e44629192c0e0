"""Mail servers show certificates of our own making: one that fits is taken, others are refused by cause."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from tests.mail.conftest import at
from tests.mail.test_returned import set_inbox
from tests.support.certificates import DAY, Authority, authority
from tests.support.imap import mailbox
from tests.support.mail import post_office

from willing.core.errors import Refused
from willing.mail.models import MailInbox
from willing.mail.returned import read_inbox
from willing.mail.sending import send_test, set_mail_server

# What a server shows, and what is said of it; "" where nothing is wrong.
SHOWN: dict[str, tuple[dict[str, Any], str]] = {
    "its own": ({}, ""),
    "another name's": ({"names": ["mail.example.org"]}, "certificate_name"),
    "an old one": ({"ends": -DAY}, "certificate_expired"),
    "a stranger's": ({}, "certificate_unknown"),
}


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("trusted"))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("stranger"))


@pytest.fixture
def lent() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def fault_of_sending(cast: Any, context: Any, encryption: str, lent: ExitStack) -> str:
    how = {"ssl_context": context} if encryption == "tls" else {"tls_context": context}
    post = lent.enter_context(post_office(**how))
    set_mail_server(cast.school, at(post, encryption=encryption), by=cast.user("administrator"))
    try:
        send_test(cast.school, "to@example.org", "Test", "It works.")
    except Refused as refused:
        assert not post.came
        return str(refused.data["fault"])
    assert len(post.came) == 1
    return ""


def fault_of_reading(cast: Any, context: Any, encryption: str, lent: ExitStack) -> str:
    box = lent.enter_context(mailbox(context, starts=encryption == "starttls"))
    set_inbox(cast, box, encryption=encryption)
    read_inbox(cast.school.pk)
    inbox = MailInbox.objects.get()
    assert len(box.passwords) == (0 if inbox.fault else 1)  # none leaves for another server
    return inbox.fault


@pytest.mark.parametrize("encryption", ["tls", "starttls"])
@pytest.mark.parametrize("shown", SHOWN)
@pytest.mark.parametrize("fault_of", [fault_of_sending, fault_of_reading])
def test_only_a_certificate_that_fits_is_taken(
    cast: Any,
    trusted: Authority,
    stranger: Authority,
    lent: ExitStack,
    monkeypatch: pytest.MonkeyPatch,
    fault_of: Callable[..., str],
    shown: str,
    encryption: str,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted.file))
    how, said = SHOWN[shown]
    context = (stranger if shown == "a stranger's" else trusted).server(**how)
    assert fault_of(cast, context, encryption, lent) == said


@pytest.mark.parametrize("fault_of", [fault_of_sending, fault_of_reading])
def test_a_port_that_speaks_no_tls_is_named_as_that(cast: Any, lent: ExitStack, fault_of: Any) -> None:
    assert fault_of(cast, None, "tls", lent) == "no_tls"


@pytest.mark.parametrize("fault_of", [fault_of_sending, fault_of_reading])
def test_a_server_without_starttls_is_named_as_that(cast: Any, lent: ExitStack, fault_of: Any) -> None:
    assert fault_of(cast, None, "starttls", lent) == "no_starttls"
