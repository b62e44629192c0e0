from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import signing
from django.db import IntegrityError, connection, transaction

from willing.audit.models import Entry
from willing.biometrics.consent_changes import record_consent
from willing.consent import publishing
from willing.consent.decisions import (
    NewDecision,
    excuse_guardian,
    record_decision,
    record_no,
    undo_no,
    withdraw_excuse,
)
from willing.consent.links import LINK_SALT, open_link, sign_link
from willing.consent.models import Decision, Notice
from willing.consent.profiles import require_profile
from willing.consent.publishing import (
    Wording,
    _next_wording,
    notify_guardian,
    publish_first_notices,
    publish_notices,
    unpublished_notices,
)
from willing.consent.queries import age_to_consent_years, own_reader, permission, require_notice
from willing.core import clock
from willing.core.errors import Refused
from willing.people.guardians import add_guardian, renew_consent_links
from willing.people.persons import NewPerson, add_person


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
        record_consent(cast.says("Nia", "withdrawn"))


def test_a_stranger_decides_nothing(cast):
    with pytest.raises(Refused, match="not_a_guardian"):
        record_consent(cast.says("Ada", "yes", guardian="Gwen"))
    with pytest.raises(Refused, match="not_a_guardian"):
        notify_guardian(
            cast.guardian("Gwen"),
            cast.person("Ada"),
            require_notice("canteen", "adult", "en"),
            channel="link",
        )


def test_a_purpose_that_is_not_served_is_not_asked_about(cast):
    with pytest.raises(Refused, match="purpose_not_served"):
        record_consent(replace(cast.says("Ada", "yes"), purpose="library"))


def publish(monkeypatch, change, *, material="true"):
    """Publish the canteen's text for adults in English again, with a change to it."""

    real = _next_wording

    def changed(source, profile, place):
        if place == ("canteen", "adult", "en"):
            source = source.replace("material: true", f"material: {material}").replace(*change)
        return real(source, profile, place)

    monkeypatch.setattr(publishing, "_next_wording", changed)
    return publish_notices()


CHANGE = ("eight seconds", "nine seconds")


def test_gdpr_7_a_changed_notice_asks_again_and_says_since_when(cast, monkeypatch):
    ada = cast.person("Ada")
    assert publish(monkeypatch, CHANGE) == 1
    notice = require_notice("canteen", "adult", "en")
    assert (notice.version, notice.is_material) == (2, True)
    found = permission(ada, "canteen")
    assert found.reasons == ("notice_changed",)
    assert found.suspended_since == notice.published_at
    assert permission(cast.person("Nia"), "canteen").reasons[0] == "own_no"
    record_consent(cast.says("Ada", "yes", guardian="Gus"))
    assert permission(ada, "canteen").granted


def test_an_editorial_change_suspends_nobody(cast, monkeypatch):
    assert publish(monkeypatch, ("eight seconds", "8 seconds"), material="false") == 1
    assert permission(cast.person("Ada"), "canteen").granted


def test_a_stricter_law_is_material_whatever_the_file_says(cast, monkeypatch):
    from willing.people.models import School

    assert "120 days" not in require_notice("canteen", "adult", "en").text
    School.objects.update(legal_profile="strict")
    assert publish(monkeypatch, CHANGE, material="false") == 18
    assert require_notice("canteen", "adult", "en").is_material
    assert "120 days" in require_notice("canteen", "adult", "en").text


def test_pofa_26_childs_no_told_to_anybody_counts_for_every_purpose(cast):
    record_no(cast.person("Ada"), None, by=cast.user("cashier"))
    for purpose in ("canteen", "shop"):
        found = permission(cast.person("Ada"), purpose)
        assert "own_no" in found.reasons
    last = Decision.objects.filter(person=cast.person("Ada")).last()
    assert (last.channel, last.recorded_by, last.guardian) == ("verbal", cast.user("cashier"), None)


def test_a_guardians_no_by_telephone_counts(cast):
    record_no(cast.person("Ada"), cast.guardian("Gus"), by=cast.user("office"))
    assert "guardian_no" in permission(cast.person("Ada"), "canteen").reasons


