"""Rows of the law and of the complaints heard that belong to no single room; all: docs/reference/law.md."""

import ast
import dataclasses
import inspect
import json
import re
import tomllib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction
from tests.architecture.test_writers import all_writes, written
from tests.support.gates import a_lane
from tests.support.registers import ENGLAND
from tests.support.signing import sign_in
from tests.support.spending import grant_sum, sum_left_minor
from tests.support.syntax import nodes
from tests.support.till import pay

from willing.accounts.models import Role
from willing.attendance.answering import mark_here
from willing.attendance.models import Mark
from willing.attendance.set_up import set_attendance
from willing.audit.models import Entry
from willing.biometrics.models import Template
from willing.biometrics.queries import has_face
from willing.consent.models import Purpose
from willing.consent.purposes import served_purposes
from willing.consent.queries import permission
from willing.core.errors import Refused
from willing.credentials.cards import issue_card, revoke_cards
from willing.credentials.pins import set_pin
from willing.gate.set_up import NewLane, edit_lane
from willing.ledger.models import Transfer
from willing.ledger.queries import available_minor
from willing.people.persons import NewPerson, add_person
from willing.people.queries import today
from willing.people.school import create_school
from willing.terminals.actions import NewTerminal, add_terminal
from willing.terminals.models import Terminal
from willing.terminals.queries import asked_purposes
from willing.till.refunds import RefundedBy, refund_sale

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "willing"
OURS = [model for model in apps.get_models() if model.__module__.startswith("willing.")]


def facts_of(entry):
    return json.loads(bytes(entry.hashed))["facts"]


def test_gdpr_25_a_new_school_uses_no_face_before_somebody_decides_so(cast):
    school = create_school("New School")
    person = add_person(school, NewPerson("Nova", "New"))
    assert "face" not in add_terminal(school, NewTerminal("Till 9")).ways
    assert not has_face(person)
    for purpose in served_purposes():
        assert not permission(person, purpose).granted


def test_gdpr_5_a_yes_to_the_canteen_is_none_to_any_other_purpose(cast):
    ada = cast.person("Ada")
    assert permission(ada, "canteen").granted
    assert not any(permission(ada, purpose).granted for purpose in Purpose.values if purpose != "canteen")


@pytest.mark.face
def test_gdpr_25_a_gallery_holds_one_school_and_one_purpose_only(cast, portrait):
    from willing.biometrics.capture import add_capture_frame, finish_capture, start_capture
    from willing.biometrics.engine import require_engine
    from willing.biometrics.gallery import held_persons, live_gallery
    from willing.demo.frames import CameraLike

    school, user = cast.school, cast.user("office")
    shots = CameraLike(portrait("person_a_2.jpg"), require_engine(school), seed=1)
    capture = start_capture(cast.person("Ada"), "canteen", user=user)
    for _ in range(3):
        add_capture_frame(capture, shots.frame(), user=user)
    finish_capture(capture, user=user)
    other = create_school("Other School")
    held = {}
    for one, purpose in ((school, "canteen"), (school, "shop"), (other, "canteen")):
        live_gallery(one, purpose)
        held[one.name, purpose] = len(held_persons(one.id, purpose))
    assert held == {("Test School", "canteen"): 1, ("Test School", "shop"): 0, ("Other School", "canteen"): 0}


def test_gdpr_6_paying_asks_for_no_consent_to_a_face(cast):
    for name in ("Carl", "Nia"):  # one never asked, one who said no
        assert not permission(cast.person(name), "canteen").granted
        sale = pay(cast, name)
        assert sale.receipt_number


