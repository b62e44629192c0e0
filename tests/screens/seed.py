"""Set up the schools that are photographed, through the rooms' own actions; print what the addresses need.

`python -m tests.screens.seed full|empty`, in a process of its own with $WILLING_HOME of that school.
"""

import hashlib
import json
import sys
import tempfile
from datetime import time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from tests.face.liveness.warmth import write_warmth
from tests.journeys.seed import sign_in
from tests.pages.console.seed import PASSWORD, ROLES, add, agree, enrol, seed
from tests.roster.bundles import Bundle
from tests.roster.bundles import school as bundle_of_school
from tests.roster.bundles import user as user_of_bundle
from tests.screens.seed_doors import fill_doors
from tests.support.clocks import stopped_at
from tests.support.gates import a_passage, walk_through
from tests.support.money import pay_in
from tests.support.spending import grant_sum

from willing.accounts.actions import NewUser, add_user
from willing.accounts.models import User
from willing.accounts.sign_ins import (
    accept_invitation,
    allow_pupil_sign_in,
    invite_guardian,
    require_pupil_user,
)
from willing.accounts.staff import NewStaff, disable_user, invite_staff
from willing.allergens.actions import record_allergen
from willing.allergens.events import EventReport, report
from willing.attendance.family_notes import NewNote, NoteAnswer, answer_note, write_note
from willing.attendance.marking import NewMark, record_marks
from willing.attendance.message_models import AbsenceMessage, ContactTry, MessageRun
from willing.attendance.models import CurrentMark, Register, SetCode
from willing.attendance.queries import groups_of, lines_of, members_on
from willing.attendance.registers import open_register
from willing.attendance.set_code_queries import RECORD_JOB, Whom
from willing.attendance.set_code_rules import WantedSet
from willing.attendance.set_codes import NewSet, set_code, undo_set_code
from willing.attendance.set_up import (
    NewSettings,
    NewTime,
    add_class_groups,
    add_district_code,
    add_group,
    set_attendance,
    set_members,
    set_teachers,
)
from willing.audit.models import Entry
from willing.biometrics.capture import start_capture
from willing.biometrics.consent_changes import record_refusal
from willing.biometrics.erasure import erase_faces
from willing.biometrics.models import Template
from willing.biometrics.picture_models import PictureTest, PictureTestCount
from willing.biometrics.picture_tests import finish_test, start_test
from willing.biometrics.rules import REFRESH_DAYS_MIN
from willing.biometrics.school_policy import decide_pictures
from willing.boarding.evening import NewEveningMark as EveningWord
from willing.boarding.evening import close_list, mark_all_here, open_list
from willing.boarding.evening import record_marks as mark_evening
from willing.boarding.living import move_in, set_rooms
from willing.boarding.models import Boarder
from willing.boarding.queries import lines_of as evening_lines
from willing.boarding.queries import local_now
from willing.boarding.rules import night_of
from willing.boarding.set_up import NewCheck, add_house, set_checks, set_wardens
from willing.books.actions import NewRate, set_tax_rate
from willing.complaints.actions import ComplaintAnswer, NewComplaint, answer_complaint, raise_complaint
from willing.config.static_files import prepare_static_files
from willing.consent.publishing import publish_notices
from willing.core.clock import now
from willing.core.paths import home
from willing.credentials.cards import issue_card
from willing.credentials.pins import set_pin
from willing.credentials.print_rules import PrintLayout
from willing.credentials.print_runs import NewRun, confirm_sheets, finish_cards, note_made, start_run
from willing.credentials.staff_leavers import delete_staff
from willing.credentials.staff_pins import set_own_pin
from willing.dpia.breach_models import Breach
from willing.dpia.breaches import BreachDetails, NewStep, add_step, record_breach
from willing.dpia.fuse_rules import FuseKind
from willing.dpia.fuses import FuseFinding, replay_blown, settle_fuses
from willing.drawers.actions import add_drawer
from willing.drawers.pay_ins import Paying, take_at_office
from willing.drawers.sessions import Close, close_session, count_drawer, open_session
from willing.entitlements.actions import NewEntitlement, grant
from willing.face.liveness.weights import install
from willing.gate.device_rules import DeviceSettings, Driver
from willing.gate.devices import NewDevice, NewWiring, set_device, wire_door
from willing.gate.models import Lane, PassageWay
from willing.gate.passages import Press, record_passage
from willing.gate.set_up import NewLane, add_door, add_lane, close_lane
from willing.jobs.actions import enqueue, run_due
from willing.jobs.models import Job
from willing.keys.set_up import set_up
from willing.leave.answering import refuse
from willing.leave.asking import NewLeave, ask_as_pupil, enter_for_family
from willing.leave.desk import sign_out
from willing.leave.models import Trip
from willing.leave.rules import WantedLeave
from willing.leave.trip_days import note_departure
from willing.leave.trips import NewTrip, plan_trip
from willing.ledger.accounts import open_wallet
from willing.ledger.actions import Order, post
from willing.ledger.models import Transfer
from willing.ledger.queries import available_minor
from willing.mail.models import Topic
from willing.mail.outbox import write_to
from willing.mail.sending import NewServer, set_mail_server
from willing.ops.bank_files import read_bank_file
from willing.payments.account_rules import read_account
from willing.payments.bank_details import set_bank_details
from willing.payments.matching import book_waiting
from willing.payments.models import BankDetails
from willing.payments.pay_outs import AskedBy, approve, ask_pay_out
from willing.payments.queries import waiting_lines
from willing.payments.reference_rules import write_reference
from willing.payments.references import number_of
from willing.payments.statements import store_statement
from willing.people.calendar import add_entry, read_hours, set_week
from willing.people.calendar_rules import CalendarSpan as Days
from willing.people.guardians import add_guardian, link_guardian
from willing.people.models import CalendarEntry, Guardian, Person, School
from willing.people.persons import NewPerson, add_person, mark_left
from willing.people.queries import classes_of, listed_guardians, present_persons, today
from willing.people.school import create_school
from willing.people.school_days import next_school_day
from willing.rollcall.calling import close_roll_call, start_roll_call
from willing.rollcall.devices import note_list_sent
from willing.rollcall.set_up import NewPoint, name_warden, set_point, write_medical_words
from willing.rollcall.ticking import tick_here
from willing.roster.apply import apply_plan
from willing.roster.import_job import JOB
from willing.roster.models import ListImport
from willing.roster.plan import Options, make_plan
from willing.roster.uploads import keep_upload, note_work
from willing.terminals.actions import NewTerminal, add_terminal
from willing.terminals.models import Terminal
from willing.terminals.pairing import start_pairing
from willing.till.baskets import open_basket
from willing.till.cash import Tender, due_in_cash, sell_for_cash
from willing.till.declarations import NewDeclaration, change_ingredient, declare, sign_menu
from willing.till.identification import identify_by_card
from willing.till.limit_rules import NewLimits
from willing.till.limits import set_limits
from willing.till.menu_models import Product
from willing.till.models import Sale
from willing.till.payment import confirm_basket
from willing.till.school_limits import NewSchoolLimits, set_school_limits
from willing.till.starter import add_starter_menu
from willing.visits.actions import NewVisit, VisitorSignIn, announce_visit
from willing.visits.actions import sign_in as visitor_in
from willing.visits.actions import sign_out as visitor_out
from willing.visits.models import Visit
from willing.visits.staff_days import set_user_in

