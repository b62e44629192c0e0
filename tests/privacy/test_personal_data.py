import json
import re
from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from tests.support.boarding import in_a_house
from tests.support.gates import a_passage
from tests.support.leaves import a_leave, a_trip
from tests.support.meant import meant
from tests.support.registers import in_a_register
from tests.support.spending import grant_sum
from tests.support.till import give_face, pay, pay_by_face, recognise

from willing.accounts.sign_ins import accept_invitation, invite_guardian, require_pupil_user
from willing.allergens.actions import record_allergen
from willing.allergens.events import EventReport, report
from willing.attendance.models import Mark
from willing.audit.models import Entry
from willing.biometrics.capture import add_capture_frame, finish_capture, start_capture
from willing.biometrics.consent_changes import record_consent, record_refusal
from willing.biometrics.models import LookalikePair, OwnScores
from willing.complaints.actions import NewComplaint, raise_complaint
from willing.consent.decisions import excuse_guardian, undo_no
from willing.consent.publishing import notify_guardian
from willing.consent.queries import require_notice
from willing.consent_forms.actions import record_form
from willing.core.clock import now
from willing.documents.pdf import to_pdf
from willing.gate.family_messages import choose_messages
from willing.mail.models import Mail
from willing.payments.pay_outs import AskedBy, ask_pay_out
from willing.payments.references import number_of
from willing.people.guardians import add_guardian
from willing.people.look import Look
from willing.people.models import Person
from willing.privacy import personal_data
from willing.privacy.actions import export_personal_data
from willing.privacy.coverage import COVERED, LEFT_OUT
from willing.privacy.personal_data import GROWING, personal_data_of
from willing.privacy.personal_data_document import access_document, is_shortened
from willing.privacy.personal_data_labels import HEADINGS, PARTS
from willing.privacy.presence import ROWS
from willing.privacy.readers import RecordReader
from willing.rollcall.calling import start_roll_call
from willing.rollcall.set_up import write_medical_words
from willing.roster.models import ListedChange, ListImport
from willing.till.baskets import add_product
from willing.till.face_identification import open_face_session, submit_frame
from willing.till.limit_rules import NewLimits
from willing.till.limits import set_limits
from willing.till.refunds import RefundedBy, refund_sale
from willing.visits.models import StaffDay
from willing.wallets.low_balance import set_low_balance


@pytest.fixture
def lunch(cast):
    """Ada pays twice, once looked up by the cashier, and one of the two is given back."""
    for _ in range(2):
        sale = pay(cast, "Ada", way="staff")
    refund_sale(sale.id, key=uuid4(), by=RefundedBy(user=cast.user("office")))


def test_everything_is_there_in_a_form_that_json_carries(cast, lunch):
    found = json.loads(json.dumps(personal_data_of(cast.person("Ada"))))
    assert found["person"]["given_name"] == "Ada"
    assert found["balance_minor"] == 1750
    assert [charge["total_minor"] for charge in found["charges"]] == [250, 250]
    assert [len(charge["refunds"]) for charge in found["charges"]] == [1, 0]
    assert found["paid_in"][0]["amount_minor"] == 2000
    assert [(one["by"], one["answer"]) for one in found["decisions"]] == [
        ("Gus", "yes"),
        ("the person", "yes"),
    ]
    assert [one["granted"] for one in found["permissions"]] == [True, False, False]
    assert [one["who"] for one in found["who_looked"]] == ["Cashier", "Cashier"]
    assert found["pin"]["is_set"]
    assert len(found["cards"]) == 1


def test_a_guardian_sees_nothing_of_the_other_guardian(cast):
    ada = cast.person("Ada")
    other = add_guardian(ada, "Gil", email="gil@example.org")
    notify_guardian(other, ada, require_notice("canteen", "adult", "en"), channel="link")
    record_consent(replace(cast.says("Ada", "no", guardian="Gus"), guardian=other))
    text = json.dumps(personal_data_of(ada, RecordReader(cast.guardian("Gus"))))
    assert "Gil" not in meant(text)
    assert "gil@example.org" not in text
    assert [one["answer"] for one in json.loads(text)["decisions"]] == ["yes", "yes"]
    assert "Gus" not in meant(json.dumps(personal_data_of(ada, RecordReader(other))))


