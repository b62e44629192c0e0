"""A guardian's page: read, decide, withdraw, see."""

import re
import time
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from tests.support.gates import a_lane, walk_through
from tests.support.meant import meant

from willing.biometrics.consent_changes import publish_notices, record_consent, stop_using_face
from willing.biometrics.queries import has_face
from willing.consent import publishing
from willing.consent.models import Decision, Notice, Notification
from willing.consent.profiles import NAMES, require_profile
from willing.consent.publishing import _next_wording
from willing.consent.queries import permission, require_notice
from willing.pages.portal.labels import DecisionState, describe_state
from willing.people.guardians import add_guardian, renew_consent_links
from willing.people.models import Guardian, School
from willing.people.persons import mark_left
from willing.terminals.actions import NewTerminal, add_terminal
from willing.till.baskets import open_basket
from willing.till.face_identification import open_face_session, submit_frame
from willing.till.identification import identify_by_card
from willing.till.payment import confirm_basket


def buttons(text: str, person: Any) -> list[tuple[str, str]]:
    """Return the buttons of a child's part of the page: style and value."""
    part = text.split(f'id="canteen-{person.id}"')[1].split("</form>", maxsplit=1)[0]
    return re.findall(r'<button class="([^"]+)" type="submit" name="answer" value="(\w+)"', part)


def state(text: str, person: Any) -> str:
    """Return what a child's part of the page says, without its tags."""
    part = text.split(f'id="canteen-{person.id}"')[1].split("<form", maxsplit=1)[0]
    return " ".join(re.sub(r"<[^>]+>", " ", part).split())


# --- the link


def test_the_link_shows_the_notice_the_children_and_equal_answers(cast: Any, family: Any) -> None:
    ada = cast.person("Ada")
    hal = add_guardian(ada, "Hal")
    text = family("Hal").text()
    assert "Welcome, Hal" in text
    assert "Your child does not need to use their face to eat." in text
    assert "at least one guardian must say yes." in text
    found = buttons(text, ada)
    assert [value for _, value in found] == ["yes", "no"]
    assert len({style for style, _ in found}) == 1  # same size, same weight
    assert "checked" not in text
    assert not Decision.objects.filter(guardian=hal).exists()


@pytest.mark.parametrize("token", ["nonsense", "a:b:c", "x" * 500])
def test_a_link_that_is_none_is_refused_kindly(db: Any, token: str) -> None:
    answer = Client().get(f"/family/c/{token}/")
    assert answer.status_code == 409
    assert "This link is no longer valid." in answer.content.decode()
    assert "Your child can pay with a card" in answer.content.decode()


def test_a_link_that_nothing_can_hold_is_no_request_at_all(db: Any) -> None:
    assert Client().get("/family/c/%00/").status_code == 400  # as on every page


def test_a_changed_link_is_refused(family: Any) -> None:
    gus = family("Gus")
    changed = gus.token[:-1] + ("A" if gus.token[-1] != "A" else "B")
    assert Client().get(f"/family/c/{changed}/").status_code == 409


