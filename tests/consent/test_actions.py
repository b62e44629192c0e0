from datetime import UTC, date, datetime

import pytest
from django.core import signing
from django.db import IntegrityError, connection, transaction

from willing.audit.models import Entry
from willing.biometrics.actions import decide
from willing.consent.actions import (
    LINK_SALT,
    notify_guardian,
    open_link,
    publish_notices,
    record_decision,
    sign_link,
)
from willing.consent.models import Decision, Notice
from willing.consent.profiles import require_profile
from willing.consent.queries import age_years, permission, require_notice
from willing.core import clock
from willing.core.errors import Refused
from willing.people.actions import add_guardian, renew_consent_links


def test_the_cast_is_permitted_exactly_as_it_decided(cast):
    granted = {
        name: permission(cast.person(name), "canteen").granted for name in ("Ada", "Carl", "Nia", "Wes", "Bo")
    }
    assert granted == {"Ada": True, "Carl": False, "Nia": False, "Wes": False, "Bo": False}


def test_a_permission_for_the_canteen_is_none_for_the_shop(cast):
    assert not permission(cast.person("Ada"), "shop").granted


def test_a_decision_holds_the_hash_of_the_notice_that_was_read(cast):
    entry = Entry.objects.filter(event="consent.decided").last()
    notice = require_notice("canteen", "adult", "en")
    assert notice.sha256.encode() in bytes(entry.hashed)


def test_a_new_guardian_who_was_not_told_suspends_the_permission_until_told(cast):
    ada = cast.person("Ada")
    second = add_guardian(ada, "Gil")
    assert permission(ada, "canteen").reasons == ("guardian_not_notified",)
    notify_guardian(second, ada, require_notice("canteen", "adult", "en"), channel="paper")
    assert permission(ada, "canteen").granted


def test_saying_the_same_again_adds_nothing(cast):
    before = Decision.objects.count()
    record_decision(cast.says("Ada", "yes", guardian="Gus"))
    assert Decision.objects.count() == before


def test_a_withdrawal_of_nothing_is_refused(cast):
    with pytest.raises(Refused, match="nothing_to_withdraw"):
        decide(cast.says("Nia", "withdrawn"))


def test_a_stranger_decides_nothing(cast):
    with pytest.raises(Refused, match="not_a_guardian"):
        decide(cast.says("Ada", "yes", guardian="Gwen"))
    with pytest.raises(Refused, match="not_a_guardian"):
        notify_guardian(
            cast.guardian("Gwen"),
            cast.person("Ada"),
            require_notice("canteen", "adult", "en"),
            channel="link",
        )


def test_a_purpose_that_is_not_served_is_not_asked_about(cast):
    from dataclasses import replace

    with pytest.raises(Refused, match="purpose_not_served"):
        decide(replace(cast.says("Ada", "yes"), purpose="gate"))


@pytest.mark.parametrize("table", ["consent_decision", "consent_notice", "consent_notification"])
def test_what_was_said_and_told_never_changes(cast, table):
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET purpose = 'shop'"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_publishing_twice_publishes_nothing_new(cast):
    assert Notice.objects.count() == 8
    assert publish_notices() == 0


def test_the_notice_comes_in_the_readers_language_or_in_english(cast):
    assert "食堂" in require_notice("canteen", "adult", "zh-hans").text
    assert "canteen" in require_notice("canteen", "adult", "sv").text


def test_a_link_opens_for_its_guardian_only_while_it_is_the_newest(cast):
    gus = cast.guardian("Gus")
    token = sign_link(gus)
    assert open_link(token) == gus
    renew_consent_links(gus)
    with pytest.raises(Refused, match="link_not_valid"):
        open_link(token)
    assert open_link(sign_link(gus)) == gus


@pytest.mark.parametrize(
    "spoil", [lambda t: t[:-1] + ("A" if t[-1] != "A" else "B"), lambda t: "", lambda t: t[: len(t) // 2]]
)
def test_an_altered_link_opens_nothing(cast, spoil):
    with pytest.raises(Refused, match="link_not_valid"):
        open_link(spoil(sign_link(cast.guardian("Gus"))))


def test_a_link_made_for_something_else_opens_nothing(cast):
    gus = cast.guardian("Gus")
    with pytest.raises(Refused, match="link_not_valid"):
        open_link(signing.dumps([str(gus.id), gus.link_version], salt=LINK_SALT + "x"))


def test_an_old_link_opens_nothing(cast, monkeypatch):
    import time

    token = sign_link(cast.guardian("Gus"))
    real = time.time()
    monkeypatch.setattr("django.core.signing.time.time", lambda: real + 61 * 24 * 3600)
    with pytest.raises(Refused, match="link_not_valid"):
        open_link(token)


@pytest.mark.parametrize("name", ["nowhere", "../strict", "strict.toml", ""])
def test_an_unknown_profile_is_an_error_and_never_a_default(name):
    with pytest.raises(LookupError):
        require_profile(name)


@pytest.mark.parametrize(
    ("born", "age"), [("2015-09-01", 11), ("2015-09-02", 10), ("2008-02-29", 18), (None, None)]
)
def test_age_is_counted_in_whole_years_at_the_moment_of_use(cast, born, age):
    ada = cast.person("Ada")
    ada.birth_date = born and date.fromisoformat(born)
    with clock.running(lambda: datetime(2026, 9, 1, 12, tzinfo=UTC)):
        assert age_years(ada) == age
