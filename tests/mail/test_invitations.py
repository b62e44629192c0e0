"""An invitation by e-mail: its link is readable in the guardian's mailbox only, and opens one thing once."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from tests.support.mail import Post
from tests.support.signing import sign_in

from willing.accounts.models import Invitation, User
from willing.accounts.queries import has_sign_in
from willing.accounts.rules import MAILED_INVITATION_DAYS
from willing.accounts.sign_ins import (
    accept_invitation,
    invite_guardian,
    require_invitation,
    revoke_invitation,
)
from willing.core import clock
from willing.core.errors import Refused
from willing.jobs.actions import run_due
from willing.jobs.models import Job
from willing.mail.codes import open_code
from willing.mail.invitations import mail_invitation
from willing.mail.models import Mail, SealedCode, Topic
from willing.mail.outbox import drop_waiting, set_topics, try_again
from willing.mail.sending import remove_mail_server
from willing.people.guardians import GuardianDetails, add_guardian, edit_guardian
from willing.people.models import Guardian, School
from willing.privacy.retention_job import run_retention

PASSWORD = "four quite ordinary words"
LINK = re.compile(r"https://lunch\.example\.org/sign-in/code/#(\S+)")


@pytest.fixture
def mia(cast: Any, school: School) -> Guardian:
    """Ada's second guardian, who has an address and no sign-in."""
    return add_guardian(cast.person("Ada"), "Mia", email="mia@example.org")


def invite(cast: Any, guardian: Guardian) -> None:
    mail_invitation(guardian, cast.person("Ada"), by=cast.user("office"))


def sent(post: Post) -> str:
    """Send what waits. Return the code in the link of the only mail that came."""
    run_due()
    (mail,) = post.came
    found = LINK.search(mail.get_content())
    assert found
    return found[1]


def refusal(action: Callable[[], Any]) -> str:
    with pytest.raises(Refused) as refused:
        action()
    return refused.value.code


