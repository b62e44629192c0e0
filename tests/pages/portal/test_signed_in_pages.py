"""The pages of signed-in guardians and pupils: see, decide, set limits, report, take everything, end."""

import json
import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from tests.support.meant import meant
from tests.support.signing import sign_in
from tests.support.till import give_face, pay, pay_by_face

from willing.audit.models import Entry, SignedCheckpoint
from willing.audit.signing import own_key
from willing.audit.verify.receipts import verify_receipt
from willing.audit.verify.signed_note import parse_key
from willing.biometrics.models import Template
from willing.biometrics.queries import has_face
from willing.complaints.actions import ComplaintAnswer, answer_complaint
from willing.complaints.models import Complaint
from willing.complaints.queries import due_of
from willing.consent.models import Decision, Notification
from willing.consent.queries import permission, require_notice
from willing.core.dates import write_day
from willing.keys.actions import key_ids
from willing.mail.models import ON_REQUEST, Topic
from willing.people.guardians import add_guardian
from willing.people.models import School
from willing.till.limit_rules import NewLimits
from willing.till.limits import limits_of, set_limits
from willing.till.school_limits import NewSchoolLimits, set_school_limits


class Pages:
    """One person's pages in somebody's browser."""

    def __init__(self, user, base):
        self.client, self.base = sign_in(Client(), user), base

    def get(self, address="", status=200):
        answer = self.client.get(self.base + address)
        assert answer.status_code == status, answer.content.decode()[:2000]
        return answer

    def text(self, address="", status=200):
        return self.get(address, status).content.decode()

    def post(self, address, **form):
        return self.client.post(self.base + address, form)


@pytest.fixture
def ada(cast):
    """Ada's pages, in the browser of Gus."""
    return Pages(cast.user("guardian"), f"/family/child/{cast.person('Ada').id}/")


@pytest.fixture
def carl(cast):
    """Carl's own pages."""
    return Pages(cast.user("pupil"), "/family/me/")


def plain(text):
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def test_a_guardian_sees_what_was_bought_each_use_the_way_and_the_limits(cast, ada):
    give_face(cast, "Ada")
    pay(cast, "Ada")
    pay_by_face(cast, "Ada")
    pay_by_face(cast, "Ada")
    text = plain(ada.text())
    assert "Balance £12.50" in text
    assert "Usual way to pay Face" in text
    assert text.partition(" Bought ")[2].count("Pasta") == 3
    assert re.search(r"Till 1 · Card or code · receipt \d", text)
    assert text.count("Till 1 · Recognised") == 2
    assert "with the face alone £15.00 · the school&#x27;s limit" in text
    assert "no-store" in ada.get().headers["Cache-Control"]


def test_no_page_needs_script_or_anything_that_the_policy_refuses(cast, ada, carl):
    pay_by_face(cast, "Ada")
    for pages, addresses in ((ada, ("", "report/", "data/")), (carl, ("", "report/", "data/"))):
        for address in addresses:
            text = pages.text(address)
            assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", text)
            assert "checked" not in text
            assert "selected" not in text.replace("aria-selected", "")


def test_what_a_guardian_decides_on_their_page_holds_at_once(cast, ada):
    give_face(cast, "Ada")
    assert Notification.objects.filter(guardian=cast.guardian("Gus")).exists()
    notice = require_notice("canteen", "adult", "en")
    answer = ada.post("decide/", notice=notice.id, answer="withdrawn")
    erased = Entry.objects.get(event="face.erased")
    assert answer.headers["Location"] == f"{ada.base}receipt/{erased.sequence}/"
    assert not key_ids()
    assert not has_face(cast.person("Ada"))
    assert Decision.objects.latest("id").channel == "portal"
    ada.post("decide/", notice=notice.id, answer="yes")
    assert permission(cast.person("Ada"), "canteen").granted
    assert ada.post("decide/", notice=notice.id, answer="perhaps").status_code == 400


def test_limits_are_set_before_the_first_face_purchase(cast, ada):
    assert ada.post("limits/", daily="5", face_daily="2.50").status_code == 302
    limits = limits_of(cast.person("Ada"))
    assert (limits.daily_minor, limits.face_daily_minor) == (500, 250)
    assert 'value="2.50"' in ada.text()
    assert ada.post("limits/", daily="-1", face_daily="").status_code == 422
    assert ada.post("limits/", daily="", face_daily="").status_code == 302
    assert limits_of(cast.person("Ada")).daily_minor is None


def limits_told(pages):
    found = re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", pages.text(), re.DOTALL)
    return [plain(f"{name}: {sum_}").replace(" :", ":") for name, sum_ in found]


