"""The day's receipts: each evening, once, to the guardians who asked for them, and to nobody else."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError
from tests.support.mail import Post
from tests.support.spending import grant_sum
from tests.support.till import pay

from willing.core import clock
from willing.jobs.actions import run_due
from willing.mail.models import Mail, MailWish, Topic
from willing.mail.outbox import set_topics, write_to
from willing.mail.wishes import topics_of
from willing.people.guardians import unlink_guardians
from willing.people.models import Guardian, GuardianLink, School
from willing.people.queries import today
from willing.till import mailed_receipts
from willing.till.mailed_receipts import last_evening, write_receipts, write_receipts_here
from willing.till.refunds import RefundedBy, refund_sale

EVENING = datetime(2027, 3, 2, 19, 0, tzinfo=UTC)  # London has no summer time then


@pytest.fixture(autouse=True)
def evening() -> Iterator[list[datetime]]:
    """Let it be a quarter to seven in the evening, and what a test says from then on."""
    at = [EVENING - timedelta(minutes=15)]
    with clock.running(lambda: at[0]):
        yield at


def ask(guardian: Guardian) -> None:
    set_topics(guardian, [*topics_of(guardian), Topic.BOUGHT])


def test_nobody_gets_receipts_unasked(
    cast: Any, school: School, gus: Guardian, evening: list[datetime]
) -> None:
    assert Topic.BOUGHT not in topics_of(gus)
    pay(cast, "Ada")
    evening[0] = EVENING
    assert write_receipts(school) == 0
    assert write_to([gus], Topic.BOUGHT, cast.person("Ada"), day=today(school)) == 0


def test_an_evening_brings_every_purchase_of_the_day_in_one_mail(
    cast: Any, school: School, gus: Guardian, post: Post, evening: list[datetime]
) -> None:
    ask(gus)
    sales = [pay(cast, "Ada", cast.meal, cast.extra, cast.extra), pay(cast, "Ada", cast.extra)]
    refund_sale(sales[1].id, key=uuid4(), by=RefundedBy(user=cast.user("office")))
    assert write_receipts(school) == 0  # the day before had nothing
    evening[0] = EVENING
    assert (write_receipts_here(), write_receipts(school)) == (1, 0)
    assert run_due() == 1
    (mail,) = post.came
    text = mail.get_content()
    assert mail["Subject"] == "Test School: receipts of the day"
    for said in (
        "Ada bought:",
        f"Receipt {sales[0].receipt_number}, 2027-03-02 18:45, Till 1",
        "  1 × Pasta: £2.50",
        "  2 × Juice: £1.80",
        "  Total: £4.30",
        "  Refunded: £0.90",
        f"Receipt {sales[1].receipt_number}",
    ):
        assert said in text, said
    assert cast.person("Ada").family_name not in text


def test_what_is_bought_after_the_evening_is_in_the_next_one(
    cast: Any, school: School, gus: Guardian, post: Post, evening: list[datetime]
) -> None:
    ask(gus)
    evening[0] = EVENING + timedelta(minutes=5)
    late = pay(cast, "Ada")
    assert write_receipts(school) == 0
    evening[0] = EVENING + timedelta(hours=23)
    assert write_receipts(school) == 0
    evening[0] = EVENING + timedelta(days=1, hours=9)  # the server was off in the evening
    assert write_receipts(school) == 1
    run_due()
    assert f"Receipt {late.receipt_number}" in post.came[0].get_content()


def test_a_free_meal_reads_like_any_other(
    cast: Any, school: School, gus: Guardian, post: Post, evening: list[datetime]
) -> None:
    ask(gus)
    grant_sum(cast.person("Ada"), 500, by=cast.user("office"))
    pay(cast, "Ada")
    evening[0] = EVENING
    write_receipts(school)
    run_due()
    text = post.came[0].get_content()
    assert "Total: £2.50" in text
    for word in ("free", "entitle", "balance", "paid by"):
        assert word not in text


def test_the_receipts_are_in_the_language_of_the_guardian(
    cast: Any, school: School, gus: Guardian, post: Post, evening: list[datetime]
) -> None:
    ask(gus)
    Guardian.objects.filter(pk=gus.pk).update(language="zh-hans")
    pay(cast, "Ada")
    evening[0] = EVENING
    write_receipts(school)
    run_due()
    text = post.came[0].get_content()
    assert "Ada 买了：" in text
    assert "合计" in text
    assert "Total" not in text


def test_who_stops_them_or_is_no_guardian_any_more_gets_none(
    cast: Any, school: School, gus: Guardian, post: Post, evening: list[datetime]
) -> None:
    ask(gus)
    pay(cast, "Ada")
    evening[0] = EVENING
    assert write_receipts(school) == 1
    set_topics(gus, [one for one in topics_of(gus) if one != Topic.BOUGHT])
    assert not MailWish.objects.exists()
    run_due()
    assert not post.came
    assert Mail.objects.get().state == Mail.State.DROPPED
    Mail.objects.all().delete()
    ask(gus)
    unlink_guardians([GuardianLink.objects.get(guardian=gus, person=cast.person("Ada")).pk])
    assert write_receipts(school) == 0


def test_the_database_takes_one_mail_a_day_of_a_topic(
    cast: Any, school: School, gus: Guardian, evening: list[datetime]
) -> None:
    ask(gus)
    day = last_evening(school, EVENING)
    assert write_to([gus], Topic.BOUGHT, cast.person("Ada"), day=day) == 1
    with pytest.raises(IntegrityError):
        write_to([gus], Topic.BOUGHT, cast.person("Ada"), day=day)


def test_without_a_school_there_is_nothing_to_write(db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailed_receipts, "find_school", lambda: None)
    assert write_receipts_here() == 0