def test_nothing_of_another_pupil_and_no_secret_is_in_it(cast, lunch):
    text = meant(json.dumps(personal_data_of(cast.person("Ada"))))
    for other in ("Carl", "Nia", "Wes", "Broke", "Gwen"):
        assert other not in text
    for secret in (cast.cards["Ada"], "sealed", "argon2", "digest", "key_id"):
        assert secret not in text
    # As a word of its own: four digits are also in a time to the microsecond.
    assert cast.pins["Ada"] not in re.findall(r"[0-9A-Za-z]+", text)


@pytest.mark.face
def test_the_template_itself_is_never_in_it_and_each_use_is(cast, portrait):
    from willing.biometrics.engine import require_engine
    from willing.biometrics.models import Template
    from willing.demo.frames import CameraLike

    shots, user = (
        CameraLike(portrait("person_a_2.jpg"), require_engine(cast.school), seed=1),
        cast.user("office"),
    )
    capture = start_capture(cast.person("Ada"), "canteen", user=user)
    for _ in range(3):
        add_capture_frame(capture, shots.frame(), user=user)
    finish_capture(capture, user=user)
    basket = add_product(cast.till, cast.meal)
    session = open_face_session(cast.till, basket.id, key="1")
    while submit_frame(cast.till, session.id, shots.frame()).state == "looking":
        pass
    found = personal_data_of(cast.person("Ada"))
    assert [(one["purpose"], one["references"]) for one in found["faces"]] == [("canteen", 3)]
    assert [one["uses"] for one in found["recognition"]] == [1]
    assert found["limits"] == [
        {
            "by": "what counts",
            "purchase_minor": None,
            "daily_minor": None,
            "weekly_minor": None,
            "face_daily_minor": 1500,
            "set_at": None,
        }
    ]
    assert [(one["place"], one["outcome"]) for one in found["uses_of_face"]] == [("Till 1", "matched")]
    assert bytes(Template.objects.get().sealed).hex()[:40] not in json.dumps(found)


def test_taking_it_is_in_the_log(cast):
    export_personal_data(
        cast.person("Ada"), RecordReader(cast.guardian("Gus")), user=cast.user("guardian"), how="file"
    )
    entry = Entry.objects.get(event="record.downloaded")
    assert entry.subject == cast.person("Ada").id
    assert str(cast.guardian("Gus").id).encode() in bytes(entry.hashed)


def test_gdpr_15_every_table_is_told_about_or_left_out_for_a_reason():
    there = {model._meta.label for model in apps.get_models()}
    assert there == COVERED.keys() | LEFT_OUT.keys(), "say in rights.everything where a person reads of it"
    assert not COVERED.keys() & LEFT_OUT.keys()
    assert all(LEFT_OUT.values())


