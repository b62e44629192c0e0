"""The data protection officer gets a mail when a fuse warns: why, when, and where to decide."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import translation
from tests.support.mail import Post

from willing.accounts.models import User
from willing.dpia.fuse_mail import mail_officers
from willing.dpia.fuse_models import Fuse
from willing.dpia.fuse_rules import FuseKind
from willing.dpia.fuses import FuseFinding, decide_fuse, settle_fuses
from willing.jobs.actions import run_due
from willing.jobs.registry import TryLater
from willing.people.models import School
from willing.people.queries import today

FACES = FuseFinding(FuseKind.FASTER_FACE)


@pytest.fixture
def officer(cast: Any) -> User:
    """The officer, with an address."""
    found: User = cast.user("dpo")
    found.email = "dpo@example.org"
    found.save(update_fields=["email"])
    return found


def test_every_officer_with_an_address_reads_why_when_and_where(
    cast: Any, school: School, officer: User, post: Post
) -> None:
    (fuse,) = settle_fuses(school, {FACES}, is_quiet=True)
    assert settle_fuses(school, {FACES}, is_quiet=True) == []
    assert run_due() == 1
    (mail,) = post.came
    assert (mail["To"], mail["Subject"]) == (officer.email, "Test School: faces may be switched off")
    text = mail.get_content()
    assert "those who do not want a camera wait for it" in " ".join(text.split())
    assert f"{fuse.blows_on.day} {fuse.blows_on:%B %Y}" in text
    assert "https://lunch.example.org/staff/data-protection/fuses/" in text


def test_the_mail_is_in_the_school_s_language(cast: Any, school: School, officer: User, post: Post) -> None:
    School.objects.update(language="zh-hans")
    settle_fuses(school, {FACES}, is_quiet=True)
    with translation.override("en"):
        run_due()
    assert "刷脸" in post.came[0].get_content()


def test_nothing_is_sent_of_what_is_decided_or_to_nobody(
    cast: Any, school: School, officer: User, post: Post
) -> None:
    (fuse,) = settle_fuses(school, {FACES}, is_quiet=True)
    until = today(school) + timedelta(days=9)
    decide_fuse(school, fuse.id, reason="Known", until=until, by=officer)
    run_due()
    User.objects.update(email="")
    mail_officers(Fuse.objects.create(school=school, kind=FuseKind.ATTACKS, blows_on=today(school)).id)
    assert not post.came


def test_a_refused_address_keeps_nobody_else_from_it_and_a_server_that_is_away_is_tried_again(
    cast: Any, school: School, officer: User, post: Post
) -> None:
    (fuse,) = settle_fuses(school, {FACES}, is_quiet=True)
    post.recipient_answer = "550 unknown"
    mail_officers(fuse.id)
    assert not post.came
    post.recipient_answer, post.data_answer = "250 OK", "451 later"
    with pytest.raises(TryLater):
        mail_officers(fuse.id)
