"""Through the gate by each way, once, whatever is pressed twice, read twice, sent late or out of order."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from tests.support.clocks import stopped_at
from tests.support.log import facts_of

from willing.attendance.message_ports import came_in, has_gate
from willing.audit.models import Entry
from willing.consent.retention import require_kind
from willing.core.clock import now
from willing.core.codes import new_code
from willing.core.errors import Refused
from willing.credentials.cards import issue_card
from willing.credentials.leavers import record_leavers
from willing.credentials.models import Card, FailedAttempt, PinAttempts
from willing.gate.identification import open_by_guard, pass_by_card, pass_by_look_up, pass_by_pin
from willing.gate.look_ups import look_up
from willing.gate.models import GateLookUp, Passage, PassageCount, PassageWaits
from willing.gate.passages import DevicePassage, Press, record_device_passages
from willing.gate.queries import days_of
from willing.gate.retention import log_uses, purge_passages
from willing.gate.rules import KEPT_DAYS
from willing.gate.set_up import close_lane, reopen_lane
from willing.people.queries import local_day, today
from willing.privacy.merging import merge_persons
from willing.privacy.personal_data import personal_data_of
from willing.privacy.retention_job import run_retention
from willing.visits.actions import NewVisit, VisitorSignIn, announce_visit, give_badge
from willing.visits.actions import sign_in as sign_in_visitor

MORNING = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def refusal(deed, *args, **more):
    with pytest.raises(Refused) as refused:
        deed(*args, **more)
    return refused.value.code


def press(**more):
    return Press(uuid4(), **more)


def card_of(cast, name):
    return Card.objects.get(person=cast.person(name))


def test_a_card_opens_the_gate_once_a_press(cast, lane):
    first = press(waited_ms=412)
    passed = pass_by_card(lane, first, cast.cards["Carl"])
    assert (passed.person, passed.way, passed.direction) == (cast.person("Carl"), "card", "in")
    assert (passed.day, passed.waited_tenths, passed.doubt) == (today(cast.school), 4, "")
    assert pass_by_card(lane, first, cast.cards["Carl"]) == passed
    assert Passage.objects.count() == 1


def test_the_same_card_twice_in_two_seconds_is_one_passage_and_later_another(cast, lane):
    with stopped_at(MORNING):
        passed = pass_by_card(lane, press(), cast.cards["Carl"])
    with stopped_at(MORNING + timedelta(seconds=2)):
        assert pass_by_card(lane, press(), cast.cards["Carl"]) == passed
        assert pass_by_card(lane, press(), cast.cards["Ada"]) != passed
    with stopped_at(MORNING + timedelta(seconds=5)):
        assert pass_by_card(lane, press(), cast.cards["Carl"]).direction == "out"
    assert Passage.objects.count() == 3


def test_a_press_by_a_clock_that_is_wrong_keeps_both_times_and_is_when_it_came(cast, lane):
    with stopped_at(MORNING):
        wrong = press(device_time=MORNING + timedelta(hours=2))
        passed = pass_by_card(lane, wrong, cast.cards["Carl"])
    assert (passed.device_time, passed.received_at, passed.at) == (wrong.device_time, MORNING, MORNING)


def test_an_unknown_card_and_a_card_of_a_leaver_are_refused_and_leave_no_passage(cast, lane):
    record_leavers([cast.person("Carl").id], by=cast.user("office"))
    for code in ("WRONG-CODE", cast.cards["Carl"]):
        assert refusal(pass_by_card, lane, press(), code) == "code_unknown"
    assert FailedAttempt.objects.filter(terminal=lane.pk, way="card", code="code_unknown").count() == 2
    assert not Passage.objects.exists()


def test_number_and_pin_open_the_gate_and_the_answer_to_a_lost_request_counts_no_try(cast, lane):
    nia, first = cast.person("Nia"), press()
    passed = pass_by_pin(lane, first, nia.till_number, cast.pins["Nia"])
    assert (passed.person, passed.way) == (nia, "pin")
    assert pass_by_pin(lane, first, nia.till_number, "0000") == passed
    assert not PinAttempts.objects.exists()
    assert refusal(pass_by_pin, lane, press(), nia.till_number, "0000") == "pin_wrong"


def test_staff_let_through_whom_their_own_look_up_has_shown(cast, lane):
    office, ada = cast.user("office"), cast.person("Ada")
    assert refusal(pass_by_look_up, lane, press(), ada.id, by=office) == "passage_person_unknown"
    assert look_up(lane, "A", by=office) == []
    assert look_up(lane, "Ada", by=office) == look_up(lane, "Agrees", by=office) == [ada]
    assert GateLookUp.objects.count() == 1
    assert (
        refusal(pass_by_look_up, lane, press(), ada.id, by=cast.user("teacher")) == "passage_person_unknown"
    )
    first = press()
    passed = pass_by_look_up(lane, first, ada.id, by=office)
    assert (passed.person, passed.way, passed.by) == (ada, "staff", office)
    assert pass_by_look_up(lane, first, ada.id, by=office) == passed


def test_the_guard_opens_with_a_reason_and_nobody_is_written_down_for_it(cast, lane):
    office, first = cast.user("office"), press()
    assert refusal(open_by_guard, lane, first, by=office, reason="  ") == "opening_reason_missing"
    opened = open_by_guard(lane, first, by=office, reason=" Delivery ")
    assert (opened.person, opened.by, opened.reason, opened.direction) == (
        None,
        office,
        "Delivery",
        "unknown",
    )
    assert open_by_guard(lane, first, by=office, reason="Delivery") == opened
    assert Passage.objects.count() == 1


def test_a_lane_that_is_closed_sends_people_elsewhere_and_the_guard_opens_it_all_the_same(cast, lane):
    office, nia = cast.user("office"), cast.person("Nia")
    close_lane(lane, by=office)
    lane.refresh_from_db()
    assert refusal(pass_by_card, lane, press(), cast.cards["Carl"]) == "lane_closed"
    assert refusal(pass_by_pin, lane, press(), nia.till_number, cast.pins["Nia"]) == "lane_closed"
    assert refusal(pass_by_look_up, lane, press(), nia.id, by=office) == "lane_closed"
    assert not PinAttempts.objects.exists()
    assert open_by_guard(lane, press(), by=office, reason="Fire drill").way == "guard"
    reopen_lane(lane, by=office)
    lane.refresh_from_db()
    assert pass_by_card(lane, press(), cast.cards["Carl"]).way == "card"


def test_an_out_without_an_in_is_an_out(cast, new_lane):
    assert pass_by_card(new_lane(use="out"), press(), cast.cards["Carl"]).direction == "out"


def test_where_people_go_both_ways_the_order_of_the_day_tells_and_each_day_begins_anew(cast, lane, new_lane):
    other = new_lane("Lane 2", use="both")
    seen = []
    for day in range(2):
        for hour, at in enumerate((lane, other, lane)):
            with stopped_at(MORNING + day * DAY + timedelta(hours=hour)):
                seen.append(pass_by_card(at, press(), cast.cards["Carl"]).direction)
    assert seen == ["in", "out", "in"] * 2


def test_a_device_sends_what_it_kept_late_doubled_and_out_of_order_and_nothing_is_lost(cast, lane):
    carl, ada = card_of(cast, "Carl"), card_of(cast, "Ada")
    with stopped_at(MORNING):
        pass_by_card(lane, press(), cast.cards["Carl"])
    sent = [
        DevicePassage(3, MORNING + timedelta(minutes=9), ada, is_in=None),
        DevicePassage(1, MORNING + timedelta(minutes=5), carl, is_in=False),
        DevicePassage(2, MORNING + timedelta(minutes=5, seconds=1), carl, is_in=False),
        DevicePassage(4, MORNING - timedelta(minutes=9), carl, is_in=None),
    ]
    with stopped_at(MORNING + 2 * DAY):
        assert record_device_passages(lane.door, sent) == 3
        assert record_device_passages(lane.door, sent[::-1]) == 0
        assert record_device_passages(lane.door, []) == 0
    rows = Passage.objects.exclude(device_event_no=None).order_by("device_event_no")
    assert [(one.device_event_no, one.person.given_name, one.direction) for one in rows] == [
        (1, "Carl", "out"),
        (3, "Ada", "in"),
        # Later ones of that day were known already: nothing is guessed.
        (4, "Carl", "unknown"),
    ]
    assert {one.day for one in rows} == {MORNING.date()}


def test_a_device_that_speaks_of_the_future_is_kept_with_a_doubt_and_stops_no_message(cast, lane):
    carl = card_of(cast, "Carl")
    with stopped_at(MORNING):
        record_device_passages(lane.door, [DevicePassage(1, MORNING + DAY, carl, is_in=True)])
    kept = Passage.objects.get()
    assert (kept.device_time, kept.at, kept.doubt) == (MORNING + DAY, MORNING, "clock")
    assert came_in(cast.school, MORNING.date(), [carl.person_id]) == set()


@pytest.mark.parametrize("off", [8 * HOUR, -8 * DAY, -9000 * DAY])
def test_of_several_whose_time_is_not_believed_none_is_lost_and_one_card_twice_is_once(cast, lane, off):
    carl, ada = card_of(cast, "Carl"), card_of(cast, "Ada")
    at = MORNING + off
    with stopped_at(MORNING):
        sent = [DevicePassage(no, at + no * HOUR / 2, carl, is_in=bool(no % 2)) for no in range(1, 4)]
        assert record_device_passages(lane.door, [*sent, DevicePassage(4, at, ada, is_in=True)]) == 4
        twice = DevicePassage(5, at + HOUR / 2 + timedelta(seconds=1), carl, is_in=True)
        assert record_device_passages(lane.door, [twice, sent[0]]) == 0
        assert record_device_passages(lane.door, [DevicePassage(6, at + 3 * HOUR, carl, is_in=False)]) == 1
        # What the computer saw itself is another clock's time.
        assert record_device_passages(lane.door, [DevicePassage(7, MORNING, carl, is_in=True)]) == 1
    doubts = [one.doubt for one in Passage.objects.order_by("device_event_no")]
    assert doubts == ["clock"] * 5 + [""]


def test_a_door_that_let_a_leaver_in_while_we_were_off_says_so_and_they_count_as_nobody_who_came(cast, lane):
    carl = card_of(cast, "Carl")
    with stopped_at(MORNING):
        record_leavers([carl.person_id], by=cast.user("office"))
    carl.refresh_from_db()
    with stopped_at(MORNING + 2 * DAY):
        sent = [DevicePassage(7, MORNING + DAY, carl, is_in=True)]
        assert record_device_passages(lane.door, sent) == 1
    assert Passage.objects.get().doubt == "card_revoked"
    assert came_in(cast.school, (MORNING + DAY).date(), [carl.person_id]) == set()


def test_a_passage_in_stops_a_message_about_absence_and_is_no_mark(cast, lane, new_lane):
    ids = [cast.person(name).id for name in ("Carl", "Ada")]
    assert has_gate(cast.school)
    with stopped_at(MORNING):
        pass_by_card(lane, press(), cast.cards["Carl"])
        pass_by_card(new_lane("Way out", use="out"), press(), cast.cards["Ada"])
    assert came_in(cast.school, MORNING.date(), ids) == {ids[0]}
    assert came_in(cast.school, (MORNING - DAY).date(), ids) == set()


def test_the_database_lets_no_passage_become_another_or_go_before_it_is_logged(cast, lane):
    passed = pass_by_card(lane, press(), cast.cards["Carl"])
    for change in ({"direction": "out"}, {"day": (MORNING - DAY).date()}, {"way": "pin"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Passage.objects.filter(pk=passed.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        Passage.objects.all().delete()


def test_a_gate_writes_nothing_into_the_log_while_the_day_goes_on(cast, lane):
    before = Entry.objects.count()
    office, nia = cast.user("office"), cast.person("Nia")
    pass_by_card(lane, press(), cast.cards["Carl"])
    pass_by_pin(lane, press(), nia.till_number, cast.pins["Nia"])
    look_up(lane, "Ada", by=office)
    open_by_guard(lane, press(), by=office, reason="Delivery")
    assert log_uses(cast.school) == 0
    assert Entry.objects.count() == before


def test_the_night_logs_person_and_date_and_ways_and_no_more(cast, lane, new_lane):
    carl, ada, office = cast.person("Carl"), cast.person("Ada"), cast.user("office")
    with stopped_at(MORNING):
        pass_by_card(lane, press(), cast.cards["Carl"])
        look_up(lane, "Ada", by=office)
        open_by_guard(lane, press(), by=office, reason="Delivery")
    with stopped_at(MORNING + timedelta(hours=3)):
        pass_by_card(new_lane("Back", use="out"), press(), cast.cards["Carl"])
    with stopped_at(MORNING + timedelta(hours=4)):
        pass_by_pin(lane, press(), carl.till_number, cast.pins["Carl"])
    with stopped_at(MORNING + DAY):
        assert log_uses(cast.school) == 1
        assert log_uses(cast.school) == 0
    used = Entry.objects.get(event="gate.used")
    assert used.subject == carl.id
    assert facts_of("gate.used") == [{"day": "2026-11-26", "ways": ["card", "pin"]}]
    assert facts_of("gate.opened") == [{"by": office.pk, "day": "2026-11-26", "times": 1}]
    shown = Entry.objects.get(event="record.viewed", subject=ada.id)
    assert facts_of("record.viewed")[-1] == {"by": office.pk, "gate_day": "2026-11-26"}
    assert shown.at >= MORNING + DAY
    assert not GateLookUp.objects.exists()


def test_a_late_passage_is_logged_only_where_it_says_something_new(cast, lane):
    carl = card_of(cast, "Carl")
    with stopped_at(MORNING):
        pass_by_pin(lane, press(), carl.person.till_number, cast.pins["Carl"])
    with stopped_at(MORNING + DAY):
        log_uses(cast.school)
        for no in (1, 2):
            at = MORNING + timedelta(hours=no)
            record_device_passages(lane.door, [DevicePassage(no, at, carl, is_in=True)])
            log_uses(cast.school)
    assert [one["ways"] for one in facts_of("gate.used")] == [["pin"], ["card"]]


def test_after_seven_days_passages_are_counted_and_gone(cast, lane):
    with stopped_at(MORNING):
        for name, waited in (("Carl", 400), ("Ada", 400), ("Bo", None)):
            pass_by_card(lane, press(waited_ms=waited), cast.cards[name])
    with stopped_at(MORNING + DAY):
        assert purge_passages(MORNING + DAY, 100) == 0, "the log says nothing of them yet"
        log_uses(cast.school)
        assert purge_passages(MORNING + DAY, 2) == 2
        assert purge_passages(MORNING + DAY, 2) == 1
    assert not Passage.objects.exists()
    counted = PassageCount.objects.get()
    assert (counted.door, counted.day, counted.direction) == (lane.door, MORNING.date(), "in")
    assert counted.count == 3
    kept = PassageWaits.objects.get()
    assert (kept.school, kept.day, kept.way) == (cast.school, MORNING.date(), "card")
    assert kept.waits == {"4": 2}


def test_the_night_itself_keeps_passages_and_look_ups_for_seven_days_and_no_longer(cast, lane):
    office, noon = cast.user("office"), now()
    with stopped_at(noon):
        pass_by_card(lane, press(waited_ms=400), cast.cards["Carl"])
        look_up(lane, "Ada", by=office)
    for later, kept in ((timedelta(0), 1), (7 * DAY - HOUR, 1), (7 * DAY + HOUR, 0), (8 * DAY, 0)):
        with stopped_at(noon + later):
            done = run_retention()
        assert done.failed == {}
        assert Passage.objects.count() == kept, later
    assert not GateLookUp.objects.exists()
    counted = PassageCount.objects.get()
    assert (counted.day, counted.count) == (local_day(cast.school, noon), 1)
    assert PassageWaits.objects.get().waits == {"4": 1}
    assert (KEPT_DAYS, require_kind("passages").days) == (7, 7)


def test_the_days_of_a_gate_are_read_once_they_are_over_by_everyone(cast, lane):
    carl = cast.person("Carl")
    with stopped_at(MORNING):
        pass_by_card(lane, press(), cast.cards["Carl"])
        assert days_of(carl) == [], "one that appeared now would tell the minute"
        assert personal_data_of(carl)["gate_days"] == []
    with stopped_at(MORNING + DAY):
        day = MORNING.date()
        assert days_of(carl) == [(day, ["card"])]
        assert personal_data_of(carl)["gate_days"] == [{"day": day.isoformat(), "ways": ["card"]}]


def test_two_records_of_one_person_become_one_with_their_passages(cast, lane):
    carl, bo = cast.person("Carl"), cast.person("Bo")
    with stopped_at(now() - DAY):
        pass_by_card(lane, press(), cast.cards["Bo"])
    merge_persons(cast.school, bo.id, carl.id, by=cast.user("office"))
    assert days_of(carl) == [(today(cast.school) - DAY, ["card"])]
    assert days_of(bo) == []
    assert issue_card(carl)


def test_a_visitor_s_badge_opens_while_they_are_signed_in_and_the_log_names_the_visit_by_day(cast, lane):
    desk, code = cast.user("office"), new_code()
    with stopped_at(MORNING):
        visit = announce_visit(cast.school, NewVisit("Vi Guest", desk), by=desk)
        sign_in_visitor(cast.school, visit.id, VisitorSignIn(is_inducted=True), by=desk)
        assert refusal(pass_by_card, lane, press(), code) == "code_unknown"
        give_badge(cast.school, visit.id, code, by=desk)
        passed = pass_by_card(lane, press(), code)
        assert (passed.visit, passed.person, passed.direction) == (visit, None, "in")
        assert pass_by_card(lane, press(), code) == passed
        assert came_in(cast.school, MORNING.date(), [visit.id]) == set()
        lane.terminal.takes_card = False
        assert refusal(pass_by_card, lane, press(), code) == "way_not_taken"
    with stopped_at(MORNING + DAY):
        assert log_uses(cast.school) == 1
    assert facts_of("gate.used") == [{"day": "2026-11-26", "ways": ["card"]}]
    assert Entry.objects.get(event="gate.used").subject == visit.id


def test_the_passage_of_a_visit_that_is_deleted_is_counted_and_leaves_nothing_in_the_log(cast, lane):
    desk, code = cast.user("office"), new_code()
    with stopped_at(MORNING):
        visit = announce_visit(cast.school, NewVisit("Vi Guest", desk), by=desk)
        sign_in_visitor(cast.school, visit.id, VisitorSignIn(is_inducted=True), by=desk)
        give_badge(cast.school, visit.id, code, by=desk)
        pass_by_card(lane, press(), code)
    visit.delete()
    with stopped_at(MORNING + DAY):
        assert log_uses(cast.school) == 1
        assert purge_passages(MORNING + DAY, 100) == 1
    assert PassageCount.objects.get().count == 1
    assert facts_of("gate.used") == []