def test_each_limit_says_whose_it_is_to_guardian_and_pupil(cast, ada, carl):
    set_school_limits(cast.school, NewSchoolLimits(weekly_minor=4000), by=cast.user("office"))
    for name in ("Ada", "Carl"):
        gil = add_guardian(cast.person(name), "Gil")
        set_limits(cast.person(name), NewLimits(purchase_minor=420), by=gil)
    assert ada.post("limits/", daily="5").status_code == 302
    told = limits_told(ada)
    assert "One purchase, all ways to pay: £4.20 · set by another guardian" in told
    assert "A day, all ways to pay together: £5.00 · set by you £5.00 left today" in told
    assert "A week, all ways to pay together: £40.00 · the school&#x27;s limit £40.00 left this week" in told
    assert "Of a day, with the face alone: £5.00 · set by you £5.00 left today" in told
    assert 'value="4.20"' not in ada.text(), "a guardian's own limits are in the form, no one else's"
    own = limits_told(carl)
    assert "One purchase, all ways to pay: £4.20 · set by a guardian" in own
    assert "A day, all ways to pay together: no limit" in own
    assert "Gil" not in " ".join(own)


def test_a_wrong_recognition_is_reported_from_its_line_and_answered_there(cast, ada):
    give_face(cast, "Ada")
    session, _ = pay_by_face(cast, "Ada")
    assert f"report/?use={session.id}" in ada.text()
    assert "That was not Ada" in ada.text(f"report/?use={session.id}")
    for _ in range(2):  # pressed twice
        ada.post(f"report/?use={session.id}", kind="wrong_recognition", said="Home that day <b>")
    complaint = Complaint.objects.get()
    text = plain(ada.text())
    assert text.count("Reported") == 2  # at the use and at its charge
    assert "Home that day &lt;b&gt;" in text
    answer_complaint(complaint.id, ComplaintAnswer(True, "Sorry.", cast.user("office")))
    text = plain(ada.text())
    assert "Sorry." in text
    assert "Refunded" in text
    assert "Suspended since" in text
    assert Template.objects.get().suspended_for == "wrong_person"


def test_only_the_kinds_that_fit_a_line_are_taken(cast, ada):
    sale = pay(cast, "Ada")
    assert "That was not Ada" not in ada.text(f"report/?sale={sale.id}")
    assert ada.post(f"report/?sale={sale.id}", kind="wrong_recognition").status_code == 400
    assert ada.post(f"report/?sale={sale.id}", kind="wrong_charge").status_code == 302
    theirs = pay(cast, "Carl")
    assert "complaint_about_nothing" in ada.text(f"report/?sale={theirs.id}", status=409)
    assert ada.get("report/?sale=nonsense", status=409)
    assert ada.post("report/", kind="correction", said="").status_code == 422
    assert ada.post("report/", kind="other", said="x" * 1001).status_code == 422


@pytest.mark.parametrize("law", ["eu", "china", "new_york"])
def test_the_day_by_which_the_school_answers_is_that_of_its_law(cast, ada, law):
    School.objects.update(legal_profile=law)
    before = plain(ada.text("report/"))
    answer = ada.client.post(f"{ada.base}report/", {"kind": "other", "said": "A question"}, follow=True)
    complaint = Complaint.objects.get()
    day = write_day(due_of(complaint).astimezone(ZoneInfo(complaint.person.school.time_zone)).date())
    assert f"The school will answer on this page by {day}." in before
    assert f"Sent to the school. It answers on this page by {day}." in plain(answer.content.decode())


def test_gdpr_15_guardian_downloads_everything_but_the_template(cast, ada):
    give_face(cast, "Ada")
    answer = ada.get("data.json")
    found = json.loads(answer.content)
    assert "attachment" in answer.headers["Content-Disposition"]
    assert found["faces"][0]["purpose"] == "canteen"
    assert "sealed" not in answer.content.decode()
    page = plain(ada.text("data/"))
    assert "Everything held about Ada Agrees" in page
    assert Entry.objects.filter(event="record.downloaded").count() == 2
    assert "Downloaded or read everything Gus" in plain(ada.text())


def test_gdpr_17_an_erasure_s_receipt_proves_itself_at_once(cast, ada):
    give_face(cast, "Ada")
    notice = require_notice("canteen", "adult", "en")
    address = ada.post("decide/", notice=notice.id, answer="withdrawn").headers["Location"]
    receipt = address.removeprefix(ada.base)
    assert not SignedCheckpoint.objects.exists()
    text = ada.text(receipt)
    assert SignedCheckpoint.objects.count() == 1  # signed because somebody asked, and not again
    assert "portal/receipt.js" in text
    assert str(own_key()) in text
    for hidden in ("included", "refused", "unsupported"):
        assert f'data-outcome="{hidden}" hidden' in text  # no word of success before the check
    file = ada.get(f"{receipt.rstrip('/')}.json")
    verify_receipt(file.content.decode(), [parse_key(str(own_key()))])
    assert ada.get(f"{receipt.rstrip('/')}.pdf").content.startswith(b"%PDF")
    assert SignedCheckpoint.objects.count() == 1


