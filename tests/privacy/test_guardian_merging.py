"""Two records of one guardian become one: the strictest answer stays, and nothing else of theirs is lost."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner
from django.test import Client
from tests.support.signing import sign_in
from tests.support.till import give_face

from willing.accounts.models import Invitation, User
from willing.accounts.queries import has_sign_in, open_invitation_of
from willing.accounts.retention import anonymise_guardians
from willing.accounts.sign_ins import accept_invitation, invite_guardian
from willing.audit.queries import latest_entry
from willing.biometrics.consent_changes import record_consent
from willing.biometrics.models import Template
from willing.complaints.actions import NewComplaint, raise_complaint
from willing.complaints.models import Complaint
from willing.consent.decisions import NewDecision, excuse_guardian
from willing.consent.links import open_link, sign_link
from willing.consent.models import Decision, Excuse, Notification
from willing.consent.publishing import notify_guardian
from willing.consent.queries import latest_decision, permission, require_notice
from willing.core import clock
from willing.core.errors import Refused
from willing.gate.family_messages import choose_messages
from willing.gate.message_models import MessageChoice
from willing.mail.models import Mail, MailStop, Topic
from willing.mail.outbox import set_topics
from willing.mail.wishes import topics_of
from willing.people.guardians import GuardianDetails, add_guardian, edit_guardian, link_guardian
from willing.people.models import Guardian, GuardianLink, Person
from willing.people.persons import mark_left
from willing.people.queries import listed_guardians, persons_of, search_guardians
from willing.privacy.guardian_merging import MergedGuardians, merge_guardians, preview_guardian_merge
from willing.roster.cli import roster
from willing.till.baskets import open_basket
from willing.till.identification import identify_by_card
from willing.till.limit_models import SpendingLimits
from willing.till.limit_rules import NewLimits
from willing.till.limits import set_limits
from willing.till.payment import confirm_basket
from willing.wallets.low_balance import set_low_balance
from willing.wallets.models import LowBalance

# Every table that names a guardian, and what a merge does with it: a new one has to be thought about.
TREATED = {
    "accounts.Invitation": "an open one moves or is revoked",
    "credentials.PrintedItem": "a letter stays with the record that it was printed for, for 90 days",
    "accounts.User": "moves, or is ended for good",
    "allergens.PersonAllergen": "moves, where the kept one has not entered the same",
    "attendance.ContactCheck": "deleted: the kept one confirms anew",
    "attendance.ContactTry": "moves, where the kept one was not written the same",
    "attendance.FamilyNote": "moves",
    "complaints.Complaint": "moves",
    "consent.Decision": "stays; what counts of it is recorded anew",
    "consent.Excuse": "ends; goes along where it still fits",
    "consent.Notification": "stays; recorded anew with its time",
    "gate.MessageChoice": "moves, where the kept one has none",
    "gate.PassageMessage": "not sent: what it tells is old by then",
    "leave.LeaveAnswer": "moves, where the kept one has not answered",
    "mail.Mail": "moves",
    "mail.MailStop": "moves",
    "mail.MailWish": "not moved: the kept address gets what it asked for itself",
    "payments.PayOut": "moves",
    "people.Guardian": "earlier merges follow",
    "people.GuardianLink": "ends; the kept record is linked",
    "roster.ListedChange": "stays; undoing an import leaves merged records alone",
    "till.SpendingLimits": "moves",
    "wallets.LowBalance": "moves, where the kept one has none",
    "wallets.Move": "stays: who moved it then",
}


@pytest.fixture
def twin(cast: Any) -> Guardian:
    """Gus's second record, entered with Bo."""
    return add_guardian(cast.person("Bo"), "Gus Agrees", email="gus@example.org", relationship="father")


def details_of(kept: Guardian) -> GuardianDetails:
    return GuardianDetails(kept.name, kept.email, kept.phone, kept.language)


def merge(
    cast: Any, gone: Guardian, kept: Guardian, details: GuardianDetails | None = None
) -> MergedGuardians:
    kept.refresh_from_db()
    how = details or details_of(kept)
    return merge_guardians(cast.school, gone.id, kept.id, how, by=cast.user("office"))