def test_a_no_by_mistake_is_undone_by_who_entered_it_within_two_minutes(cast):
    ada, cashier = cast.person("Ada"), cast.user("cashier")
    record_no(ada, None, by=cashier)
    with pytest.raises(Refused, match="nothing_to_undo"):
        undo_no(ada, by=cast.user("office"))
    assert undo_no(ada, by=cashier) == 3
    assert permission(ada, "canteen").granted
    with pytest.raises(Refused, match="nothing_to_undo"):
        undo_no(ada, by=cashier)
    record_no(ada, None, by=cashier)
    with (
        clock.running(lambda: datetime.now(UTC) + timedelta(seconds=121)),
        pytest.raises(Refused, match="nothing_to_undo"),
    ):
        undo_no(ada, by=cashier)


def test_undoing_a_second_no_leaves_the_first(cast):
    nia, cashier = cast.person("Nia"), cast.user("cashier")
    record_no(nia, None, by=cashier)  # Nia had said no about the canteen at the desk
    undo_no(nia, by=cashier)
    assert "own_no" in permission(nia, "canteen").reasons


def test_a_yes_is_never_only_heard(cast):
    word = replace(cast.says("Carl", "yes"), channel="verbal")
    with pytest.raises(Refused, match="yes_only_heard"):
        record_consent(word)
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.create(
            person=word.person,
            number=99,
            purpose="canteen",
            answer="yes",
            notice=word.notice,
            channel="verbal",
        )


def test_a_decision_on_paper_names_its_paper(cast):
    word = replace(cast.says("Carl", "yes"), channel="paper")
    with pytest.raises(Refused, match="paper_missing"):
        record_consent(word)
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.create(
            person=word.person,
            number=99,
            purpose="canteen",
            answer="yes",
            notice=word.notice,
            channel="paper",
        )


def test_pofa_26_the_office_records_why_a_guardian_is_not_told(cast):
    ada, office = cast.person("Ada"), cast.user("office")
    second = add_guardian(ada, "Gil")
    assert not permission(ada, "canteen").granted
    excuse_guardian(second, ada, "not_found", by=office)
    excuse_guardian(second, ada, "not_found", by=office)
    assert permission(ada, "canteen").granted
    entry = Entry.objects.get(event="consent.guardian_excused")
    assert b"not_found" in bytes(entry.hashed)
    assert b"Gil" not in bytes(entry.hashed)
    withdraw_excuse(second, ada, by=office)
    withdraw_excuse(second, ada, by=office)
    assert permission(ada, "canteen").reasons == ("guardian_not_notified",)
    with pytest.raises(Refused, match="not_a_guardian"):
        excuse_guardian(cast.guardian("Gwen"), ada, "welfare", by=office)


def test_an_excuse_changes_only_by_ending(cast):
    ada = cast.person("Ada")
    excuse_guardian(cast.guardian("Gus"), ada, "capacity", by=cast.user("office"))
    for statement in ("DELETE FROM consent_excuse", "UPDATE consent_excuse SET reason = 'welfare'"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_an_adult_reads_the_text_for_adults_about_themselves(cast):
    cook = add_person(cast.school, NewPerson("Cook", kind="staff"))
    assert own_reader(cook) == "self"
    assert own_reader(cast.person("Ada")) == "child"
    notice = require_notice("canteen", "self", "en")
    record_consent(NewDecision(cook, "canteen", "yes", notice, "desk", recorded_by=cast.user("office")))
    assert permission(cook, "canteen").granted


@pytest.mark.parametrize("table", ["consent_decision", "consent_notice", "consent_notification"])
def test_what_was_said_and_told_never_changes(cast, table):
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET purpose = 'shop'"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_text_without_an_earlier_version_is_published_by_an_update_and_a_changed_one_is_not(
    cast, monkeypatch
):
    real = unpublished_notices
    first, changed = (replace(one, version=number) for number, one in zip((1, 2), fresh(), strict=True))
    monkeypatch.setattr(publishing, "unpublished_notices", lambda: [first, changed])
    assert publish_first_notices() == 1
    assert require_notice("library", "adult", "en").version == 1
    assert real() == []


def fresh():
    wording = Wording("library", "adult", "en", 1, "# A", {}, is_material=True)
    return wording, replace(wording, purpose="canteen", text="# B")


def test_publishing_twice_publishes_nothing_new(cast):
    assert Notice.objects.count() == 18  # three purposes served, three readers, two languages
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
        assert age_to_consent_years(ada) == age