PIN = "4826"
LONG = ("Maximiliana-Theodora Alexandrina", "von und zu Hohenstein-Lichtenfels")
PUPILS = (
    ("Zoë", "Ó Briain", "Year 7"),
    ("小明", "李", "Year 7"),
    ("Đức", "Nguyễn", "Year 7"),
    ("Chidi", "", "Year 9"),
    (*LONG, "Year 10"),
    ("Ben", "Okafor", "Year 8"),
)
# Nadia is refused (her id is there twice with other names), and Otto would leave.
LIST = (
    "Given name,Family name,Class,Pupil number,Parent,Parent e-mail\n"
    "Ana,Silva,Year 8,A1,Ivo Silva,ivo@example.org\nNadia,Kahn,Year 7,A2,,\nNadja,Kahn,Year 7,A2,,\n"
)

# With headings that need no mapping: one is new, one is refused, and nobody leaves while that is so.
PLAIN_LIST = (
    "external_id,given_name,family_name,year,guardian_name,guardian_email\n"
    "A1,Ana,Silva,Year 8,Ivo Silva,ivo@example.org; i.silva@example.org\n"
    "A2,#N/A,Kahn,Year 7,Dara Kahn,dara@example\n"
)


def full() -> dict[str, Any]:
    """A school in its third week: everything that a page can show is there at least once."""
    known = seed()
    school = School.objects.get()
    school.public_address = "https://lunch.willowbrook.example"
    school.save(update_fields=["public_address"])
    everybody = User.objects.get(username="all")
    office = User.objects.get(username="office")
    add_starter_menu(school, by=everybody)
    people = {given: add_pupil(school, given, family, year) for given, family, year in PUPILS}
    ana = Person.objects.get(pk=known["persons"]["Ana"])
    chen = Person.objects.get(pk=known["persons"]["Chen"])
    left = add(school, "Otto", "Lang")
    sides = (open_wallet(left).id, open_wallet(ana).id)
    post(Order(uuid4(), *sides, available_minor(left) + 300, "sibling", left.id))  # so that he owes something
    mark_left([left.id])
    invited, _ = invite_staff(school, NewStaff(uuid4(), "Priya Nair", ("cashier",)), by=everybody)
    gone = add_user(school, NewUser("tom", PASSWORD, "Tom Reed", ("canteen", "cashier")))
    disable_user(school, gone.pk, by=everybody)
    left_for_good = add_user(school, NewUser("ulla", PASSWORD, "Ulla Brandt", ("office",)))
    delete_staff(school, left_for_good.pk, by=everybody)
    guardian = Guardian.objects.get(name="Ana's parent")
    write(school, everybody, guardian, ana)
    capture = start_capture(Person.objects.get(pk=known["persons"]["Ben"]), "canteen", user=office)
    complaint = raise_complaint(
        chen,
        NewComplaint("wrong_charge", sale=UUID(known["sale"]), said="I had a sandwich.", taken_by=office),
    )
    sell_some(school, people)
    fill_money_pages(school, everybody, guardian, people, ana)
    fill_allergens(school, everybody, ana, people["Chidi"], guardian)
    register = fill_registers(school, office, everybody)
    note_id = fill_attendance(register, ana, guardian, everybody)
    set_codes = set_codes_for_many(register, ana, everybody)
    trip = fill_leaves(school, office, everybody, ana, guardian)
    visit = fill_visits(school, office, everybody, ana)
    evening = fill_boarding(school, office, everybody, ana)
    lane = a_passage(school, ana, by=office).lane
    assert lane is not None
    lanes = fill_gate(school, office, ana, lane)
    give_recovery_codes(everybody)
    roll_calls = fill_roll_calls(school, office, everybody, ana)
    grandfather = add_guardian(
        people[LONG[0]], "Archibald Hohenstein-Lichtenfels", relationship="grandfather"
    )
    Guardian.objects.filter(pk=grandfather.pk).update(phone="+44 20 7946 0018")
    grown = fill_faces(school, office, ana)
    settle_fuses(school, {FuseFinding(FuseKind.FASTER_FACE)}, is_quiet=True)
    replay_blown(str(school.id), FuseKind.MOSTLY_FACES, people[LONG[0]].year_group_id)
    terminal = Terminal.objects.earliest("name")
    second = add_terminal(school, NewTerminal("Canteen 2", ways=("card", "pin", "face", "staff")))
    return {
        **known,
        "register_id": str(register.id),
        "group_id": str(register.group_id),
        "note_id": note_id,
        **set_codes,
        "trip_id": str(trip.id),
        "late_trip": str(late_trip(school, office).id),
        "visit_id": str(visit.id),
        **evening,
        "lane_id": str(lane.pk),
        **fill_doors(school, office, lane, ana),
        "lanes": lanes,
        # Who makes a device a lane is signed out there.
        "pairing_sessions": {kind: sign_in(everybody) for kind in lanes},
        **roll_calls,
        "invitation": invite_guardian(Guardian.objects.get(name="Dora Wei"), by=office),
        "card": issue_card(people["小明"]),
        "face_card": issue_card(grown),
        "allergic_card": issue_card(people["Chidi"]),
        "number": people["Zoë"].till_number,
        "pin": PIN,
        "pairing_code": start_pairing(second),
        **pay_in_cash(school, second, office),
        "sessions": {
            "staff": known["session"],
            "guardian": sign_in(accept(guardian, everybody)),
            "pupil": sign_in(pupil_user(school, ana, everybody)),
        },
        "passkey_id": give_passkey(everybody),
        "breach_id": record_a_breach(school, everybody).pk,
        "breach_kind": "authority",
        "person_id": ana.id,
        **print_cards(school, [ana, chen, people["Ben"]], office),
        "other_id": known["persons"]["Ben"],
        "undecided": chen.id,
        "left": left.id,
        "twin": people["Ben"].id,
        "long": people[LONG[0]].id,
        "guardian_id": guardian.id,
        "other_guardian": second_record(people["Zoë"], office).id,
        "class_id": ana.year_group_id,
        "user_id": office.pk,
        "invited": invited.pk,
        "terminal_id": terminal.id,
        "test_id": try_pictures(terminal, everybody).pk,
        "product_id": Product.objects.earliest("position").id,
        "entry_id": set_calendar(school).id,
        "next_school_day": str(next_school_day(school, today(school))),
        "capture_id": capture,
        "complaint_id": complaint.id,
        **take_cash(ana, office),
        "transfer_id": Transfer.objects.filter(credit__person=ana, reason="topup").earliest("at").id,
        "year": today(school).year,
        "month": today(school).month,
        "sale_id": known["sale"],
        **bank(school, everybody, ana),
        "import_number": import_list(school, everybody),
        "no_import": 99,
        "upload_id": keep_upload("people.csv", LIST.encode(), user_id=everybody.pk),
        "plain_list": keep_upload("pupils.csv", PLAIN_LIST.encode(), user_id=everybody.pk),
        "being_imported": import_in_progress(everybody),
        "bundle": keep_upload("district.zip", district(), user_id=everybody.pk),
        "token": known["links"]["Dora"],
        "sequence": Entry.objects.filter(event="face.erased").earliest("sequence").sequence,
        "receipt": Entry.objects.filter(event="consent.decided", subject=ana.id).latest("sequence").sequence,
    }


