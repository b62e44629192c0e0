"""The office answers families: open first, overdue flagged, the answer put right at once."""

import json
from datetime import timedelta

from tests.support.till import give_face, pay, pay_by_face

from willing.audit.models import Entry
from willing.biometrics.queries import usable_template
from willing.complaints.actions import NewComplaint, raise_complaint
from willing.complaints.models import Complaint
from willing.core import clock
from willing.till.refund_models import Refund

LIST = "/staff/reports/"


def test_the_list_shows_what_waits_and_what_waits_too_long(cast, office):
    assert "Nothing waits for an answer" in office.get(LIST).content.decode()
    complaint = raise_complaint(cast.person("Ada"), NewComplaint("other", said="Hello"))
    text = office.get(LIST).content.decode()
    assert "Ada Agrees" in text
    assert "Overdue" not in text
    Complaint.objects.filter(pk=complaint.pk).update(raised_at=clock.now() - timedelta(days=32))
    assert "Overdue" in office.get(LIST).content.decode()
    assert "The time to answer has passed." in office.get(f"{LIST}{complaint.id}/").content.decode()
    assert Entry.objects.filter(event="record.viewed", subject=cast.person("Ada").id).count() == 1


def test_one_press_gives_back_and_pauses_and_says_so_to_the_family(cast, office):
    give_face(cast, "Ada")
    session, _ = pay_by_face(cast, "Ada")
    report = NewComplaint("wrong_recognition", face_session=session.id, guardian=cast.guardian("Gus"))
    address = f"{LIST}{raise_complaint(cast.person('Ada'), report).id}/"
    assert office.post(address, {"text": "", "outcome": "confirmed"}).status_code == 422
    assert office.post(address, {"text": "Sorry."}).status_code == 200  # neither button
    assert office.post(address, {"text": "Sorry.", "outcome": "confirmed"}).status_code == 302
    assert Refund.objects.count() == 1
    ada = cast.person("Ada")
    assert "is paused since" in office.get(f"/staff/people/{ada.id}/").content.decode()
    office.post(f"/staff/people/{ada.id}/face/canteen/resume/")
    assert usable_template(ada, "canteen") is not None
    again = office.post(address, {"text": "Again.", "outcome": "not_confirmed"})
    assert "This was already answered." in again.content.decode()
    text = office.get(LIST).content.decode()
    assert "Confirmed as another person" in text
    assert "Upheld" in text


def test_the_office_takes_a_report_by_telephone(cast, office):
    sale, ada = pay(cast, "Ada"), cast.person("Ada")
    address = f"/staff/people/{ada.id}/report/"
    assert str(sale.receipt_number) in office.get(address).content.decode()
    assert office.post(address, {"kind": "", "said": "x"}).status_code == 422
    assert "We can" in office.post(address, {"channel": "telephone", "kind": "wrong_charge"}).content.decode()
    said = {"channel": "telephone", "kind": "wrong_charge", "sale": str(sale.id), "said": "Twice"}
    taken = office.post(address, said)
    complaint = Complaint.objects.get()
    assert taken.headers["Location"] == f"{LIST}{complaint.id}/"
    assert (complaint.raised_by, complaint.user) == ("office", cast.user("office"))


def test_the_officer_enters_a_letter_asks_who_it_was_and_takes_longer(cast, browser):
    dpo, ada = browser("dpo"), cast.person("Ada")
    found = dpo.get(LIST, {"q": "ada"}).content.decode()
    assert f"/staff/people/{ada.id}/report/" in found
    came = {"channel": "letter", "received_on": "2026-01-05", "kind": "access"}
    page = dpo.post(f"/staff/people/{ada.id}/report/", came, follow=True).content.decode()
    assert "By letter" in page
    assert "The time to answer has passed." in page
    assert "It takes longer" not in page
    came |= {"received_on": "", "kind": "portability"}
    page = dpo.post(f"/staff/people/{ada.id}/report/", came, follow=True).content.decode()
    assert "It takes longer" in page
    complaint = Complaint.objects.latest("raised_at")
    address = f"{LIST}{complaint.id}/"
    page = dpo.post(f"{address}extend/", {"reason": "Many files"}, follow=True).content.decode()
    assert "Many files" in page
    answer = {"text": "Here it is", "outcome": "confirmed"}
    assert "made sure who is asking" in dpo.post(address, answer).content.decode()
    assert dpo.post(address, {**answer, "identity": "Known to me"}).status_code == 302


def test_a_report_that_is_gone_is_said_kindly(office, cast):
    answer = office.get(f"{LIST}{cast.person('Ada').id}/")
    assert (answer.status_code, answer.context["refusal"].code) == (409, "unknown_complaint")
    assert "We can" in answer.content.decode()


def test_the_office_hands_over_everything_and_it_is_in_the_log(cast, office):
    address = f"/staff/people/{cast.person('Ada').id}/everything"
    assert "Everything held about Ada Agrees" in office.get(f"{address}/").content.decode()
    assert json.loads(office.get(f"{address}.json").content)["guardians"][0]["name"] == "Gus"
    assert Entry.objects.filter(event="record.downloaded").count() == 2
    assert "Everything held" in office.get(f"/staff/people/{cast.person('Ada').id}/").content.decode()


def test_the_data_protection_officer_answers_too(cast, browser):
    dpo = browser("dpo")
    complaint = raise_complaint(cast.person("Ada"), NewComplaint("objection"))
    form = {"text": "We stop.", "outcome": "confirmed"}
    assert dpo.post(f"{LIST}{complaint.id}/", form).status_code == 302