def test_skelleftea_2019_no_gate_and_no_register_asks_for_a_face(cast):
    office = cast.user("office")
    set_attendance(cast.school, ENGLAND, by=office)
    assert asked_purposes(cast.school) == ["canteen"]  # a register is no purpose of a face
    lane = a_lane(cast.school, by=office)
    assert lane.terminal.ways == ("card", "pin", "staff")
    # Who agreed to a face at the till has agreed to none at the gate.
    assert permission(cast.person("Ada"), "canteen").granted
    assert not permission(cast.person("Ada"), "gate").granted
    for ways in (("face",), ("face", "staff")):
        with pytest.raises(Refused, match="terminal_needs_another_way"):
            edit_lane(lane, NewLane("Lane 1", lane.door_id, "both", ways), by=office)
    with pytest.raises(IntegrityError), transaction.atomic():
        Terminal.objects.filter(pk=lane.pk).update(takes_card=False, takes_pin=False, takes_face=True)


def test_parana_2025_nothing_but_a_person_or_the_close_writes_a_mark():
    # However it is written: in bulk, by an update, from another room. No SQL writes past the models
    # (tests/architecture/test_writers.py).
    tables = {"attendance.Mark", "attendance.CurrentMark"}
    writers = {one.module for one in all_writes() if tables.intersection(written(one))}
    assert writers == {
        "willing.attendance.marking",
        "willing.attendance.registers",
        "willing.attendance.set_code_marks",
        "willing.attendance.retention",  # deletes after six years
    }
    actions = {"record_marks", "mark_everyone_present", "record_from_device"}
    actions |= {"set_code", "record_set_code", "undo_set_code", "record_few", "undo_few"}
    makers = {
        file.relative_to(SOURCE).as_posix()
        for file in SOURCE.rglob("*.py")
        for node in nodes(file)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("willing.attendance.")
        if actions.intersection(one.name for one in node.names)
    }
    # A page that a person presses, or the device that a person pressed while it had no connection.
    pages = {f"pages/console/{name}.py" for name in ("registers", "register_app", "set_codes")}
    # And a member of staff who answers a family's request of correction, or says that a pupil is here.
    assert makers == {
        *pages,
        "attendance/devices.py",
        "attendance/family_notes.py",
        "attendance/answering.py",
        "attendance/set_codes.py",  # of many, the worker goes on with what that press began
    }
    assert all("uses_camera" not in (SOURCE / page).read_text("utf-8") for page in pages), "nor may they ask"
    assert set(inspect.signature(mark_here).parameters) == {"message", "by"}
    answering = {
        file.relative_to(SOURCE).as_posix()
        for file in SOURCE.rglob("*.py")
        if re.search(r"import .*\banswer_note\b", file.read_text("utf-8"))
    }
    assert answering == {"pages/console/register_notes.py"}
    # Who made it is in the row, and the close is the only one that nobody made.
    by_people = {"register", "correction", "device", "group", "undone"}
    assert set(Mark.Source.values) == by_people | {"close"}
    assert {one.name for one in Mark._meta.constraints} >= {"mark_bears_a_name"}


@pytest.mark.face
def test_eu_ai_act_5_nothing_infers_what_somebody_feels_or_is():
    from willing.face import Face, FaceDecision, FrameResult, Quality

    known = {
        Face: {"box_px", "landmarks_px", "detection_score", "quality", "template", "reference"},
        FrameResult: {"face", "hint", "faces_seen", "quality"},
        Quality: {
            "score", "sharpness", "exposure", "contrast", "yaw_deg", "pitch_deg", "roll_deg", "inter_eye_px",
            "occlusion", "detection_score",
        },
        FaceDecision: {
            "outcome", "person", "score", "margin", "frames", "wrong_person_probability", "threshold",
            "reasons",
        },
    }  # fmt: skip
    for kind, fields in known.items():
        assert {field.name for field in dataclasses.fields(kind)} == fields


def test_complaint_one_form_for_gate_and_shop_each_purpose_has_a_decision_of_its_own(cast):
    from willing.biometrics.consent_changes import record_consent
    from willing.consent.decisions import NewDecision
    from willing.consent.queries import latest_decision, require_notice

    ada = cast.person("Ada")
    record_consent(NewDecision(ada, "shop", "no", require_notice("shop", "child", "en"), "desk"))
    assert latest_decision(ada, "shop", None).answer == "no"
    assert permission(ada, "canteen").granted