def refusal(action: Callable[[], Any]) -> str:
    with pytest.raises(Refused) as refused:
        action()
    return refused.value.code


def say(guardian: Guardian, person: Person, answer: str) -> None:
    notice = require_notice("canteen", "adult", "en")
    notify_guardian(guardian, person, notice, channel="link")
    record_consent(NewDecision(person, "canteen", answer, notice, "link", guardian=guardian))


def answer_of(guardian: Guardian, person: Person) -> str:
    said = latest_decision(person, "canteen", guardian.id)
    return said.answer if said else ""


def test_every_table_that_names_a_guardian_is_thought_of() -> None:
    relations = [
        one
        for one in Guardian._meta.get_fields(include_hidden=True)
        if (one.one_to_many or one.one_to_one) and one.auto_created
    ]
    assert {one.related_model._meta.label for one in relations} == set(TREATED)


def test_the_kept_record_decides_for_the_children_of_both(cast: Any, twin: Guardian) -> None:
    gus, bo = cast.guardian("Gus"), cast.person("Bo")
    merged = merge(cast, twin, gus)
    assert merged.persons == (bo,)
    assert listed_guardians(bo.id) == [gus]
    assert GuardianLink.objects.get(guardian=gus, person=bo).relationship == "father"
    assert persons_of(twin) == []
    assert [one.id for one in search_guardians(cast.school, "gus")] == [gus.id]
    assert latest_entry("guardian.merged", gus.id) is not None


@pytest.mark.parametrize(
    ("of_gone", "of_kept", "afterwards"),
    [
        ("no", "yes", "no"),
        ("yes", "no", "no"),
        ("yes", "", "yes"),
        ("no", "", "no"),
        ("", "yes", "yes"),
        ("yes", "yes", "yes"),
    ],
)
def test_the_strictest_answer_stays_whichever_record_had_it(
    cast: Any, twin: Guardian, of_gone: str, of_kept: str, afterwards: str
) -> None:
    gus, bo = cast.guardian("Gus"), cast.person("Bo")
    link_guardian(gus, bo)
    for guardian, answer in ((twin, of_gone), (gus, of_kept)):
        if answer:
            say(guardian, bo, answer)
    written = list(Decision.objects.filter(guardian=twin).values_list("pk", "answer"))
    merge(cast, twin, gus)
    assert answer_of(gus, bo) == afterwards
    assert list(Decision.objects.filter(guardian=twin).values_list("pk", "answer")) == written
    assert Notification.objects.filter(guardian=gus, person=bo).exists()
    assert ("guardian_no" in permission(bo, "canteen").reasons) is (afterwards == "no")


def test_a_yes_for_a_child_whom_the_record_no_longer_decided_for_is_not_carried_over(
    cast: Any, twin: Guardian
) -> None:
    gus, bo = cast.guardian("Gus"), cast.person("Bo")
    say(twin, bo, "yes")
    link_guardian(gus, bo)
    GuardianLink.objects.filter(guardian=twin, person=bo).update(ended_at="2026-01-01T00:00:00Z")
    merge(cast, twin, gus)
    assert answer_of(gus, bo) == ""


def test_a_no_for_such_a_child_still_counts(cast: Any, twin: Guardian) -> None:
    gus, bo = cast.guardian("Gus"), cast.person("Bo")
    say(twin, bo, "no")
    link_guardian(gus, bo)
    GuardianLink.objects.filter(guardian=twin, person=bo).update(ended_at="2026-01-01T00:00:00Z")
    merge(cast, twin, gus)
    assert answer_of(gus, bo) == "no"


def test_a_face_goes_when_the_other_record_had_said_no(cast: Any, twin: Guardian) -> None:
    ada, gus = cast.person("Ada"), cast.guardian("Gus")
    link_guardian(twin, ada)
    say(twin, ada, "no")
    GuardianLink.objects.filter(guardian=twin, person=ada).update(ended_at="2026-01-01T00:00:00Z")
    give_face(cast, "Ada")
    assert merge(cast, twin, gus).faces == 1
    assert not Template.objects.filter(person=ada).exists()
    assert latest_entry("face.erased", ada.id) is not None