def fill_faces(school: School, office: User, ana: Person) -> Person:
    """Let a face have been erased, and Ana's been refreshed; return who may refresh theirs at a till now."""
    for given, family in (("Ida", "Holm"), ("Mia", "Hartmann")):
        person = add(school, given, family)
        agree(person, f"{given}'s father", office)
        enrol(person, "person_b_1", office)
        if given == "Ida":
            erase_faces(person, cause="office")
    old, lately = now() - timedelta(days=REFRESH_DAYS_MIN + 1), now() - timedelta(days=3)
    Template.objects.filter(person__in=[person, ana]).update(enrolled_at=old)
    Template.objects.filter(person=ana).update(refreshed_at=lately)
    return person


def print_cards(school: School, persons: list[Person], by: User) -> dict[str, UUID]:
    """Print cards: one run waits, one is being made, one is confirmed."""
    runs = [
        start_run(NewRun(school, "cards", PrintLayout.CARDS_TEN, 12, uuid4()), by=by) for _number in range(3)
    ]
    waiting, being_made, done = runs
    for run in (done, waiting):
        finish_cards(run, persons, by=by, instead_of=None)
        if run is done:
            confirm_sheets(run.pk, until=None, by=by)
    note_made(being_made, 7)
    return {"run_id": waiting.pk, "run_being_made": being_made.pk, "run_done": done.pk}