def test_an_old_link_is_refused(family: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    gus = family("Gus")
    later = time.time() + 61 * 24 * 3600
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    assert gus.open().status_code == 409


def test_a_replaced_link_is_refused_for_reading_and_for_deciding(cast: Any, family: Any) -> None:
    gus, ada = family("Gus"), cast.person("Ada")
    renew_consent_links(cast.guardian("Gus"))
    assert gus.open().status_code == 409
    assert gus.press(ada, "withdrawn").status_code == 409
    assert permission(ada, "canteen").granted


def test_nobody_keeps_the_page_or_tells_its_address(family: Any) -> None:
    answer = family("Gus").open()
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert "camera=()" in answer.headers["Permissions-Policy"]


def test_the_page_needs_no_script_and_nothing_that_the_policy_refuses(family: Any) -> None:
    text = family("Gus").text()
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", text)
    assert not re.findall(r"(?:src|href|action)=\"(?!/|#)[^\"]+", text)


def test_the_page_asks_for_no_sign_in(family: Any) -> None:
    assert "sessionid" not in family("Gus").open().cookies


# --- being told


def test_opening_the_page_records_once_that_the_guardian_was_told(cast: Any, family: Any) -> None:
    add_guardian(cast.person("Ada"), "Hal")
    hal = family("Hal")
    assert "guardian_not_notified" in permission(cast.person("Ada"), "canteen").reasons
    for _ in range(2):
        hal.text()
    (told,) = Notification.objects.filter(guardian=cast.guardian("Hal"))
    assert (told.person, told.channel) == (cast.person("Ada"), "link")
    assert permission(cast.person("Ada"), "canteen").granted


@pytest.mark.parametrize("header", [{"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}])
def test_a_browser_that_looks_ahead_has_told_nobody(cast: Any, family: Any, header: dict[str, str]) -> None:
    add_guardian(cast.person("Ada"), "Hal")
    hal = family("Hal")
    hal.open(headers=header)
    hal.client.head(hal.address)
    assert not Notification.objects.filter(guardian=cast.guardian("Hal")).exists()


def test_the_decision_holds_the_very_notice_that_stood_on_the_page(cast: Any, family: Any) -> None:
    add_guardian(cast.person("Ada"), "Hal")
    hal = family("Hal")
    hal.client.cookies["django_language"] = "zh-hans"
    shown = re.search(r'name="notice" value="([\w-]+)"', hal.text())
    assert shown
    notice = Notice.objects.get(pk=shown[1])
    assert notice.language == "zh-hans"
    hal.press(cast.person("Ada"), "no", notice=notice)
    assert Decision.objects.get(guardian=cast.guardian("Hal")).notice == notice


@pytest.mark.parametrize("notice", ["child", "none", "nonsense"])
def test_no_decision_without_a_notice_for_adults(cast: Any, family: Any, notice: str) -> None:
    given = {"child": require_notice("canteen", "child", "en").id, "none": "", "nonsense": uuid4()}[notice]
    gus = family("Gus")
    before = Decision.objects.count()
    form = {"person": cast.person("Ada").id, "notice": given, "answer": "no"}
    answer = gus.client.post(f"{gus.address}decide/", form)
    assert answer.status_code == 409
    assert Decision.objects.count() == before


# --- deciding


def test_yes_and_no_are_recorded_and_said(cast: Any, family: Any) -> None:
    ada = cast.person("Ada")
    add_guardian(ada, "Hal")
    hal = family("Hal")
    hal.text()
    hal.press(ada, "yes")
    text = hal.text()
    assert "Your consent is recorded." in text
    assert "Ada can have their pictures taken" in state(text, ada)
    assert buttons(text, ada) == [("button", "withdrawn")]
    hal.press(ada, "withdrawn")
    hal.press(ada, "no")
    text = hal.text()
    assert "You said no. No face is used. Ada pays by card, code or PIN." in state(text, ada)
    assert [value for _, value in buttons(text, ada)] == ["yes"]


def test_a_double_press_decides_once(cast: Any, family: Any) -> None:
    add_guardian(cast.person("Ada"), "Hal")
    hal = family("Hal")
    for _ in range(2):
        assert hal.press(cast.person("Ada"), "no").status_code == 302
    assert Decision.objects.filter(guardian=cast.guardian("Hal")).count() == 1


def test_a_withdrawal_erases_at_once_and_the_page_shows_the_receipt(
    cast: Any, family: Any, enrol: Any
) -> None:
    enrol("Ada", "person_a_2.jpg")
    ada, gus = cast.person("Ada"), family("Gus")
    assert "Ada can pay with their face." in gus.text()
    gus.press(ada, "withdrawn")
    assert not has_face(ada)
    text = gus.text()
    receipts = re.findall(r"log entry (\d+)", text)
    assert len(receipts) == 2  # once as the answer to the press, once for good
    assert len(set(receipts)) == 1
    assert f"Proof: log entry {receipts[0]}" in gus.text()
    assert "You withdrew your consent." in state(text, ada)


def test_a_no_after_a_yes_erases_as_well(cast: Any, family: Any, enrol: Any) -> None:
    enrol("Ada", "person_a_2.jpg")
    family("Gus").press(cast.person("Ada"), "no")
    assert not has_face(cast.person("Ada"))


def test_withdrawing_takes_no_more_presses_than_giving(cast: Any, family: Any) -> None:
    ada = cast.person("Ada")
    add_guardian(ada, "Hal")
    hal = family("Hal")
    giving = [value for _, value in buttons(hal.text(), ada)]
    assert "yes" in giving  # one press on the page that the link opens
    hal.press(ada, "yes")
    assert [value for _, value in buttons(hal.text(), ada)] == ["withdrawn"]  # one press on the same page
    hal.press(ada, "withdrawn")
    assert Decision.objects.filter(guardian=cast.guardian("Hal")).latest("id").answer == "withdrawn"


def test_withdrawing_what_was_never_given_is_refused_kindly(cast: Any, family: Any) -> None:
    add_guardian(cast.person("Ada"), "Hal")
    answer = family("Hal").press(cast.person("Ada"), "withdrawn")
    assert answer.status_code == 409
    assert "There is no consent to withdraw." in answer.content.decode()


@pytest.mark.parametrize("person", ["Wes", "Carl"])
def test_nobody_decides_about_somebody_elses_child(cast: Any, family: Any, person: str) -> None:
    before = Decision.objects.count()
    answer = family("Gus").press(cast.person(person), "yes")
    assert answer.status_code == 409
    assert "You are not listed as a guardian" in answer.content.decode()
    assert Decision.objects.count() == before


def test_an_answer_that_is_none_changes_nothing(cast: Any, family: Any) -> None:
    before = Decision.objects.count()
    assert family("Gus").press(cast.person("Ada"), "maybe").status_code == 400
    assert Decision.objects.count() == before


def test_deciding_takes_a_press(family: Any) -> None:
    gus = family("Gus")
    assert gus.client.get(f"{gus.address}decide/").status_code == 405
    assert gus.client.post(gus.address).status_code == 405


def test_another_sites_form_decides_nothing(cast: Any, family: Any) -> None:
    gus = family("Gus")
    strict = Client(enforce_csrf_checks=True)
    form = {
        "person": cast.person("Ada").id,
        "notice": require_notice("canteen", "adult", "en").id,
        "answer": "no",
    }
    assert strict.post(f"{gus.address}decide/", form).status_code == 403
    assert permission(cast.person("Ada"), "canteen").granted


# --- what one guardian may know of another


def test_another_guardians_word_cannot_be_told_from_their_silence(cast: Any, family: Any) -> None:
    ada = cast.person("Ada")
    add_guardian(ada, "Hal", email="hal@example.org")
    gus = family("Gus")
    silent = gus.text()
    assert "The school still needs another answer." in state(silent, ada)
    hal = family("Hal")
    hal.press(ada, "no")
    said_no = gus.text()
    assert state(said_no, ada) == state(silent, ada)
    for text in (silent, said_no):
        assert "Hal" not in meant(text)
        assert "hal@example.org" not in text


def test_the_childs_own_no_is_told_as_what_counts(cast: Any, family: Any) -> None:
    nia = cast.person("Nia")
    text = family("Gwen").text()
    assert "Nia said no. That counts, whatever adults say." in state(text, nia)


def test_a_child_who_was_not_asked_is_said_to_be_asked(cast: Any, family: Any) -> None:
    carl = cast.person("Carl")
    add_guardian(carl, "Cora")
    cora = family("Cora")
    cora.text()
    cora.press(carl, "yes")
    assert "Carl will be asked at school, and can say no." in state(cora.text(), carl)


def test_only_the_guardians_own_children_stand_there(cast: Any, family: Any) -> None:
    text = family("Gwen").text()
    assert "Nia" in text
    assert "Wes" in text
    assert "Ada" not in meant(text)


# --- what else the page shows


def test_purchases_uses_of_the_face_and_the_balance_are_shown(
    cast: Any, family: Any, enrol: Any, camera: Any
) -> None:
    enrol("Ada", "person_a_1.jpg")
    shots = camera("person_a_2.jpg")
    basket = open_basket(cast.till, uuid4(), [(cast.meal, 1)])
    session = open_face_session(cast.till, basket.id, key="1")
    for _ in range(10):
        if submit_frame(cast.till, session.id, shots.frame()).state != "looking":
            break
    confirm_basket(cast.till, basket.id)
    text = family("Gus").text()
    assert "£17.50" in text
    assert "Pasta" in text
    assert "receipt 1" in text
    uses = text.split("Each time it was recognised")[1]
    assert "Till 1" in uses
    assert "Stored since" in text


def test_a_child_who_has_left_has_no_buttons(cast: Any, family: Any) -> None:
    ada = cast.person("Ada")
    mark_left([ada.id])
    text = family("Gus").text()
    assert "Ada has left the school. No face is used." in state(text, ada)
    assert buttons(text, ada) == []


def test_where_the_law_allows_no_face_nothing_is_asked(
    cast: Any, family: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    School.objects.update(legal_profile="new_york")
    text = family("Gus").text()
    assert buttons(text, cast.person("Ada")) == []
    assert "The law here does not allow schools to use faces." in text


def test_a_guardian_without_a_child_is_told_whom_to_ask(cast: Any, family: Any) -> None:
    Guardian.objects.create(school=cast.school, name="Nobody's")
    text = family("Nobody's").text()
    assert "No child is listed for you" in text
    assert "<form" not in text.split("</header>")[1]


def test_the_shop_is_asked_about_once_a_till_stands_there(cast: Any, family: Any) -> None:
    assert "School shop" not in family("Gus").text()
    add_terminal(cast.school, NewTerminal("Shop", purpose="shop"))
    text = family("Gus").text()
    assert "Using a face: School shop" in text
    family("Gus").press(cast.person("Ada"), "no", purpose="shop")
    assert permission(cast.person("Ada"), "canteen").granted  # each purpose is decided apart


def test_at_the_gate_a_family_reads_of_the_gate_and_not_of_paying(cast: Any, family: Any) -> None:
    a_lane(cast.school, by=cast.user("office"))
    ada, gus = cast.person("Ada"), family("Gus")
    text = gus.text()
    assert "Using a face: School gate" in text
    assert "Until you do, no face is used and Ada comes in another way." in text
    otherwise = "No face is used. Ada opens the gate by card, code or PIN."
    gus.press(ada, "no", purpose="gate")
    assert f"You said no. {otherwise}" in gus.text()
    gus.press(ada, "yes", purpose="gate")
    gus.press(ada, "withdrawn", purpose="gate")
    assert f"You withdrew your consent. {otherwise}" in gus.text()
    state_of = DecisionState(permission(ada, "canteen"), None, is_enrolled=True, is_asked_again=False)
    assert describe_state("Ada", "gate", state_of).text == "Ada can open the gate with their face."


def test_the_page_speaks_the_guardians_language_until_they_choose_another(cast: Any, family: Any) -> None:
    Guardian.objects.filter(name="Gus").update(language="zh-hans")
    gus = family("Gus")
    assert "您的孩子用餐无需刷脸" in gus.text()
    assert 'lang="zh-hans"' in gus.text()
    gus.client.post("/i18n/setlang/", {"language": "en", "next": gus.address})
    assert "Your child does not need to use their face to eat." in gus.text()


def test_the_notice_is_written_as_text_and_never_as_html(cast: Any, family: Any) -> None:
    evil = (
        "# A <b>title</b>\n\n<script>alert(1)</script>\n\n"
        "[press](javascript:alert(1)) ![x](http://example.org/x.png) **bold**\n\n"
        "- one\n- two <img src=x onerror=y>\n"
    )
    latest = require_notice("canteen", "adult", "en")
    Notice.objects.create(
        purpose="canteen",
        reader="adult",
        language="en",
        version=latest.version + 1,
        text=evil,
        sha256="0" * 64,
    )
    text = family("Gus").text()
    assert "<script>alert" not in text
    assert "<img" not in text
    assert "&lt;b&gt;title&lt;/b&gt;" in text
    assert 'href="javascript' not in text
    assert "<strong>bold</strong>" in text
    assert "<li>one</li>" in text


def test_a_notice_that_was_answered_is_folded_and_still_there(cast: Any, family: Any) -> None:
    assert '<details class="notice-text">' in family("Gus").text()
    add_guardian(cast.person("Ada"), "Hal")
    assert '<details class="notice-text" open>' in family("Hal").text()


def test_no_name_reaches_the_servers_log(cast: Any, family: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    gus = family("Gus")
    gus.text()
    gus.press(cast.person("Ada"), "withdrawn")
    gus.press(cast.person("Wes"), "yes")
    lines = "\n".join(record.getMessage() for record in caplog.records)
    for name in ("Gus", "Ada", "Wes", "Withdrew"):
        assert name not in lines


def test_a_withdrawal_by_the_child_at_the_till_shows_on_the_page(cast: Any, family: Any, enrol: Any) -> None:
    enrol("Ada", "person_a_2.jpg")
    stop_using_face(cast.person("Ada"), channel="till", recorded_by=cast.user("cashier"))
    text = family("Gus").text()
    assert "Ada said no. That counts, whatever adults say." in state(text, cast.person("Ada"))
    assert re.search(r"Deleted \d+ \w+ \d{4}, \d\d:\d\d\. Proof: log entry \d+", text)


# --- a text that changed


def test_gdpr_7_the_page_says_since_when_a_yes_rests_and_asks_with_equal_buttons(
    cast: Any, family: Any, monkeypatch: pytest.MonkeyPatch
) -> None:

    real = _next_wording
    monkeypatch.setattr(publishing, "_next_wording", lambda source, *rest: real(f"{source}\nMore.\n", *rest))
    publish_notices()
    ada, gus = cast.person("Ada"), family("Gus")
    text = gus.text()
    assert "The notice has changed since you said yes." in state(text, ada)
    assert "Suspended since" in state(text, ada)
    found = buttons(text, ada)
    assert [value for _, value in found] == ["yes", "no"]
    assert len({style for style, _ in found}) == 1
    gus.press(ada, "yes")
    said = state(gus.text(), ada)
    assert "Suspended since" in said  # Ada's own yes was to the child's text, which changed too
    assert "everyone who said yes is asked again" in said
    record_consent(cast.says("Ada", "yes"))
    assert "Suspended" not in state(gus.text(), ada)


def test_gdpr_13_what_children_are_told_stands_beside_what_adults_are_told(family: Any) -> None:
    text = family("Gus").text()
    assert "What we tell children" in text
    assert "You don&#x27;t have to." in text or "You don't have to." in text


# --- how long each way takes, and the public policy


def test_ico_north_ayrshire_the_page_says_how_long_each_way_takes(cast: Any, family: Any) -> None:
    assert "Nobody needs to use their face to eat." in family("Gus").text()
    assert "once there are enough payments" in family("Gus").text()
    for _ in range(20):
        basket = open_basket(cast.till, uuid4(), [(cast.meal, 1)])
        identify_by_card(cast.till, basket.id, cast.cards["Carl"])
        confirm_basket(cast.till, basket.id)
    cache.clear()
    waits = family("Gus").text().split('class="waits"')[1].split("</div>\n", 1)[0]
    assert "<dt>Card or code</dt>" in waits
    assert "PIN</dt>" not in waits  # too few to say


def test_where_there_is_a_gate_family_and_policy_say_how_long_each_way_through_it_takes(
    cast: Any, family: Any
) -> None:
    assert "at the gate" not in family("Gus").text()
    assert "Passages at the gate" not in Client().get("/family/policy/").content.decode()
    cache.clear()
    lane = a_lane(cast.school, by=cast.user("office"))
    assert "once there are enough passages" in family("Gus").text()
    walk_through(lane, cast.person("Nia"), "pin", waited_ms=4_100, times=20)
    walk_through(lane, cast.person("Carl"), "card", waited_ms=380, times=20)
    cache.clear()
    for text in (family("Gus").text(), Client().get("/family/policy/").content.decode()):
        waits = " ".join(text.split("works at the same lane.")[1].split("</dl>")[0].split())
        assert re.findall(r"<dt>(.*?)</dt> <dd class=\"num\">(.*?)</dd>", waits) == [
            ("Card or code", "0.4 s"),
            ("PIN", "4.1 s"),
        ]
    text = Client().get("/family/policy/", headers={"accept-language": "zh-hans"}).content.decode()
    assert "0.4 秒" in text
    assert "Card or code" not in text
    for kept in ("门禁通行记录", "通行人次", "进出校门提醒"):  # what a gate keeps, with a face or without
        assert kept in text


@pytest.mark.parametrize("profile", NAMES)
def test_bipa_15_the_policy_is_public_and_says_the_days_that_the_sweep_uses(cast: Any, profile: str) -> None:
    School.objects.update(legal_profile=profile)
    text = Client().get("/family/policy/").content.decode()
    rules = require_profile(profile)
    assert f"{rules.keep_days_max} days after enrolment" in text
    assert f"{rules.unused_days_max} days after the last use" in text
    assert "None is sold, leased, traded or given to anyone" in text
    assert require_notice("canteen", "adult", "en").sha256 in text