def test_a_face_stays_with_the_yes_that_goes_along(cast: Any) -> None:
    ada, gus = cast.person("Ada"), cast.guardian("Gus")
    give_face(cast, "Ada")
    kept = add_guardian(cast.person("Bo"), "Gus Agrees")
    merged = merge(cast, gus, kept)
    assert merged.faces == 0
    assert [(one.id, purpose) for one, purpose in merged.words.consents] == [(ada.id, "canteen")]
    row = Template.objects.get(person=ada)
    assert row.guardian_decision is not None
    assert row.guardian_decision.guardian_id == kept.id
    assert permission(ada, "canteen").granted


def test_asking_what_would_happen_changes_nothing(cast: Any, twin: Guardian) -> None:
    gus, bo = cast.guardian("Gus"), cast.person("Bo")
    say(twin, bo, "no")
    found = preview_guardian_merge(cast.school, twin.id, gus.id, details_of(gus), by=cast.user("office"))
    assert [one.id for one, _ in found.words.refusals] == [bo.id]
    twin.refresh_from_db()
    assert (twin.merged_into_id, twin.email) == (None, "gus@example.org")
    assert listed_guardians(bo.id) == [twin]
    assert answer_of(gus, bo) == ""
    assert latest_entry("guardian.merged", gus.id) is None


def test_the_sign_in_goes_along_where_the_kept_record_has_none(cast: Any, twin: Guardian) -> None:
    gus = cast.guardian("Gus")
    user = User.objects.get(guardian=gus)
    assert merge(cast, gus, twin).sign_in == "moved"
    user.refresh_from_db()
    assert (user.guardian_id, user.is_active, user.username) == (twin.id, True, "guardian")


def test_of_two_sign_ins_the_kept_records_stays(cast: Any, twin: Guardian) -> None:
    gus = cast.guardian("Gus")
    code = invite_guardian(twin, by=None)
    other = accept_invitation(code, username="gus-too", password=cast.password)
    assert merge(cast, twin, gus).sign_in == "removed"
    other.refresh_from_db()
    assert (other.is_active, other.username, other.has_usable_password()) == (
        False,
        f"ended-{other.pk}",
        False,
    )
    assert has_sign_in(gus)


def test_an_open_invitation_goes_along_only_where_it_replaces_no_sign_in(cast: Any, twin: Guardian) -> None:
    kept = add_guardian(cast.person("Carl"), "Gus C.")
    code = invite_guardian(twin, by=None)
    merge(cast, twin, kept)
    assert accept_invitation(code, username="gus-too", password=cast.password).guardian_id == kept.id
    third = add_guardian(cast.person("Bo"), "Gus D.")
    code = invite_guardian(third, by=None)
    merge(cast, third, kept)
    assert (
        refusal(lambda: accept_invitation(code, username="x", password=cast.password)) == "invitation_ended"
    )
    assert open_invitation_of(kept) is None
    assert Invitation.objects.filter(guardian=third, revoked_at=None, used_at=None).count() == 0


def test_the_office_chooses_the_contact_and_links_to_the_lost_address_end(cast: Any, twin: Guardian) -> None:
    gus = edit_guardian(cast.guardian("Gus").id, GuardianDetails("Gus", "old@example.org", "", "en"), by=None)
    to_twin, to_gus = sign_link(twin), sign_link(gus)
    merge(cast, twin, gus, GuardianDetails("Gus Agrees", "gus@example.org", "1234", "zh-hans"))
    gus.refresh_from_db()
    twin.refresh_from_db()
    assert (gus.name, gus.email, gus.phone, gus.language) == (
        "Gus Agrees",
        "gus@example.org",
        "1234",
        "zh-hans",
    )
    assert (twin.email, twin.phone) == ("", "")
    assert open_link(to_twin) == gus  # it went to the address that is kept
    assert refusal(lambda: open_link(to_gus)) == "link_not_valid"
    other = add_guardian(cast.person("Carl"), "Gus C.", email="c@example.org")
    to_other = sign_link(other)
    merge(cast, other, gus)
    assert refusal(lambda: open_link(to_other)) == "link_not_valid"
    assert open_link(to_twin) == gus