def import_in_progress(by: User) -> UUID:
    """Keep a list of which some rows are written; its job is due in an hour, so no worker goes on with it."""
    upload_id = keep_upload("people.csv", LIST.encode(), user_id=by.pk)
    note_work(upload_id, {"asked": {}, "state": "writing", "done": 1500, "total": 4300})
    enqueue(JOB, [upload_id])
    Job.objects.filter(kind=JOB, subject=upload_id).update(due_at=now() + timedelta(hours=1))
    return upload_id


def district() -> bytes:
    """Return a bundle of two schools."""
    bundle = bundle_of_school(Bundle("1.1"))
    bundle.add("orgs", sourcedId="s2", name="Willow Brook Infants", type="school")
    with tempfile.TemporaryDirectory() as folder:
        path: Path = user_of_bundle(bundle, "u1", "Una").zip(Path(folder) / "district.zip")
        return path.read_bytes()


def give_recovery_codes(user: User) -> None:
    """Let someone have the codes that replace a lost second factor."""
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes  # needs Django's set-up above

    RecoveryCodes.activate(user)


def give_passkey(user: User) -> int:
    """Let someone have a passkey, of a device that is gone."""
    from allauth.mfa.models import Authenticator  # needs Django's set-up above
    from tests.pages.sign_in.device import Device

    made = Device().make({"publicKey": {"challenge": "eA", "rp": {"id": "localhost"}}})
    data = {"name": "Telephone", "credential": json.loads(made)}
    return int(Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data=data).pk)


def fill_registers(school: School, office: User, by: User) -> Register:
    """Let a register of today be begun, with one mark that two people make differently."""
    halves = (NewTime("上午", time(0)), NewTime("Afternoon", time(13)))
    set_attendance(school, NewSettings("england_2024", 30, halves), by=by)
    add_class_groups(school, by=by)
    add_district_code(school, "FLU", "Flu clinic", "M", by=by)
    group = max(groups_of(school), key=lambda one: members_on(one, today(school)).count())
    set_teachers(school, group.id, [by], by=by)
    register = open_register(school, group.id, today(school), 1, by=by)
    first, second, *_ = lines_of(register)
    record_marks(register, [NewMark(first.person.id, "I"), NewMark(second.person.id, "L", 12)], by=by)
    record_marks(register, [NewMark(first.person.id, "L", 5)], by=office)
    leave_families_to_be_asked(school, register, office)
    return register


def fill_attendance(register: Register, ana: Person, guardian: Guardian, by: User) -> UUID:
    """Let a week have marks of every kind, and a family's note and request wait beside an answered one."""
    school, day = register.group.school, today(register.group.school)
    for back, code in ((7, "N"), (6, "O"), (5, "I"), (4, "L"), (3, "N"), (2, "M"), (1, "U")):
        on = day - timedelta(days=back)
        for number in (1, 2):
            earlier = open_register(school, register.group_id, on, number, by=by)
            here, *others = lines_of(earlier)
            present = "/" if number == 1 else "\\"
            marks = [NewMark(one.person.id, present) for one in others]
            record_marks(earlier, [NewMark(here.person.id, code, reason="Telephone"), *marks], by=by)
    record_marks(register, [NewMark(ana.id, "U", 40)], by=by)
    held = CurrentMark.objects.filter(person=ana, day=day, number=1).first()
    notes = [NewNote("note", day, "咳嗽，可能提前回家。 Home early.", guardian=guardian)]
    if held is not None:
        said = "公交车晚点，司机已告知学校，请再核实。"
        notes.append(NewNote("correction", day, said, 1, guardian))
    written = [write_note(ana, one) for one in notes]
    note = write_note(ana, NewNote("note", day - timedelta(days=1), "Dentist, 10:00", guardian=guardian))
    answer_note(note.id, NoteAnswer(by, "Noted"))
    return written[-1].id


def set_codes_for_many(register: Register, ana: Person, by: User) -> dict[str, UUID]:
    """Let a bus not have come, pupils be elsewhere today and on two days a week, and one press be undone.

    The worker is in the middle of the bus: it goes on in an hour. Return which that is, and the list.
    """
    school, day = register.group.school, today(register.group.school)
    bus = add_group(school, "Bus 4 / 四号校车", by=by, is_list=True)
    set_members(school, bus.id, [one.person for one in lines_of(register)][-2:], by=by)
    list_, alone = Whom(group_ids=frozenset({bus.id})), Whom(person_ids=frozenset({ana.id}))
    weekdays = frozenset({day.isoweekday() % 7 + 1, (day.isoweekday() + 2) % 7 + 1})
    elsewhere = WantedSet("D", day, day + timedelta(days=90), "Hospital school / 医院学校", weekdays)
    set_code(school, NewSet(elsewhere, alone), by=by)
    left_out = set_code(school, NewSet(WantedSet("Y1", day, day, "校车故障"), list_), by=by)
    SetCode.objects.filter(pk=left_out.pk).update(places=3000)
    enqueue(RECORD_JOB, [left_out.pk])
    Job.objects.filter(kind=RECORD_JOB).update(due_at=now() + timedelta(hours=1))
    # Set before today, so that it is proposed today and nobody has recorded it.
    part_time = WantedSet("C2", day + timedelta(days=1), day + timedelta(days=30), "Part-time / 减时课表")
    blank = next(one.person.id for one in lines_of(register) if not one.mark)
    proposed = set_code(school, NewSet(part_time, Whom(person_ids=frozenset({blank}))), by=by)
    SetCode.objects.filter(pk=proposed.pk).update(first_day=day)
    flood = WantedSet("Y4", day, day, "日期有误")
    undone = set_code(school, NewSet(flood, Whom(everyone=True)), by=by)
    undo_set_code(school, undone.id, by=by)
    return {"set_code_id": left_out.pk, "bus_list": bus.id}