def everything_stored() -> str:
    """Return every text in the database, as someone reads it who has a copy of it."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            found += [
                str(bytes(cell) if isinstance(cell, memoryview) else cell) for row in cursor for cell in row
            ]
    return "\n".join(found)


def test_the_link_makes_the_sign_in_and_the_mail_holds_nothing_else(
    cast: Any, mia: Guardian, post: Post
) -> None:
    invite(cast, mia)
    code = sent(post)
    (mail,) = post.came
    assert mail["To"] == "mia@example.org"
    assert mail["Subject"] == "Your sign-in at Test School"
    text = mail.get_content()
    assert "Ada" in text
    for hidden in (cast.person("Ada").family_name, "Mia", str(mia.pk), str(cast.person("Ada").till_number)):
        assert hidden not in text
    user = accept_invitation(code, username="mia", password=PASSWORD)
    assert user.guardian == mia
    assert refusal(lambda: accept_invitation(code, username="eve", password=PASSWORD)) == "invitation_ended"


def test_no_copy_of_the_database_tells_the_code_before_or_after_it_is_sent(
    cast: Any, mia: Guardian, post: Post
) -> None:
    invite(cast, mia)
    before = everything_stored()
    assert SealedCode.objects.count() == 1
    code = sent(post)
    plain = code.replace("-", "")
    for stored in (before, everything_stored()):
        assert code not in stored
        assert plain not in stored
    assert not SealedCode.objects.exists()


def test_it_is_written_in_the_guardians_language(cast: Any, mia: Guardian, post: Post) -> None:
    Guardian.objects.filter(pk=mia.pk).update(language="zh-hans")
    invite(cast, mia)
    assert len(sent(post)) > 10
    assert "请用此链接设置" in post.came[0].get_content()


def test_a_sealed_code_opens_for_its_own_mail_only(cast: Any, mia: Guardian) -> None:
    invite(cast, mia)
    row = SealedCode.objects.get()
    other = Mail.objects.create(guardian=mia, person=cast.person("Ada"), topic=Topic.INVITE)
    SealedCode.objects.create(mail=other, sealed=row.sealed)
    with pytest.raises(Exception, match="does not open"):
        open_code(other)


def test_it_is_valid_for_a_week_and_only_at_that_address(cast: Any, mia: Guardian, post: Post) -> None:
    invite(cast, mia)
    code = sent(post)
    late = clock.now() + timedelta(days=MAILED_INVITATION_DAYS, seconds=1)
    with clock.running(lambda: late):
        assert refusal(lambda: require_invitation(code)) == "invitation_ended"
    require_invitation(code)
    edit_guardian(mia.pk, GuardianDetails("Mia", "MIA@example.org"), by=None)
    require_invitation(code)  # the same mailbox
    edit_guardian(mia.pk, GuardianDetails("Mia", "other@example.org"), by=None)
    assert refusal(lambda: require_invitation(code)) == "invitation_ended"


@pytest.mark.parametrize("reason", ["revoked", "another letter", "signed in", "another address"])
def test_a_code_that_opens_nothing_any_more_is_not_sent(
    cast: Any, mia: Guardian, post: Post, reason: str
) -> None:
    invite(cast, mia)
    if reason == "revoked":
        revoke_invitation(mia, by=None)
    elif reason == "another address":
        edit_guardian(mia.pk, GuardianDetails("Mia", "other@example.org"), by=None)
    else:
        code = invite_guardian(mia, by=None)
        if reason == "signed in":
            accept_invitation(code, username="mia", password=PASSWORD)
    run_due()
    assert not post.came
    assert Mail.objects.get().state == Mail.State.DROPPED
    assert not SealedCode.objects.exists()


def test_dropping_what_waits_and_a_refused_address_forget_the_code(
    cast: Any, mia: Guardian, school: School, post: Post
) -> None:
    invite(cast, mia)
    drop_waiting(school, by=cast.user("administrator"))
    assert not SealedCode.objects.exists()
    post.recipient_answer = "550 no such mailbox"
    invite(cast, mia)
    run_due()
    assert not SealedCode.objects.exists()
    refused = Mail.objects.get(state=Mail.State.REFUSED)
    assert try_again(school, [refused.id], by=cast.user("office")) == 0
    assert refusal(lambda: invite(cast, mia)) == "mail_address_returned"


def test_a_code_that_could_not_be_sent_is_deleted_when_it_expires(
    cast: Any, mia: Guardian, post: Post
) -> None:
    invite(cast, mia)
    Job.objects.all().delete()
    almost = clock.now() + timedelta(days=MAILED_INVITATION_DAYS - 1)
    with clock.running(lambda: almost):
        assert run_retention().ended["mailed_codes"] == 0
    late = clock.now() + timedelta(days=MAILED_INVITATION_DAYS + 1)
    with clock.running(lambda: late):
        assert run_retention().ended["mailed_codes"] == 1
    assert not SealedCode.objects.exists()


def test_what_a_mail_must_not_do_is_refused_by_name(cast: Any, mia: Guardian, gus: Guardian) -> None:
    assert has_sign_in(gus)
    assert refusal(lambda: invite(cast, gus)) == "sign_in_there"
    set_topics(mia, [one for one in Topic if one != Topic.INVITE])
    assert refusal(lambda: invite(cast, mia)) == "mail_not_wanted"
    assert refusal(lambda: invite(cast, add_guardian(cast.person("Ada"), "Max"))) == "mail_address_missing"
    remove_mail_server(cast.school, by=cast.user("administrator"))
    assert refusal(lambda: invite(cast, mia)) == "mail_not_set_up"
    assert not Mail.objects.exists()
    assert not Invitation.objects.filter(guardian=mia).exists()


# --- the page


def test_the_office_sends_it_with_one_press_and_never_sees_the_code(
    cast: Any, mia: Guardian, gus: Guardian, post: Post
) -> None:
    user: User = cast.user("office")
    client, ada = sign_in(Client(), user), cast.person("Ada")
    where = f"/staff/people/{ada.id}/invite/{mia.id}/mail/"
    page = client.get(f"/staff/people/{ada.id}/").content.decode()
    assert where in page
    assert f"/invite/{gus.id}/mail/" not in page  # has a sign-in
    done = client.post(where, follow=True).content.decode()
    assert "A link is on its way to mia@example.org." in done
    assert sent(post) not in done


def test_without_a_mail_server_no_such_button_is_shown(cast: Any, mia: Guardian) -> None:
    remove_mail_server(cast.school, by=cast.user("administrator"))
    client = sign_in(Client(), cast.user("office"))
    page = client.get(f"/staff/people/{cast.person('Ada').id}/").content.decode()
    assert "Send a link by e-mail" not in page
    answer = client.post(f"/staff/people/{cast.person('Ada').id}/invite/{mia.id}/mail/", follow=True)
    assert "mail server" in answer.content.decode()