@pytest.fixture
def full(cast, lunch):
    """Ada has a row in every table that speaks of her; Gil is a second guardian, with words of his own."""
    ada, office, gus = cast.person("Ada"), cast.user("office"), cast.guardian("Gus")
    gil = add_guardian(ada, "Gil", email="gil@example.org")
    notice = require_notice("canteen", "adult", "en")
    notify_guardian(gil, ada, notice, channel="link")
    form = replace(cast.says("Ada", "yes", guardian="Gus"), guardian=gil)
    record_form(form, b"%PDF-1.4 signed", by=office)
    excuse_guardian(gil, ada, "welfare", by=office)
    record_refusal(ada, None, by=office)
    undo_no(ada, by=office)
    accept_invitation(invite_guardian(gil, by=office), username="gil.signs.in", password=cast.password)
    template = give_face(cast, "Ada")
    other = give_face(cast, "Wes")
    first, second = sorted((template, other), key=lambda one: one.id)
    LookalikePair.objects.create(one=first, other=second, likeness="lookalike")
    OwnScores.objects.create(template=template, month=date(2026, 11, 1), uses=4, hundredths=280)
    set_limits(ada, NewLimits(daily_minor=500), by=gil)
    pay_by_face(cast, "Ada")
    grant_sum(ada, 250, by=office)
    record_allergen(ada, "milk", by=gil)
    near_miss = EventReport("near_miss", "Pasta", "She noticed the sauce herself", now(), ("milk",))
    report(cast.school, ada, near_miss, by=office)
    in_a_register(cast.school, ada, by=office)
    a_leave(ada, cast.user("gil.signs.in"), reason="Gil writes")
    a_trip(cast.school, [ada.id], by=office)
    a_passage(cast.school, ada, by=office, days_ago=1)
    write_medical_words(ada, "needs an adrenaline pen", "consent", by=office)
    start_roll_call(cast.school, "drill", by=office)
    set_low_balance(gil, ada, 500)
    number_of(ada)
    ask_pay_out(ada, 100, asked_by=AskedBy(guardian=gil), key=uuid4(), account=None)
    for guardian, words in ((gil, "Gil writes"), (gus, "Gus writes")):
        raise_complaint(ada, NewComplaint("other", said=words, guardian=guardian))
    raise_complaint(ada, NewComplaint("other", said="Ada writes"))
    recognise(cast, "Ada")
    Person.objects.filter(pk=ada.pk).update(may_sign_in=True)
    require_pupil_user(cast.person("Ada"))
    Mail.objects.create(guardian=gil, person=ada, topic="answer")
    made = ListImport.objects.create(school=cast.school, number=1)
    before = {"given_name": "Adah", "ways": "yes", "left_at": "2026-11-26T08:00:00+00:00"}
    ListedChange.objects.create(list_import=made, deed="returned", person=ada, before=before)
    ListedChange.objects.create(list_import=made, deed="linked", person=ada, guardian=gil)
    choose_messages(gus, ada, wants_in=True, wants_out=False)
    in_a_house(cast.school, ada, by=office)
    StaffDay.objects.create(school=ada.school, person=ada, day="2026-11-26", is_in=True)
    export_personal_data(ada, RecordReader(gil), user=cast.user("gil.signs.in"), how="page")
    return gil


def test_every_part_has_something_to_say(cast, full):
    found = json.loads(json.dumps(personal_data_of(cast.person("Ada"))))
    assert not [part for part in set(COVERED.values()) if not found[part]]
    assert found["faces"][0]["looks_like_somebody"]
    (changed,) = found["list_changes"]  # a guardian's part of a list is not the pupil's
    assert (changed["deed"], changed["earlier"]["given_name"]) == ("returned", "Adah")
    assert "ways" not in changed["earlier"]
    assert found["decisions"][-1]["undone_at"]
    assert found["recognition"][0]["likeness_percent"] == 70
    assert found["recognition"][0]["month"] == "2026-11", "a month, not its first day"
    assert {one["said"] for one in found["complaints"]} == {"Gil writes", "Gus writes", "Ada writes"}


def test_every_part_and_every_field_of_it_has_a_name(cast, full):
    found = personal_data_of(cast.person("Ada"))
    parts = {part: [rows] if isinstance(rows := found[part], dict) else rows for part in PARTS}
    fields = {(part, field) for part, rows in parts.items() for row in rows for field in row}
    assert not [one for one in fields if one[1] not in HEADINGS]