def fill_roll_calls(school: School, office: User, everybody: User, ana: Person) -> dict[str, Any]:
    """Let a drill be over and a live roll call run, with points, a warden, and words for helpers."""
    classes = [one.pk for one in classes_of(school)]
    yard = set_point(school, NewPoint("Sports field, sign 1", classes[::2]), by=office)
    set_point(school, NewPoint("Car park", classes[1::2], is_for_staff=True, is_for_visitors=True), by=office)
    name_warden(school, office.pk, by=everybody, point_id=yard.id)
    note_list_sent(school, by=office, device_id=uuid4(), is_opened=False)
    write_medical_words(ana, "adrenaline pen", "consent", by=office)
    drill = start_roll_call(school, "drill", by=everybody)
    for one in list(present_persons(school).order_by("given_name"))[:6]:
        tick_here(school, drill.id, one.id, "safe", by=office)
    close_roll_call(school, drill.id, by=office)
    running = start_roll_call(school, "live", by=everybody)
    for one in list(present_persons(school).order_by("-given_name"))[:4]:
        tick_here(school, running.id, one.id, "safe", by=office)
    return {
        "roll_call_id": running.id,
        "roll_call_over": drill.id,
        "point_id": yard.id,
    }


def fill_leaves(school: School, office: User, by: User, ana: Person, guardian: Guardian) -> Trip:
    """Let leaves wait, be agreed, be out and be refused, and pupils be on a trip; today and in a week."""
    day, reached = today(school), "8:10 拨打留存的电话"
    group = max(groups_of(school), key=lambda one: members_on(one, day).count())
    goes = [one.pk for one in members_on(group, day) if one.pk != ana.pk][:4]
    soon, later, after = (day + timedelta(days=days) for days in (7, 14, 8))
    long = "眼科检查，最后一节课前返校，麻烦老师留一份午餐，谢谢"
    known = {"guardian_id": guardian.id, "reached": reached, "by": office}
    eyes = NewLeave(WantedLeave(soon, soon, time(10), time(12, 30)), "appointment", long)
    enter_for_family(ana, eyes, **known)  # type: ignore[arg-type]
    away = NewLeave(WantedLeave(later, later + timedelta(days=2)), "other")
    refused = enter_for_family(ana, away, **known)  # type: ignore[arg-type]
    refuse(school, refused.id, reason="这几天有考试", by=office)
    ask_as_pupil(ana, NewLeave(WantedLeave(after, after), "interview"), by=by)
    out = enter_for_family(ana, NewLeave(WantedLeave(day, day), "illness"), **known)  # type: ignore[arg-type]
    sign_out(school, out.id, by=office)
    name = "自然博物馆参观"
    trip = plan_trip(school, NewTrip(name, "visit", WantedLeave(day, day), goes, (by, office)), by=by)
    return note_departure(school, trip.id, by=by)


def late_trip(school: School, by: User) -> Trip:
    """Let a trip of yesterday have left and not be back."""
    day = today(school)
    goes = [one.pk for one in present_persons(school).filter(kind="pupil").order_by("id")[:2]]
    new = NewTrip("Swimming gala / 游泳比赛", "sport", WantedLeave(day, day), goes, (by,))
    trip = note_departure(school, plan_trip(school, new, by=by).id, by=by)
    yesterday = day - timedelta(days=1)
    Trip.objects.filter(pk=trip.pk).update(
        first_day=yesterday,
        last_day=yesterday,
        until_time=time(14, 30),
        departed_at=now() - timedelta(days=1),
    )
    return trip


def fill_boarding(school: School, office: User, by: User, ana: Person) -> dict[str, str]:
    """Let a house have a list tonight with each kind of mark, a closed one before, and another house none."""
    at = local_now(school)
    pupils = [one for one in Person.objects.filter(kind="pupil", left_at=None).order_by("id") if one != ana]
    house = add_house(school, "Haus Nordlicht, vordere Stiege", check_name="Evening", by=by)
    south = add_house(school, "南楼", check_name="Evening", by=by)
    move_in(school, house.id, [ana.id, *(one.id for one in pupils[:9])], by=by, room="12")
    move_in(school, south.id, [one.id for one in pupils[9:11]], by=by)
    set_rooms(school, house.id, {ana.id: "A2", pupils[0].id: "101 links hinten"}, by=by)
    set_wardens(school, house.id, [by.pk, office.pk], by=by)
    # Whatever the hour is: the night of a list is the one of its time, and so it can be opened now.
    Boarder.objects.update(first_night=night_of(at))
    other = at.replace(minute=at.minute - 1 if at.minute else 1)  # of the same hour, so of the same night
    times = [NewCheck("Supper", min(other, at).time()), NewCheck("Evening", max(other, at).time())]
    set_checks(school, times, 30, by=by)
    supper = open_list(school, house.id, night_of(at), 1, by=office)
    mark_all_here(supper, by=office)
    away = [one.person.id for one in evening_lines(supper) if one.word is None]  # on leave or a trip
    mark_evening(supper, [EveningWord(one, "leave") for one in away], by=office)
    close_list(supper, by=office)
    mark_evening(supper, [EveningWord(ana.id, "late", 1, "20:50 牙医")], by=by)
    found = open_list(school, house.id, night_of(at), 2, by=by)
    words = ["here", "late", "absent", "leave", "here"]
    mark_evening(found, [EveningWord(one.id, word) for one, word in zip(pupils, words, strict=False)], by=by)
    mark_evening(found, [EveningWord(pupils[0].id, "absent")], by=office)
    return {"house_id": str(house.id), "list_id": str(found.id), "closed_list": str(supper.id)}