def test_complaint_the_card_was_stopped_no_role_takes_a_way_off_a_till(cast):
    for ways in ((), ("face",), ("face", "staff")):
        with pytest.raises(Refused):
            add_terminal(cast.school, NewTerminal("Till 9", ways=ways))
    # Not even past the actions: the database itself refuses.
    with pytest.raises(IntegrityError), transaction.atomic():
        Terminal.objects.filter(name="Till 1").update(takes_card=False, takes_pin=False)


def test_complaint_faces_in_a_library_no_table_holds_a_photograph(cast):
    binary = {
        f"{model._meta.label}.{field.name}"
        for model in OURS
        for field in model._meta.get_fields()
        if isinstance(field, (models.FileField, models.BinaryField))
    }
    # Digests of the log; keys and templates and scans of signed forms, sealed.
    assert binary <= {
        "audit.Entry.hashed", "audit.Entry.entry_hash", "audit.Entry.chain_hash", "audit.Entry.personal_salt",
        "audit.Head.chain_hash", "audit.Head.peaks", "audit.Node.hash", "audit.SignedCheckpoint.root",
        "keys.PersonKey.wrapped", "keys.GallerySecret.wrapped", "biometrics.Template.sealed",
        "consent_forms.ConsentForm.sealed",
        # A closed month's sums, as canonical JSON.
        "books.MonthEnd.content",
        # The school's account, payers and payees, sealed in a room that knows no face.
        "payments.BankDetails.sealed", "payments.StatementLine.sealed", "payments.PayOut.sealed",
        "people.SchoolLogo.png",  # drawn anew by us, at most 480 x 96 pixels, and on every page
    }, binary  # fmt: skip


def test_complaint_faces_in_a_library_nothing_of_ours_calls_another_computer():
    callers = {"requests", "httpx", "urllib.request", "http.client", "aiohttp", "ftplib", "paramiko", "boto3"}
    callers |= {"imaplib", "poplib", "smtplib", "django.core.mail", "django.core.mail.backends.smtp"}
    # The school's own: its mail server, which gets a first name and a link, its mailbox, of which
    # only reports of undelivered mail are fetched, and its own public address.
    schools_own = {
        ("mail/returned.py", "imaplib"),
        ("mail/outbox.py", "smtplib"),
        ("mail/rules.py", "smtplib"),
        ("mail/sending.py", "smtplib"),
        ("ops/reach.py", "http.client"),
        ("ops/upgrade_site.py", "http.client"),  # this computer's own server, whether it has come up
        # A relay at a door, within its own networks (gate.device_rules), which gets a number of seconds.
        ("gate/doors/shelly.py", "requests"),
    }
    # And its receipt printers, which get no name, and its door controllers, which get numbers of cards,
    # both within its own networks (terminals.printer_rules, gate.device_rules).
    sources = {file.relative_to(SOURCE).as_posix(): file.read_text("utf-8") for file in SOURCE.rglob("*.py")}
    assert {path for path, text in sources.items() if ".connect((" in text} == {
        "gate/doors/uhppote.py",
        "terminals/printing.py",
    }
    found = set()
    for file in SOURCE.rglob("*.py"):
        for node in nodes(file):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            found |= {(file.relative_to(SOURCE).as_posix(), name) for name in names if name in callers}
    assert found == schools_own


def test_complaint_a_bank_account_bound_to_a_face_no_table_knows_a_bank():
    words = (
        "iban",
        "bank",
        "account_number",
        "sort_code",
        "card_number",
        "alipay",
        "wechat",
        "payment_token",
    )
    fields = {
        f"{model._meta.label}.{field.name}".lower() for model in OURS for field in model._meta.get_fields()
    }
    found = [field for field in fields if any(word in field.split(".")[-1] for word in words)]
    assert not [field for field in found if not field.startswith("payments.")]
    # No till, no terminal and no part of the engine imports that room, and accounts in it are sealed.
    assert {"payments.bankdetails.sealed", "payments.payout.sealed"} <= fields
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    (kept,) = [one for one in contracts["contracts"] if one.get("forbidden_modules") == ["willing.payments"]]
    assert {"willing.biometrics", "willing.face", "willing.terminals", "willing.till"} <= set(
        kept["source_modules"]
    )