def test_receipts_go_on_to_whoever_asked_for_them_and_both_may_have_had_those_of_one_day(
    cast: Any, twin: Guardian
) -> None:
    gus, ada = cast.guardian("Gus"), cast.person("Ada")
    link_guardian(twin, ada)
    for one in (gus, twin):
        Mail.objects.create(guardian=one, person=ada, topic=Topic.BOUGHT, day=date(2026, 11, 26))
    set_topics(twin, list(Topic))
    merge(cast, twin, gus)
    assert Mail.objects.filter(guardian=gus, topic=Topic.BOUGHT).count() == 2
    assert Topic.BOUGHT not in topics_of(gus)  # the address that is kept has not asked


def test_mail_limits_reports_and_excuses_go_along(cast: Any, twin: Guardian) -> None:
    gus, bo, ada = cast.guardian("Gus"), cast.person("Bo"), cast.person("Ada")
    set_topics(twin, [one for one in Topic if one != Topic.ANSWER])
    set_topics(twin, [topic for topic in Topic if topic != Topic.ANSWER])
    set_low_balance(twin, bo, 300)
    choose_messages(twin, bo, wants_in=True, wants_out=False)
    mail = Mail.objects.create(guardian=twin, person=bo, topic=Topic.ANSWER)
    set_limits(bo, NewLimits(500), by=twin)
    report = raise_complaint(bo, NewComplaint("other", said="Too salty", guardian=twin))
    excuse_guardian(twin, bo, Excuse.Reason.NOT_FOUND, by=cast.user("office"))
    link_guardian(twin, ada)
    excuse_guardian(twin, ada, Excuse.Reason.NOT_FOUND, by=cast.user("office"))
    merge(cast, twin, gus)
    mail.refresh_from_db()
    assert mail.guardian_id == gus.id
    assert list(MailStop.objects.values_list("guardian", "topic")) == [(gus.id, Topic.ANSWER)]
    assert SpendingLimits.objects.get(person=bo).guardian == gus
    assert LowBalance.objects.get(person=bo).guardian == gus
    assert MessageChoice.objects.get(person=bo).guardian == gus
    assert Complaint.objects.get(pk=report.pk).guardian == gus
    # For Ada the kept record has answered: it can be found.
    assert list(Excuse.objects.filter(ended_at=None).values_list("guardian", "person")) == [(gus.id, bo.id)]


def test_two_open_reports_of_one_thing_are_answered_before_the_records_are_one(
    cast: Any, twin: Guardian
) -> None:
    gus, ada = cast.guardian("Gus"), cast.person("Ada")
    link_guardian(twin, ada)
    basket = open_basket(cast.till, uuid4(), [(cast.meal, 1)])
    identify_by_card(cast.till, basket.id, cast.cards["Ada"])
    sale = confirm_basket(cast.till, basket.id)
    for guardian in (gus, twin):
        raise_complaint(ada, NewComplaint("wrong_charge", sale=sale.id, guardian=guardian))
    assert refusal(lambda: merge(cast, twin, gus)) == "merge_two_open_reports"
    assert persons_of(twin) != []


def test_the_other_record_is_forgotten_with_the_kept_one_and_not_before(cast: Any, twin: Guardian) -> None:
    gus, later = cast.guardian("Gus"), clock.now() + timedelta(days=1)
    merge(cast, twin, gus)
    GuardianLink.objects.filter(guardian=twin).update(ended_at="2020-01-01T00:00:00Z")
    assert anonymise_guardians(later - timedelta(days=100), 10) == 0
    mark_left([one.id for one in persons_of(gus)])
    assert anonymise_guardians(later, 10) == 1
    assert anonymise_guardians(later, 10) == 1
    twin.refresh_from_db()
    assert twin.name == ""