def fill_visits(school: School, office: User, by: User, ana: Person) -> Visit:
    """Let visitors be expected, on the site, gone and never signed out, and staff be in."""
    new = [
        NewVisit("李建国", by, "contractor", "城东锅炉检修有限责任公司第三工程队", "锅炉年检"),
        NewVisit("Vivian Montgomery-Featherstonehaugh", office, expected_at=time(10, 30)),
        NewVisit(ana.full_name, by, purpose="Parents' evening", is_namesake=True),
        NewVisit("Olu Gone", office),
        NewVisit("Lee Later", by, day=today(school) + timedelta(days=3)),
        NewVisit("Nia Neverout", office, organisation="Catering Ltd"),
    ]
    visits = [announce_visit(school, one, by=by) for one in new]
    for number, one in enumerate([visits[0], *visits[2:4], visits[5]], 1):
        visitor_in(school, one.id, VisitorSignIn(number != 2, number), by=office)  # one of them was not shown
    visitor_out(school, visits[3].id, by=office)
    Visit.objects.filter(pk=visits[5].pk).update(
        day=today(school) - timedelta(days=1), in_at=now() - timedelta(days=1)
    )
    set_user_in(school, by, is_in=True)
    return visits[2]


def fill_gate(school: School, by: User, person: Person, used: Lane) -> dict[str, str]:
    """Set up a lane that takes everything, one whose door is broken, and a closed one. Return their codes.

    The clocks of two of them are wrong. used: a lane that was used often enough for its waits to be shown.
    """
    for hours, (way, waited_ms) in enumerate((("card", 400), ("pin", 6_300), ("face", 2_900))):
        with stopped_at(now() - timedelta(hours=hours)):
            walk_through(used, person, way, waited_ms=waited_ms, times=20)
    names = {"ready": "北门 1 号通道", "fault": "Lane 3", "closed": "Lane 4"}
    made = {}
    for kind, name in names.items():
        door = add_door(school, f"Door {name}", by=by)
        kinds = ("card",) if kind == "fault" else ("central", "card")
        new = NewLane(name, door.id, "in", ("card", "pin", "face", "staff"), kinds)
        lane = add_lane(school, new, by=by)
        made[kind] = start_pairing(lane.terminal)
        if kind != "closed":
            at = now() + timedelta(seconds=-4_210 if kind == "fault" else 95)
            record_passage(lane, Press(uuid4(), device_time=at), person, PassageWay.CARD)
        if kind == "fault":
            relay = DeviceSettings(Driver.SHELLY, "127.0.0.1:9")
            wire_door(door, NewWiring(set_device(school, NewDevice(relay), by=by), 0, 3), by=by)
        if kind == "closed":
            close_lane(lane, by=by)
    return made


def leave_families_to_be_asked(school: School, register: Register, by: User) -> None:
    """Let pupils be absent without a reason, messages be held and stopped, and one be sent."""
    ana = Person.objects.get(given_name="Ana")
    run = MessageRun.objects.create(
        school=school, day=today(school), number=1, state="sent", staged_by=by, families=1, roll=200,
        seconds_left=0, settled_at=now(),
    )  # fmt: skip
    message = AbsenceMessage.objects.create(run=run, person=ana, day=run.day, number=1, state="sent")
    for guardian in listed_guardians(ana.id):
        ContactTry.objects.create(message=message, guardian=guardian, channel="mail", state="sent")
    waiting = [one.person for one in lines_of(register) if one.mark is None and one.person != ana]
    for state, persons in (("held", waiting[:1]), ("stopped", waiting[1:2])):
        for person in persons:
            held = MessageRun.objects.create(
                school=school, day=today(school), number=1, state=state, staged_by=by, families=1502,
                roll=1900, seconds_left=540,
            )  # fmt: skip
            AbsenceMessage.objects.create(run=held, person=person, day=held.day, number=1)


def fill_allergens(school: School, by: User, ana: Person, chidi: Person, guardian: Guardian) -> None:
    """Let the pages about allergens have something in every part; not every dish is declared or signed."""
    meal, other, third, *_ = Product.objects.filter(school=school, is_on_sale=True).order_by(
        "-is_main_meal", "position"
    )
    declare(meal, NewDeclaration(("gluten",), ("nuts",)), by=by)
    declare(other, NewDeclaration((), ("milk",)), by=by)
    sign_menu(school, by=by)
    declare(third, NewDeclaration(("fish", "=celeriac")), by=by)
    record_allergen(ana, "milk", by=guardian)
    record_allergen(ana, "=Kiwi", by=by, basis="care_plan")
    record_allergen(chidi, "milk", by=by, basis="care_plan")
    record_allergen(chidi, "=Kiwi", by=by, basis="care_plan")
    change_ingredient(school, [meal.pk], NewDeclaration(("milk",), (), "酱汁换了供应商"), by=by)
    for kind, words in (("near_miss", "她自己发现了酱汁"), ("reaction", "12:20")):
        report(school, ana, EventReport(kind, meal.name, words, now(), ("milk",)), by=by)