def test_complaint_a_fee_for_a_card_no_way_costs_anything(cast):
    carl = cast.person("Carl")
    before, transfers = available_minor(carl), Transfer.objects.count()
    revoke_cards(carl)
    code = issue_card(carl)
    set_pin(carl, "6194")
    assert (available_minor(carl), Transfer.objects.count()) == (before, transfers)
    anew = replace(cast, cards=cast.cards | {"Carl": code}, pins=cast.pins | {"Carl": "6194"})
    totals = {way: pay(anew, "Carl", way=way) for way in ("card", "pin", "staff")}
    assert {way: sale.way for way, sale in totals.items()} == {way: way for way in totals}
    assert {sale.total_minor for sale in totals.values()} == {cast.meal.price_minor}


def test_complaint_the_dinner_staff_enrolled_a_child_no_cashier_can_enrol(client, cast):
    sign_in(client, cast.user("cashier"))
    ada = cast.person("Ada")
    assert client.get("/staff/enrol/").status_code == 403
    assert client.post(f"/staff/enrol/{ada.id}/canteen/start/").status_code == 403
    assert not Template.objects.exists()


def test_promise_10_no_role_may_watch_search_or_export_faces():
    assert set(Role.Kind.values) == {
        "cashier", "office", "canteen", "teacher", "dpo", "administrator", "guardian", "pupil",
    }  # fmt: skip


def test_complaint_free_meal_pupils_stand_out_the_allowance_is_spent_first_and_silently(cast, client):
    carl, bo, office = cast.person("Carl"), cast.person("Bo"), cast.user("office")
    grant_sum(bo, cast.meal.price_minor, by=office)
    free = pay(cast, "Bo")
    paid = pay(cast, "Carl")
    assert (available_minor(bo), sum_left_minor(bo)) == (0, 0)
    # One queue, one receipt: nothing that a till, a receipt or the log shows tells the two apart.
    assert (free.total_minor, free.way, free.receipt_number + 1) == (
        paid.total_minor,
        paid.way,
        paid.receipt_number,
    )
    settled = [Entry.objects.get(event="sale.settled", subject=person.id) for person in (bo, carl)]
    assert facts_of(settled[0]).keys() == facts_of(settled[1]).keys()
    granted = facts_of(Entry.objects.get(event="entitlement.granted"))
    assert str(cast.meal.price_minor) not in map(str, granted.values())
    # A second meal on the same day is paid as by anybody; given back, the allowance is whole again.
    pay(cast, "Bo")
    assert available_minor(bo) == -cast.meal.price_minor
    refund_sale(free.id, key=uuid4(), by=RefundedBy(user=office))
    assert sum_left_minor(bo) == cast.meal.price_minor
    grant_sum(bo, 250, by=office, last_day=today(cast.school) - timedelta(days=1))
    assert sum_left_minor(bo) == 0


def test_the_office_grants_free_meals_and_ends_them(client, cast):
    bo = cast.person("Bo")
    address = f"/staff/people/{bo.id}/meals/"
    said = {"kind": "sum", "source": "school", "amount": "2.50", "first_day": str(today(cast.school))}
    sign_in(client, cast.user("cashier"))
    assert client.post(address, said).status_code == 403
    client.logout()
    sign_in(client, cast.user("office"))
    assert client.post(address, {**said, "amount": "x"}).status_code == 422
    assert client.post(address, {**said, "last_day": "2099-07-01"}).status_code == 302
    assert sum_left_minor(bo) == 250
    assert "2.50 a day" in client.get(address).content.decode()
    held = bo.entitlements.get()
    client.post(f"{address}{held.id}/end/", {"last_day": str(today(cast.school) - timedelta(days=1))})
    assert sum_left_minor(bo) == 0