def test_each_charge_offers_its_receipt_and_no_other_entry_does(cast, ada):
    sale = pay(cast, "Ada")
    theirs = pay(cast, "Carl")
    mine, other = (
        Entry.objects.get(event="sale.settled", subject=one.person_id).sequence for one in (sale, theirs)
    )
    assert f"receipt/{mine}/" in ada.text()
    assert "A payment was made" in ada.text(f"receipt/{mine}/")
    for sequence in (other, 10**6, Entry.objects.filter(event="consent.notified").first().sequence):
        refused = ada.get(f"receipt/{sequence}/", status=409)
        assert refused.context["refusal"].code == "unknown_receipt"
    ada.get(f"receipt/{mine}.pdf", status=409)  # a PDF is made of erasures only


def test_another_guardian_s_answer_has_no_receipt_for_this_one(cast, ada):
    from dataclasses import replace

    from willing.biometrics.consent_changes import record_consent
    from willing.consent.publishing import notify_guardian

    gil = add_guardian(cast.person("Ada"), "Gil")
    notify_guardian(gil, cast.person("Ada"), require_notice("canteen", "adult", "en"), channel="link")
    record_consent(replace(cast.says("Ada", "no", guardian="Gus"), guardian=gil))
    theirs = Entry.objects.filter(event="consent.decided").latest("sequence")
    ada.get(f"receipt/{theirs.sequence}/", status=409)
    assert "Gil" not in meant(ada.text() + ada.text("data/"))


def test_nobody_opens_the_page_of_a_child_that_is_not_theirs(cast, ada, carl):
    for client in (ada.client, carl.client):
        status = client.get(f"/family/child/{cast.person('Nia').id}/").status_code
        assert status == (409 if client is ada.client else 403)
    assert ada.client.get("/family/me/").status_code == 403


def test_a_pupil_reads_about_themselves_in_their_own_words(cast, carl):
    pay(cast, "Carl")
    text = plain(carl.text())
    assert "Balance £17.50" in text
    assert "You never need to use your face to eat." in text
    assert "Save limits" not in text
    assert "That was not me" not in carl.text("report/")
    assert "My details are wrong" in carl.text("report/")
    assert json.loads(carl.get("data.json").content)["person"]["given_name"] == "Carl"


def test_a_pupil_ends_their_face_in_one_press_whatever_adults_said(cast, carl):
    carl_ = cast.person("Carl")
    guardian = add_guardian(carl_, "Cora")
    from willing.biometrics.consent_changes import record_consent
    from willing.consent.decisions import NewDecision

    notice = require_notice("canteen", "adult", "en")
    record_consent(NewDecision(carl_, "canteen", "yes", notice, "link", guardian=guardian))
    give_face(cast, "Carl")
    assert "Stop using my face and delete it" in carl.text()
    answer = carl.post("end/")
    receipt = answer.headers["Location"].removeprefix(carl.base)
    assert "Proof: a face was deleted" in carl.text(receipt)
    assert not has_face(carl_)
    assert "own_no" in permission(carl_, "canteen").reasons
    assert "You said no." in carl.text()
    before = Decision.objects.count()
    assert carl.post("end/").headers["Location"] == carl.base
    assert Decision.objects.count() == before


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_is_there_in_both_languages(cast, ada, carl, language):
    session, sale = pay_by_face(cast, "Ada")
    for pages in (ada, carl):
        pages.client.cookies["django_language"] = language
        for address in ("", "report/", "data/"):
            assert f'lang="{language}"' in pages.text(address)
    chinese = "不是Ada" if language == "zh-hans" else "That was not Ada"
    for query in (f"use={session.id}", f"sale={sale.id}"):
        assert chinese in ada.text(f"report/?{query}")


def test_the_script_names_the_module_that_outsiders_can_read_too():
    import willing.audit
    import willing.pages.portal

    script = Path(willing.pages.portal.__file__).parent / "static" / "portal" / "receipt.js"
    assert '"../audit/inclusion.js"' in script.read_text()
    assert (Path(willing.audit.__file__).parent / "static" / "audit" / "inclusion.js").exists()


def test_a_guardian_chooses_which_e_mails_they_get(cast):
    client = sign_in(Client(), cast.user("guardian"))
    text = client.get("/family/").content.decode()
    assert text.count('name="topic"') == len(Topic)
    assert text.count(" checked") == len(Topic) - len(ON_REQUEST)
    page = client.post("/family/mail/", {"topic": ["notice"]}, follow=True).content.decode()
    assert "Your choice of e-mails is saved." in page
    assert page.count(" checked") == 1
    client.post("/family/mail/", {"topic": ["unheard-of"]})
    assert " checked" not in client.get("/family/").content.decode()
    assert sign_in(Client(), cast.user("office")).post("/family/mail/", {}).status_code == 403