def fill_money_pages(
    school: School, by: User, guardian: Guardian, people: dict[str, Person], ana: Person
) -> None:
    """Let the pages about money have something in every part."""
    sell_in_weeks_before(people)
    link_guardian(guardian, people["Chidi"])
    set_school_limits(school, NewSchoolLimits(weekly_minor=4000), by=by)
    set_limits(ana, NewLimits(daily_minor=600, purchase_minor=450), by=guardian)
    set_tax_rate(school, NewRate("", "", 2000, today(school) - timedelta(days=40)), by=by)
    soon = today(school) + timedelta(days=12)
    grant(
        people["Zoë"], NewEntitlement("meal", "benefits", today(school), check_on=soon, family_minor=0), by=by
    )
    grant_sum(people["Ben"], 300, by=by)
    poor = people["Đức"]
    debt = available_minor(poor) + school.grace_minor
    post(Order(uuid4(), open_wallet(poor).id, open_wallet(ana).id, debt, "sibling", poor.id))
    sell_one(poor)
    gone = add(school, "Nils", "Berg")
    mark_left([gone.id])
    ask_pay_out(people["Ben"], 500, asked_by=AskedBy(user=by), key=uuid4(), account=None)
    said = NewComplaint("wrong_charge", sale=sell_one(ana).id, said="Was ill.", guardian=guardian)
    answer = ComplaintAnswer(True, "Sorry, refunded.", by)
    answer_complaint(raise_complaint(ana, said).id, answer)


def sell_in_weeks_before(people: dict[str, Person]) -> None:
    """Sell main meals on the same weekdays of the last five weeks."""
    Person.objects.update(joined_at=now() - timedelta(days=90))
    for weeks in range(1, 6):
        for name in ("Ben", "Chidi", LONG[0])[: 2 + weeks % 2]:
            sale = sell_one(people[name])
            for day in (0, 1):
                pk = sale.pk if day == 0 else sell_one(people["Zoë"]).pk
                Sale.objects.filter(pk=pk).update(settled_at=now() - timedelta(days=7 * weeks - day))


def sell_one(person: Person) -> Sale:
    """Sell a main meal at the first till."""
    meal = Product.objects.filter(is_main_meal=True).earliest("position")
    basket = open_basket(Terminal.objects.earliest("name"), uuid4(), [(meal, 1)])
    identify_by_card(basket.terminal, basket.id, issue_card(person))
    return confirm_basket(basket.terminal, basket.id)


def bank(school: School, by: User, person: Person) -> dict[str, Any]:
    """Set the school's account, import a statement, ask for pay-outs; return what waits and two uploads."""
    account = read_account({"holder": school.name, "number": "12345678", "bank_code": "20-30-40"})
    set_bank_details(school, account, BankDetails.References.DIGITS, by=by)
    text = write_reference(number_of(person), "digits")
    lines = ((day, text if day % 2 else "Silva lunch", day * 500) for day in range(20, 26))
    content = "Date,Amount,Description,Name\n" + "".join(
        f"2026-11-{day},{minor / 100:.2f},{said},Ivo Silva\n" for day, said, minor in lines
    )
    store_statement(school, read_bank_file(school, "november.csv", content.encode()), by=by)
    book_waiting(school, large_minor=1_000_000, by=by)
    for minor, state in ((1200, "asked"), (800, "approved")):
        made = ask_pay_out(person, minor, asked_by=AskedBy(user=by), key=uuid4(), account=account)
        if state == "approved":
            approve(made.id, by=by)
    late = content.replace("-11-", "-12-").encode()
    return {
        "line_id": waiting_lines(school)[0].id,
        "bank_list": keep_upload("december.csv", late, user_id=by.pk),
        "bank_statement": keep_upload("december.csv", late, user_id=by.pk),
    }


def record_a_breach(school: School, officer: User) -> Breach:
    """Record two breaches: one that is settled, and one whose clock runs with the families undecided."""
    what = BreachDetails(
        "A list of meals was sent to the wrong class's parents.",
        whom="Pupils of Year 7 and their guardians",
        data="Names, classes, meals",
        people=28,
        records=28,
        consequences="Others know which meals were eaten.",
        measures="The message was called back and its receivers asked to delete it.",
    )
    settled = record_breach(school, now() - timedelta(days=9), what, by=officer)
    for recipient in ("authority", "families"):
        add_step(settled, NewStep(recipient, "leave", reason="No risk: the list held no names."), by=officer)
    breach = record_breach(school, now() - timedelta(hours=30), what, by=officer)
    add_step(breach, NewStep("authority", "notify", reason="A risk cannot be ruled out."), by=officer)
    return breach


def second_record(person: Person, office: User) -> Guardian:
    """Add a second record of Ana's parent, which says no and has another address."""
    again = add_guardian(person, "Ana's parent (Zoë)", email="ivo@home.example", relationship="uncle")
    record_refusal(person, again, by=office)
    return again


def set_calendar(school: School) -> CalendarEntry:
    """Set a week with two sittings, a term, and days without school."""
    hours = read_hours("11:30-12:15, 12:20-13:00")
    set_week(school, {**dict.fromkeys(range(1, 6), hours), 3: read_hours("11:00-12:00")})
    day = today(school)
    first, last = day - timedelta(days=60), day + timedelta(days=120)
    add_entry(school, Days("term", first, last, "Autumn term"))
    soon = day + timedelta(days=20)
    return add_entry(school, Days("closed", soon, soon + timedelta(days=14), "Christmas"))