def test_no_reader_gets_what_is_somebody_else_s(cast, full):
    ada, gus = cast.person("Ada"), cast.guardian("Gus")
    texts = {
        "Gus": json.dumps(personal_data_of(ada, RecordReader(gus))),
        "Gil": json.dumps(personal_data_of(ada, RecordReader(full))),
        "Ada": json.dumps(personal_data_of(ada, RecordReader(is_person=True))),
    }
    assert "gil" not in meant(texts["Gus"]).lower()
    assert "Gus" not in meant(texts["Gil"])
    assert "gil.signs.in" in texts["Gil"]
    assert "invitation.used" in {one["event"] for one in json.loads(texts["Gil"])["log"]}
    for mine, text in texts.items():
        assert f"{mine} writes" in text
        assert not [other for other in texts if other != mine and f"{other} writes" in text]
        assert "welfare" not in text
        assert "Wes" not in meant(text)
    assert "example.org" not in texts["Ada"]  # a guardian's address is the guardian's
    mine = json.loads(texts["Gus"])
    assert [one["answer"] for one in mine["decisions"]] == ["yes", "yes", "no", "no", "no"]
    assert mine["signed_forms"] == []
    assert [one["by"] for one in mine["limits"]] == ["what counts", "a guardian"]
    assert mine["who_looked"][0]["who"] == "a guardian"
    # Not even that another guardian answered, and when, stands in their part of the log.
    answers = [one for one in mine["log"] if one["event"] == "consent.decided"]
    assert len(answers) == len(mine["decisions"])


def test_it_reads_as_a_page_in_both_languages(cast, full):
    content = personal_data_of(cast.person("Ada"))
    for language, title in (
        ("en", "Everything held about Ada Agrees"),
        ("zh-hans", "关于 Ada Agrees 的全部资料"),
    ):
        with translation.override(language):
            document = access_document(content)
            assert document.title == title
            text = repr(document)
            assert "£2.50" in text
            assert "_at" not in text.replace("notice_sha256", "")
            assert len(to_pdf(document, Look())) > 1000 if language == "en" else True


def test_what_grows_can_be_asked_for_with_its_newest_only(cast, full):
    ada = cast.person("Ada")
    whole, newest = personal_data_of(ada), personal_data_of(ada, newest=1)
    assert whole.keys() == newest.keys()
    for part in GROWING:
        newest_first = part in {
            "charges",
            "mails",
            "planned_absences",
            "roll_calls",
            "uses_of_face",
            "who_looked",
        }
        assert newest[part] == (whole[part][:1] if newest_first else whole[part][-1:]), part
    assert len(whole["charges"]) > 1
    assert {part: whole[part] for part in whole.keys() - GROWING} == {
        part: newest[part] for part in newest.keys() - GROWING
    }


def test_nothing_is_left_out_because_it_was_thought_empty(cast, full, monkeypatch):
    persons = [*Person.objects.order_by("id")]
    asked = [personal_data_of(one) for one in persons]
    monkeypatch.setattr(personal_data, "filled_parts", lambda _person: frozenset(ROWS))
    for one, held in zip(persons, asked, strict=True):
        assert personal_data_of(one) == held, one.given_name
    assert ROWS.keys() <= asked[0].keys()


def test_mails_and_marks_of_years_take_a_few_statements_and_the_newest_are_those_made_last(cast, full):
    ada, gus = cast.person("Ada"), cast.guardian("Gus")
    Mail.objects.bulk_create(Mail(guardian=gus, person=ada, topic="answer") for _one in range(40))
    with CaptureQueriesContext(connection) as asked:
        assert len(personal_data_of(ada)["mails"]) > 40
    assert sum("mail_mailstop" in one["sql"] for one in asked.captured_queries) <= 2, "one for each guardian"
    register = Mark.objects.get(person=ada).register
    late = Mark(person=ada, register=register, number=2, symbol="I", source="correction", reason="Late")
    late.user_id, late.recorded_at = register.opened_by_id, now() + timedelta(days=1)
    late.save()
    assert [one["code"] for one in personal_data_of(ada, newest=1)["registers"]] == ["I"]
    assert len(personal_data_of(ada)["registers"]) == 2


def test_a_document_of_the_newest_says_that_it_is_not_all(cast, full):
    content = personal_data_of(cast.person("Ada"), newest=1)
    assert is_shortened(content, 1)
    assert "only the newest 1 entries" in repr(access_document(content, 1))
    assert not is_shortened(content, 100)
    assert not is_shortened(content, None)
    assert "only the newest" not in repr(access_document(content, 100))