def test_what_must_not_be_merged_is_refused_by_name(cast: Any, twin: Guardian) -> None:
    gus = cast.guardian("Gus")
    assert refusal(lambda: merge(cast, gus, gus)) == "merge_guardian_with_itself"
    assert refusal(lambda: merge(cast, Guardian(id=uuid4()), gus)) == "unknown_guardian"
    merge(cast, twin, gus)
    assert refusal(lambda: merge(cast, twin, cast.guardian("Gwen"))) == "merged_already"
    assert refusal(lambda: merge(cast, cast.guardian("Gwen"), twin)) == "merged_already"


# --- lists that name both


LIST = "external_id,given_name,family_name,guardian_id,guardian_name\n"


def put_in(folder: Path, *rows: str) -> None:
    file = folder / "list.csv"
    file.write_text(LIST + "".join(f"{row}\n" for row in rows))
    done = CliRunner().invoke(roster, ["import", str(file), "--yes", "--allow-leavers", "9"])
    assert done.exit_code == 0, done.output


def of_register(external_id: str) -> Guardian:
    return Guardian.objects.get(external_id=external_id)


def test_the_next_list_that_names_both_finds_the_one_record(cast: Any, tmp_path: Path) -> None:
    rows = ("1,Lea,Lang,g1,Mia Lang", "2,Leo,Lang,g2,Mia Lang")
    put_in(tmp_path, *rows)
    kept, gone = of_register("g1"), of_register("g2")
    merge(cast, gone, kept)
    put_in(tmp_path, *rows)
    assert {one.external_id for one in persons_of(kept)} == {"1", "2"}
    assert persons_of(gone) == []
    put_in(tmp_path, rows[1])
    assert {one.external_id for one in persons_of(kept)} >= {"2"}
    assert Guardian.objects.filter(name="Mia Lang").count() == 2


def test_the_registers_id_goes_along_to_a_record_made_by_hand(cast: Any, tmp_path: Path) -> None:
    rows = ("1,Lea,Lang,g1,Mia Lang",)
    put_in(tmp_path, *rows)
    kept = add_guardian(cast.person("Bo"), "Mia Lang")
    merge(cast, of_register("g1"), kept)
    put_in(tmp_path, *rows)
    assert of_register("g1") == kept
    assert persons_of(kept) == sorted(persons_of(kept), key=lambda one: one.given_name)
    assert {one.given_name for one in persons_of(kept)} == {"Bo", "Lea"}


# --- the pages


def office(cast: Any) -> Client:
    user: User = cast.user("office")
    return sign_in(Client(), user)


def page_of(person: UUID, guardian: UUID) -> str:
    return f"/staff/people/{person}/guardians/{guardian}/merge/"


def test_the_office_finds_both_reads_what_happens_and_confirms(cast: Any, twin: Guardian) -> None:
    client, gus, ada, bo = office(cast), cast.guardian("Gus"), cast.person("Ada"), cast.person("Bo")
    say(twin, bo, "no")
    where = page_of(ada.id, gus.id)
    assert where in client.get(f"/staff/people/{ada.id}/guardians/{gus.id}/").content.decode()
    assert f"{where}{twin.id}/" in client.get(where).content.decode()  # found by the name, unasked
    both = client.get(f"{where}{twin.id}/").content.decode()
    assert "Are these one guardian?" in both
    assert "Bo Broke, Canteen: the no of the other record counts from now on." in both
    done = client.post(f"{where}{twin.id}/", {"name": "gone"}, follow=True).content.decode()
    assert "The two records of Gus are one now." in done
    gus.refresh_from_db()
    assert (gus.name, gus.email) == ("Gus Agrees", "gus@example.org")
    assert client.get(f"{where}{twin.id}/").status_code == 409


def test_a_choice_that_was_not_made_is_asked_for_again(cast: Any, twin: Guardian) -> None:
    client, gus, ada = office(cast), cast.guardian("Gus"), cast.person("Ada")
    answer = client.post(f"{page_of(ada.id, gus.id)}{twin.id}/", {"name": "third"})
    assert answer.status_code == 422
    assert persons_of(twin) != []