def take_cash(person: Person, by: User) -> dict[str, UUID]:
    """Take a pay-in, close that day two pence short, and begin the next; its count is taken."""
    paid = take_at_office(person, Paying(2000), key=uuid4(), by=by)
    drawer = paid.session.drawer
    count_drawer(drawer, 1998, by=by)
    closed = close_session(drawer, Close(500, "change"), by=by)
    open_session(drawer, 5000, key=uuid4(), by=by)
    count_drawer(drawer, 5490, by=by)
    return {"pay_in_id": paid.pk, "drawer_id": drawer.id, "session_id": closed.id}


def pay_in_cash(school: School, terminal: Terminal, by: User) -> dict[str, UUID]:
    """Open a drawer under a till where a cashier has a PIN, and let a visitor pay there."""
    cashier = add_user(school, NewUser("kim", PASSWORD, "Kim Reed", ("cashier",)))
    set_own_pin(cashier, PIN)
    drawer = add_drawer(school, "Counter", terminal=terminal, by=by)
    open_session(drawer, 2500, key=uuid4(), by=by)
    meal = Product.objects.filter(is_main_meal=True).earliest("position")
    basket = open_basket(terminal, uuid4(), [(meal, 2)])
    due = due_in_cash(basket, "visitor")
    sale = sell_for_cash(terminal, basket.id, Tender("visitor", due, due + 500))
    return {"cash_sale": sale.id, "till_drawer": drawer.id}


def import_list(school: School, by: User) -> int:
    """Import a list of newcomers, one of whom has got a card since. Return the import's number."""
    with tempfile.NamedTemporaryFile("w", suffix=".csv", encoding="utf-8") as file:
        file.write("external_id,given_name,family_name,guardian_name\nB1,Rosa,Lund,Per Lund\nB2,Emil,Berg,\n")
        file.flush()
        with make_plan(school, Path(file.name), Options(absent_stay=True)) as planned:
            apply_plan(planned, by=by)
    issue_card(Person.objects.get(external_id="B2"))
    return ListImport.objects.get(school=school).number


def add_pupil(school: School, given: str, family: str, year: str) -> Person:
    """Add a pupil with money, a PIN and a guardian with an address."""
    person = add_person(school, NewPerson(given, family, year=year))
    pay_in(person, 1200, key=uuid4())
    set_pin(person, PIN)
    add_guardian(person, f"{given}'s mother", email=f"family{person.till_number}@example.org")
    return person


def write(school: School, by: User, guardian: Guardian, person: Person) -> None:
    """Set a mail server that nobody runs, so that a mail waits and is seen to wait."""
    set_mail_server(school, NewServer("127.0.0.1", 9, "none", "office@willowbrook.example"), by=by)
    guardian.email = "parent@example.org"
    guardian.save(update_fields=["email"])
    write_to([guardian], Topic.ANSWER, person)
    run_due()


def accept(guardian: Guardian, by: User) -> User:
    """Let a guardian use their invitation."""
    return accept_invitation(invite_guardian(guardian, by=by), username="ivo", password=PASSWORD)


def pupil_user(school: School, person: Person, by: User) -> User:
    """Let a pupil sign in."""
    allow_pupil_sign_in(person, allowed=True, by=by)
    return require_pupil_user(Person.objects.get(pk=person.pk))


def try_pictures(terminal: Terminal, by: User) -> PictureTest:
    """Let the school have pictures detected, and a till be tested once and, for the most part, again."""
    content = write_warmth(home() / "warmth.onnx").read_bytes()
    install(content, sha256=hashlib.sha256(content).hexdigest(), folder=home() / "liveness")
    decide_pictures(terminal.school, "shadow", reason="11/2026", by=by)
    finished, day = start_test(terminal), today(terminal.school)
    for kind in ("live", "phone", "print", "tablet"):
        for distance in ("near", "usual", "far"):
            said = {"passed": 4, "turned": 1} if kind == "live" else {"refused": 4, "not_turned": 1}
            PictureTestCount.objects.create(test=finished, day=day, kind=kind, distance=distance, **said)
    finish_test(terminal, by=by)
    going = start_test(terminal)
    PictureTestCount.objects.create(test=going, day=day, kind="live", distance="near", passed=5)
    PictureTestCount.objects.create(
        test=going, day=day, kind="live", distance="usual", passed=2, unanswered=1
    )
    return finished


def sell_some(school: School, people: dict[str, Person]) -> None:
    """Sell at the first till, to some more than one meal, and leave one without money."""
    terminal = Terminal.objects.earliest("name")
    meals = Product.objects.filter(is_main_meal=True).order_by(
        "position"
    )  # twice the same is refunded as one
    for name, times in (("Zoë", 1), ("小明", 3), ("Đức", 2), (LONG[0], 1)):
        card = issue_card(people[name])
        for meal in meals[:times]:
            basket = open_basket(terminal, uuid4(), [(meal, 1)])
            identify_by_card(terminal, basket.id, card)
            confirm_basket(terminal, basket.id)


def empty() -> dict[str, Any]:
    """A school that has just been set up: its administrator, and nothing else."""
    set_up()
    school = create_school("Willow Brook School", law="england_wales")
    publish_notices()
    everybody = add_user(school, NewUser("all", PASSWORD, "Sam Park", ROLES))
    return {"sessions": {"staff": sign_in(everybody)}, "active": everybody.pk}


if __name__ == "__main__":
    prepare_static_files()
    json.dump({"full": full, "empty": empty}[sys.argv[1]](), sys.stdout, default=str)
