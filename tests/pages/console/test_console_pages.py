"""Every staff page: who gets it, and that no page carries what the policy would refuse."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from willing.audit.log_check import wait_for_check
from willing.biometrics.capture import start_capture
from willing.biometrics.consent_changes import record_consent
from willing.credentials.cards import issue_printed_card
from willing.pages.console import urls
from willing.people.models import School

ANY_STAFF = {"cashier", "office", "canteen", "teacher", "dpo", "administrator"}
# Everything that shows a page by itself, with the roles that it opens for.
SHOWN = {
    "print-run": {"office"},
    "people": {"office"},
    "person": {"office"},
    "add-person": {"office"},
    "merge": {"office"},
    "merge-confirm": {"office"},
    "merge-guardian": {"office"},
    "merge-guardian-confirm": {"office"},
    "edit-person": {"office"},
    "import": {"office"},
    "import-undo": {"office"},
    "import-columns": {"office"},
    "import-preview": {"office"},
    "import-progress": {"office"},
    "import-refused": {"office"},
    "add-guardian": {"office"},
    "guardian": {"office"},
    "remove-guardian": {"office"},
    "classes": {"office"},
    "class": {"office"},
    "own-decision": {"office"},
    "enrol": {"office"},
    "enrolled": {"office"},
    "capture": {"office"},
    "today": {"office", "canteen", "cashier"},
    "refund": {"office", "canteen"},
    "leavers": {"office", "administrator"},
    "reverse-pay-in": {"office"},
    "to-sibling": {"office"},
    "write-off": {"office", "administrator"},
    "money": {"office", "canteen"},
    "drawers": {"office", "canteen"},
    "drawers-csv": {"office", "canteen"},
    "drawer": {"office", "canteen"},
    "drawer-report": {"office", "canteen"},
    "drawer-report-pdf": {"office", "canteen"},
    "meals": {"office", "canteen"},
    "forecast-csv": {"office", "canteen"},
    "census": {"office"},
    "census-csv": {"office"},
    "carried": {"office"},
    "duplicates": {"office"},
    "carried-csv": {"office"},
    "arrears": {"office"},
    "arrears-csv": {"office"},
    "entitlements-of": {"office"},
    "entitlements": {"office"},
    "bank": {"office"},
    "bank-details": {"office", "administrator"},
    "bank-line": {"office"},
    "pay-in-letters": {"office"},
    "pay-in-letter-pdf": {"office"},
    "ask-pay-out": {"office"},
    "person-limits": {"office"},
    "pay-outs-cash-pdf": {"office"},
    "pay-in-letters-pdf": {"office"},
    "statement": {"office"},
    "statement-columns": {"office"},
    "statement-preview": {"office"},
    "pay-outs": {"office"},
    "pay-out-download-file": {"office"},
    "sales": {"office", "canteen"},
    "sales-file": {"office", "canteen"},
    "tax": {"office"},
    "month-end": {"office"},
    "month-end-file": {"office"},
    "gate": {"office", "administrator"},
    "lane": {"office", "administrator"},
    "doors": {"office", "administrator"},
    "door": {"office", "administrator"},
    "add-door-device": {"office", "administrator"},
    "door-device": {"office", "administrator"},
    "remove-door-device": {"office", "administrator"},
    "door-numbers": {"office"},
    "terminals": {"office", "administrator"},
    "terminal": {"office", "administrator"},
    "reader": {"office", "administrator"},
    "printer": {"office", "administrator"},
    "registers": {"teacher", "office", "administrator"},
    "register": {"teacher", "office"},
    "register-app": {"teacher", "office"},
    "warden-app": ANY_STAFF,
    "absence-messages": {"office"},
    "contacts-to-check": {"office"},
    "register-settings": {"office", "administrator"},
    "register-group": {"office", "administrator"},
    "attendance-lists": {"office"},
    "attendance-patterns": {"office"},
    "attendance-patterns-file": {"office"},
    "attendance-pupil": {"office"},
    "set-codes": {"office"},
    "register-notice": {"dpo", "office", "administrator"},
    "register-notice-pdf": {"dpo", "office", "administrator"},
    "set-code": {"office"},
    "set-code-progress": {"office"},
    "attendance-returns": {"office"},
    "attendance-returns-file": {"office"},
    "register-week": {"office", "teacher"},
    "register-week-file": {"office", "teacher"},
    "register-notes": {"office"},
    "register-note": {"office"},
    "roll-call": ANY_STAFF,
    "roll-call-shown": ANY_STAFF,
    "roll-call-last-seen": ANY_STAFF,
    "roll-call-report-file": ANY_STAFF,
    "roll-call-sheets-pdf": ANY_STAFF,
    "roll-call-handing-over-pdf": ANY_STAFF,
    "roll-call-settings": {"office", "administrator"},
    "add-assembly-point": {"office", "administrator"},
    "assembly-point": {"office", "administrator"},
    "medical-words": {"office"},
    "leaves": {"office", "teacher"},
    "leave-desk": {"office"},
    "leave-settings": {"office", "administrator"},
    "enter-leave": {"office", "teacher"},
    "trips": {"office", "teacher"},
    "plan-trip": {"office", "teacher"},
    "trip": {"office", "teacher"},
    "boarding": ANY_STAFF,
    "evening-list": ANY_STAFF,
    "evening-unusual": ANY_STAFF,
    "evening-lists-pdf": ANY_STAFF,
    "boarding-settings": {"office", "administrator"},
    "house": {"office", "administrator"},
    "visits": ANY_STAFF,
    "announce-visit": ANY_STAFF,
    "receive-visitor": {"office"},
    "visitor-notice": {"office"},
    "visitor-notice-pdf": {"office"},
    "staff-in": {"office"},
    "visit": {"office"},
    "visit-file": {"office"},
    "card-number": {"office"},
    "card-list": {"office"},
    "allergens": {"office", "canteen"},
    "ingredient": {"office", "canteen"},
    "product-allergens": {"office", "canteen"},
    "allergens-of": {"office"},
    "allergen-events": {"dpo", "office"},
    "allergen-events-csv": {"dpo", "office"},
    "menu": {"office", "canteen"},
    "menu-add": {"office", "canteen"},
    "menu-product": {"office", "canteen"},
    "menu-import": {"office", "canteen"},
    "menu-csv": {"office", "canteen"},
    "calendar": {"office", "administrator"},
    "calendar-add": {"office", "administrator"},
    "calendar-entry": {"office", "administrator"},
    "calendar-import": {"office", "administrator"},
    "limits": {"office", "administrator"},
    "faces": {"dpo", "office"},
    "till-test": {"dpo", "administrator"},
    "till-test-paper": {"dpo", "administrator"},
    "till-test-pdf": {"dpo", "administrator"},
    "camera-notice": {"dpo", "office", "administrator"},
    "camera-notice-pdf": {"dpo", "office", "administrator"},
    "staff": {"administrator"},
    "staff-member": {"administrator"},
    "staff-disable": {"administrator"},
    "staff-delete": {"administrator"},
    "staff-reset": {"administrator"},
    "settings": {"administrator"},
    "settings-law": {"administrator"},
    "health": {"dpo", "office", "administrator"},
    "mail": {"office", "administrator"},
    "mail-inbox": {"administrator"},
    "log": {"dpo", "administrator"},
    "log-check": {"dpo", "administrator"},
    "erasure": {"dpo", "office"},
    "erasure-pdf": {"dpo", "office"},
    "erasure-proof": {"dpo", "office"},
    "protection": {"dpo", "office", "administrator"},
    "assessment": {"dpo", "office", "administrator"},
    "assessment-pdf": {"dpo", "office", "administrator"},
    "signed-assessment": {"dpo", "office", "administrator"},
    "signed-assessment-pdf": {"dpo", "office", "administrator"},
    "risks": {"dpo", "office", "administrator"},
    "consultation": {"dpo"},
    "breaches": {"dpo", "office", "administrator"},
    "breach": {"dpo", "office", "administrator"},
    "breach-draft": {"dpo", "office", "administrator"},
    "breach-draft-pdf": {"dpo", "office", "administrator"},
    "fuses": {"dpo", "office", "administrator"},
    "processing-record": {"dpo", "office", "administrator"},
    "processing-record-pdf": {"dpo", "office", "administrator"},
    "retention": {"dpo", "office", "administrator"},
    "way-comparison": {"canteen", "dpo", "office"},
    "consent-form-entry": {"office"},
    "consent-form": {"office"},
    "consent-form-scan": {"office"},
    "consent-refusals": ANY_STAFF,
    "record-refusal": ANY_STAFF,
    "unconfirmed": {"dpo"},
    "complaints": {"dpo", "office"},
    "complaint": {"dpo", "office"},
    "record-complaint": {"dpo", "office"},
    "personal-data": {"office"},
    "pay-in-receipt": {"office"},
    "pay-in-receipt-pdf": {"office"},
    "personal-data-file": {"office"},
}
PRESSED = {
    "print-sheets": {"office"},
    "confirm-printed": {"office"},
    "print-anew": {"office"},
    "give-up-printed": {"office"},
    "test-printer": {"office", "administrator"},
    "remove-printer": {"office", "administrator"},
    "leaver-letters": {"office", "administrator"},
    "delete-tax": {"office"},
    "close-month": {"office"},
    "calendar-delete": {"office", "administrator"},
    "import-run": {"office"},
    "import-cancel": {"office"},
    "bring-back": {"office"},
    "remove-invented": {"office"},
    "link-guardian": {"office"},
    "move-class": {"office"},
    "merge-class": {"office"},
    "delete-class": {"office"},
    "mail-test": {"administrator"},
    "mail-remove": {"administrator"},
    "mail-inbox-remove": {"administrator"},
    "mail-drop": {"administrator"},
    "mail-retry": {"office", "administrator"},
    "resume-face": {"office"},
    "pay-in": {"office"},
    "open-drawer": {"office", "canteen"},
    "drawer-till": {"office", "canteen"},
    "move-cash": {"office", "canteen"},
    "count-drawer": {"office", "canteen"},
    "close-drawer": {"office", "canteen"},
    "delete-census-day": {"office"},
    "arrears-letters": {"office"},
    "arrears-mails": {"office"},
    "class-infants": {"office"},
    "refund-duplicate": {"office"},
    "keep-duplicate": {"office"},
    "bank-assign": {"office"},
    "bank-aside": {"office"},
    "bank-back": {"office"},
    "statement-run": {"office"},
    "statement-cancel": {"office"},
    "pay-out": {"office"},
    "pay-out-make": {"office"},
    "pay-out-paid": {"office"},
    "end-entitlement": {"office"},
    "open-register": {"teacher", "office"},
    "warden-app-manifest": ANY_STAFF,
    "warden-app-worker": ANY_STAFF,
    "register-app-manifest": {"teacher", "office"},
    "register-app-worker": {"teacher", "office"},
    "register-app-today": {"teacher", "office"},
    "register-app-marks": {"teacher", "office"},
    "everyone-present": {"teacher", "office"},
    "close-register": {"teacher", "office"},
    "record-set-code": {"office"},
    "undo-set-code": {"office"},
    "add-register-code": {"office", "administrator"},
    "retire-register-code": {"office", "administrator"},
    "add-register-group": {"office", "administrator"},
    "retire-register-group": {"office", "administrator"},
    "enrol-scan": {"office"},
    "sign-menu": {"office", "canteen"},
    "confirm-allergens": {"office"},
    "remove-allergen": {"office"},
    "report-allergen-event": {"office"},
    "check-entitlement": {"office"},
    "grant-entitlements": {"office"},
    "unspent-rules": {"office"},
    "leave": {"office"},
    "pin": {"office"},
    "card": {"office"},
    "revoke-cards": {"office"},
    "guardian-letter": {"office"},
    "mail-invitation": {"office"},
    "revoke-letters": {"office"},
    "pupil-sign-in": {"office"},
    "erase-face": {"office"},
    "start-capture": {"office"},
    "capture-card": {"office"},
    "capture-key": {"office"},
    "frame": {"office"},
    "upload": {"office"},
    "finish": {"office"},
    "confirm-capture": {"office"},
    "start-over": {"office"},
    "till-test-start": {"dpo", "administrator"},
    "till-test-try": {"dpo", "administrator"},
    "till-test-frame": {"dpo", "administrator"},
    "till-test-finish": {"dpo", "administrator"},
    "excuse": {"office"},
    "save-refusal": ANY_STAFF,
    "undo-refusal": ANY_STAFF,
    "gate-door": {"office", "administrator"},
    "new-lane": {"office", "administrator"},
    "pair-lane": {"office", "administrator"},
    "lane-state": {"office", "administrator"},
    "try-door": {"office", "administrator"},
    "door-by-hand": {"office", "administrator"},
    "door-device-clock": {"office", "administrator"},
    "pair": {"office", "administrator"},
    "unpair": {"office", "administrator"},
    "unpair-screen": {"office", "administrator"},
    "retire-terminal": {"office", "administrator"},
    "menu-order": {"office", "canteen"},
    "menu-starter": {"office", "canteen"},
    "menu-cycle": {"office", "canteen"},
    "menu-sold-out": {"office", "canteen"},
    "menu-hide": {"office", "canteen"},
    "menu-move": {"office", "canteen"},
    "terminal-refunds": {"office"},
    "terminal-look-ups": {"office"},
    "confirm-face": {"dpo"},
    "staff-roles": {"administrator"},
    "staff-enable": {"administrator"},
    "staff-link": {"administrator"},
    "staff-pin": {"administrator"},
    "confirm-clock": {"administrator"},
    "face-mode": {"dpo"},
    "face-kinds": {"dpo"},
    "face-pictures": {"dpo"},
    "face-filing": {"dpo"},
    "face-limit": {"office"},
    "manual-lock": {"dpo"},
    "close-risk": {"dpo"},
    "review-risks": {"dpo"},
    "extend-complaint": {"dpo", "office"},
    "breach-authority": {"dpo"},
    "log-export": {"dpo", "administrator"},
    "stage-messages": {"office"},
    "message-settings": {"office"},
    "confirm-messages": {"office"},
    "undo-messages": {"office"},
    "message-here": {"office"},
    "message-reached": {"office"},
    "message-next": {"office"},
    "confirm-contact": {"office"},
    "reach-first": {"office"},
    "decide-fuse": {"dpo"},
    "fuse-bounds": {"dpo"},
    "attendance-day-file": {"office"},
    "attendance-return-sent": {"office"},
    "roll-call-counts": ANY_STAFF,
    "roll-call-list": ANY_STAFF,
    "roll-call-wait": ANY_STAFF,
    "roll-call-state": ANY_STAFF,
    "roll-call-begin": ANY_STAFF,
    "roll-call-end": ANY_STAFF,
    "roll-call-ticks": ANY_STAFF,
    "roll-call-start": ANY_STAFF,
    "roll-call-close": ANY_STAFF,
    "roll-call-tick": ANY_STAFF,
    "remove-assembly-point": {"office", "administrator"},
    "roll-call-wardens": {"office", "administrator"},
    "agree-to-illnesses": {"office", "teacher"},
    "agree-to-leave": {"office", "teacher"},
    "refuse-leave": {"office", "teacher"},
    "withdraw-leave": {"office", "teacher"},
    "record-word": {"office", "teacher"},
    "open-evening-list": ANY_STAFF,
    "close-evening-list": ANY_STAFF,
    "add-house": {"office", "administrator"},
    "move-in": {"office", "administrator"},
    "retire-house": {"office", "administrator"},
    "say-in": ANY_STAFF,
    "note-staff-in": {"office"},
    "cancel-visit": ANY_STAFF,
    "sign-visitor-in": {"office"},
    "sign-visitor-out": {"office"},
    "close-visit": {"office"},
    "undo-visit": {"office"},
    "visitor-badge": {"office"},
    "sign-out-leave": {"office"},
    "back-from-leave": {"office"},
    "undo-desk": {"office"},
    "cancel-trip": {"office", "teacher"},
    "trip-departed": {"office", "teacher"},
    "trip-returned": {"office", "teacher"},
    "undo-trip": {"office", "teacher"},
    "trip-end": {"office", "teacher"},
}
ROLES = ("cashier", "office", "canteen", "teacher", "dpo", "administrator", "outsider")


def address(name: str, **known: Any) -> str:
    pattern = next(one for one in urls.urlpatterns if one.name == name)
    wanted = {
        value: known.get(value, {"slug": "canteen", "int": 1}.get(kind) or uuid4())
        for kind, value in re.findall(r"<(\w+):(\w+)>", str(pattern.pattern))
    }
    return reverse(f"console:{name}", kwargs=wanted)


def test_these_tests_know_every_page() -> None:
    assert {one.name for one in urls.urlpatterns} == {*SHOWN, *PRESSED}


def test_nobody_is_sent_to_the_sign_in(db: Any) -> None:
    for name in (*SHOWN, *PRESSED):
        for answer in (Client().get(address(name)), Client().post(address(name))):
            assert answer.status_code in (302, 405), name
            if answer.status_code == 302:
                assert answer.headers["Location"].startswith("/sign-in/?next="), name


def test_each_page_opens_for_the_roles_of_this_table() -> None:
    """That a page keeps to what it says, tests/config/test_access.py asks every page as every role."""
    said = {one.name: vars(one.callback)["willing_access"] for one in urls.urlpatterns}
    assert {name: set(access.removeprefix("roles:").split(",")) for name, access in said.items()} == {
        **SHOWN,
        **PRESSED,
    }


def test_a_press_of_the_right_role_is_never_forbidden(browser: Any) -> None:
    clients = {role: browser(role) for role in ANY_STAFF}
    for name, roles in {**SHOWN, **PRESSED}.items():
        answer = clients[min(roles)].post(address(name))
        assert answer.status_code not in {403, 500}, name


@pytest.mark.parametrize("role", ROLES)
def test_the_navigation_offers_what_the_role_may_open(browser: Any, role: str) -> None:
    client = browser(role)
    text = client.get("/").content.decode()
    offered = ("people", "enrol", "today", "terminals", "staff", "log", "health", "protection")
    for name in (*offered, "consent-refusals"):
        assert (reverse(f"console:{name}") in text) == (role in SHOWN[name]), name
    assert (reverse("kiosk:till") in text) == (role in {"cashier", "office"})


def test_the_front_door_shows_strangers_the_till_the_sign_in_and_the_way_for_families(cast: Any) -> None:
    text = Client().get("/").content.decode()
    assert reverse("account_login") in text
    assert "open the link in the school" in text
    assert reverse("console:people") not in text


def test_somebody_without_a_role_is_told_so(browser: Any) -> None:
    assert "Nothing to open yet" in browser("outsider").get("/").content.decode()


def test_the_front_door_stands_before_the_school_does(db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("willing.people.requests.find_school", lambda: None)
    assert "This school is not set up yet." in Client().get("/").content.decode()


@pytest.fixture
def every_page(cast: Any, office: Client, browser: Any, sell: Any, camera: Any, enrol: Any) -> dict[str, str]:
    """The text of every staff page, with something on it."""

    sale = sell("Carl")
    enrol("Ada", "person_a_2.jpg")
    record_consent(cast.says("Wes", "yes", guardian="Gwen"))
    capture = start_capture(cast.person("Wes"), "canteen", user=cast.user("office"))
    ada, wes = cast.person("Ada"), cast.person("Wes")
    addresses = {
        "home": "/",
        "people": address("people"),
        "person": address("person", person_id=ada.id),
        "own": address("own-decision", person_id=ada.id),
        "enrol": address("enrol") + "?q=a",
        "enrolled": address("enrolled", person_id=ada.id),
        "capture": address("capture", person_id=wes.id, capture_id=capture),
        "today": address("today"),
        "refund": address("refund", sale_id=sale.id),
        "terminals": address("terminals"),
        "no": address("consent-refusals") + "?q=ada",
        "said-no": address("record-refusal", person_id=ada.id),
        "paper": address("consent-form-entry", person_id=ada.id),
        "form": address("consent-form", person_id=ada.id),
    }
    texts = {name: office.get(where) for name, where in addresses.items()}
    texts["log"] = browser("dpo").get(address("log"))
    browser("dpo").post(address("log"))
    wait_for_check()
    texts["checked"] = browser("dpo").get(address("log"))
    texts["pair"] = office.post(address("pair", terminal_id=cast.till.id))
    texts["sign-in"] = Client().get("/sign-in/")
    assert {name: answer.status_code for name, answer in texts.items() if answer.status_code != 200} == {}
    key = uuid4()
    issue_printed_card(ada, by=cast.user("office"), key=key)
    texts["card printed already"] = office.post(address("card", person_id=ada.id), {"key": key})
    return {name: answer.content.decode() for name, answer in texts.items()}


def test_no_page_needs_what_the_policy_refuses(every_page: dict[str, str]) -> None:
    for name, text in every_page.items():
        assert not re.search(r"<script(?![^>]*(?:\bsrc=|application/json))", text), name
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=", text), name
        elsewhere = re.findall(
            r"(?:src|href|action)=\"(?!/|#|\?|data:image/svg|http://testserver/)[^\"]+", text
        )
        assert not elsewhere, (name, elsewhere)


def test_staff_pages_are_kept_by_no_browser(cast: Any, office: Client) -> None:
    answer = office.get(address("person", person_id=cast.person("Ada").id))
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_camera_is_allowed_at_the_capture_and_at_the_desk_that_reads_cards_and_nowhere_else(
    cast: Any, office: Client, camera: Any
) -> None:

    capture = start_capture(cast.person("Ada"), "canteen", user=cast.user("office"))
    page = office.get(address("capture", person_id=cast.person("Ada").id, capture_id=capture))
    assert "camera=(self)" in page.headers["Permissions-Policy"]
    # A press on the desk reads a card's QR code; the script opens no camera before.
    assert "camera=(self)" in office.get(address("enrol")).headers["Permissions-Policy"]
    for name in ("people", "today", "terminals", "classes"):
        assert "camera=()" in office.get(address(name)).headers["Permissions-Policy"]


def test_times_are_those_of_the_school(cast: Any, office: Client, sell: Any) -> None:
    School.objects.update(time_zone="Asia/Shanghai")
    sale = sell()
    assert sale.settled_at is not None
    there = (sale.settled_at + timedelta(hours=8)).strftime("%H:%M")
    assert there in office.get(address("today")).content.decode()


def test_the_pages_speak_chinese(cast: Any, office: Client) -> None:
    office.cookies["django_language"] = "zh-hans"
    text = office.get(address("person", person_id=cast.person("Ada").id)).content.decode()
    assert "刷脸" in text
