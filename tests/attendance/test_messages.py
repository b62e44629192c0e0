"""Messages to families: staged, stopped above the cap, held, undone, sent once, taken back."""

from datetime import timedelta

import pytest
from tests.attendance.conftest import at
from tests.support.absences import close_with_absences, hold_over, look_for
from tests.support.clocks import stopped_at
from tests.support.log import facts_of
from tests.support.mail import post_office

from willing.accounts.models import User
from willing.attendance import contacting, messages
from willing.attendance.answering import answer_message, mark_here, note_reached
from willing.attendance.contacting import hand_over, try_next_contact
from willing.attendance.marking import NewMark, record_marks
from willing.attendance.message_models import AbsenceMessage, ContactTry, MessageRun
from willing.attendance.message_ports import forget_gate, forget_port, register_gate, register_port
from willing.attendance.message_queries import (
    evidence_of,
    messages_of,
    open_absences,
    own_attempts,
    require_message,
    require_run,
    unexplained_on,
)
from willing.attendance.message_rules import LOOK_SECONDS, LOOK_SECONDS_MAX, decide_message
from willing.attendance.messages import (
    advance_runs,
    confirm_families,
    set_messages,
    stage_due,
    stage_messages,
    undo_messages,
)
from willing.attendance.models import CurrentMark
from willing.core.dates import write_day
from willing.core.errors import Refused
from willing.core.ids import new_id
from willing.jobs.actions import run_due
from willing.jobs.models import Job
from willing.leave.models import Leave
from willing.mail.models import Mail
from willing.mail.outbox import set_topics
from willing.mail.sending import NewServer, set_mail_server
from willing.people.guardians import add_guardian, set_contact_order
from willing.people.models import Guardian, Person
from willing.people.school import set_public_address

CLOSED = at(9, 20)


def code_of(deed):
    with pytest.raises(Refused) as refused:
        deed()
    return refused.value.code


@pytest.fixture
def post():
    with post_office() as found:
        yield found


@pytest.fixture
def absent(cast, school, register, post):
    """Bo is here; Ada, who has two guardians, and Wes, who has one, are absent without a reason.

    Forty more pupils are on the roll, so that two are below the cap.
    """
    admin = cast.user("administrator")
    set_public_address(school, "https://lunch.example.org")
    server = NewServer(host="127.0.0.1", port=post.port, encryption="none", sender="lunch@school.example")
    set_mail_server(school, server, by=admin)
    Person.objects.bulk_create(
        Person(school=school, given_name=f"P{one}", till_number=5000 + one) for one in range(40)
    )
    for name in ("Ada", "Wes", "Bo"):
        for link in cast.person(name).guardian_links.all():
            Guardian.objects.filter(pk=link.guardian_id).update(email="")
    mia = add_guardian(cast.person("Ada"), "Mia", email="mia@example.org")
    noel = add_guardian(cast.person("Ada"), "Noel", email="noel@example.org")
    add_guardian(cast.person("Wes"), "Una", email="una@example.org")
    set_contact_order(cast.person("Ada"), [mia.id, noel.id], by=None)
    close_with_absences(register, [cast.person("Bo")], by=cast.user("office"))
    return school


def stage(cast, school, **kwargs):
    with stopped_at(CLOSED):
        return stage_messages(school, CLOSED.date(), 1, by=cast.user("office"), **kwargs)


def told(post):
    return sorted(str(one["To"]) for one in post.came)


def message_of(cast, name):
    return AbsenceMessage.objects.get(person=cast.person(name), state__in=["waiting", "sent", "cleared"])


def guardian(name):
    return Guardian.objects.get(name=name)


def user_of(name):
    return User.objects.create(username=name, username_key=name.casefold(), guardian=guardian(name))


def test_a_guardian_who_answers_ill_reports_the_illness_and_is_asked_no_more(cast, absent, post):
    set_messages(absent, is_automatic=False, next_minutes=5, by=cast.user("administrator"))
    stage(cast, absent)
    end = hold_over(absent, CLOSED)
    mine = own_attempts(guardian("Mia"), cast.person("Ada")).get()
    with stopped_at(end):
        assert open_absences(guardian("Mia")) == [cast.person("Ada")]
        assert open_absences(guardian("Noel")) == []
        answer_message(mine.id, "ill", by=user_of("Mia"))
        answer_message(mine.id, "away", by=User.objects.get(username="Mia"))
        answer_message(mine.id, "ill", by=User.objects.get(username="Mia"))
        assert open_absences(guardian("Mia")) == []
        assert Leave.objects.get().kind == "illness"
        found = evidence_of(absent, CLOSED.date(), 1, [cast.person("Ada").id], but=mine.message.run_id)
    assert decide_message(found[cast.person("Ada").id]) == "illness"
    assert CurrentMark.objects.get(person=cast.person("Ada")).symbol == "N", "a person changes the mark"
    look_for(absent, end, 600, every=60)
    assert "noel@example.org" not in told(post)


def test_a_message_is_held_for_ten_minutes_and_then_goes_to_the_first_contact_once(cast, absent, post):
    run = stage(cast, absent)
    assert (run.state, run.families, run.seconds_left) == ("held", 2, 600)
    almost = look_for(absent, CLOSED, 595, every=LOOK_SECONDS)
    assert told(post) == []
    end = look_for(absent, almost, 5, every=LOOK_SECONDS)
    assert told(post) == ["mia@example.org", "una@example.org"]
    look_for(absent, end, 120)
    assert told(post) == ["mia@example.org", "una@example.org"], "never twice"
    text = post.came[0].get_content()
    assert f"(Morning, {write_day(CLOSED.date())})" in text
    assert "ill, away" in text
    with stopped_at(end):
        assert code_of(lambda: stage_messages(absent, CLOSED.date(), 1, by=None)) == "nobody_to_message"


def test_nobody_is_messaged_while_anything_explains_it_or_a_gate_saw_them(cast, absent, monkeypatch):
    from willing.attendance import message_queries
    from willing.attendance.message_rules import Explanation

    def verdicts():
        with stopped_at(CLOSED):
            return {
                one.person.given_name: one.verdict.value for one in unexplained_on(absent, CLOSED.date(), 1)
            }

    assert verdicts() == {"Ada": "message", "Wes": "message"}
    gate = lambda _school, _day, ids: {cast.person("Wes").id} & set(ids)  # noqa: E731
    register_gate(gate)
    try:
        assert verdicts() == {"Ada": "message", "Wes": "gate"}
        monkeypatch.setattr(
            message_queries, "known_at", lambda *_what: {cast.person("Ada").id: Explanation.LEAVE}
        )
        assert verdicts() == {"Ada": "leave", "Wes": "gate"}
        assert code_of(lambda: stage(cast, absent)) == "nobody_to_message"
        everyone = [cast.person("Ada").id, cast.person("Wes").id]
        assert code_of(lambda: stage(cast, absent, chosen=everyone)) == "nobody_to_message"
    finally:
        forget_gate(gate)


def test_a_gate_that_fails_lets_nothing_be_sent(cast, absent, post):
    stage(cast, absent)

    def broken(_school, _day, _ids):
        raise OSError("no gate")

    register_gate(broken)
    try:
        with pytest.raises(OSError, match="no gate"):
            hold_over(absent, CLOSED)
    finally:
        forget_gate(broken)
    assert told(post) == []
    assert MessageRun.objects.get().state == "held"


def test_who_comes_during_the_hold_is_not_reported_absent(cast, absent, post, register):
    run = stage(cast, absent)
    with stopped_at(at(9, 25)):
        register.refresh_from_db()
        record_marks(register, [NewMark(cast.person("Wes").id, "U", 35, "Bus")], by=cast.user("office"))
    hold_over(absent, CLOSED)
    assert told(post) == ["mia@example.org"]
    assert {one.person.given_name: one.reason for one in messages_of(run)} == {"Ada": "", "Wes": "here"}


def test_1500_absences_by_one_wrong_press_are_held_and_undone_and_nobody_is_told(
    cast, absent, post, register
):
    """717 parents (2014), a whole school in Cornwall (2015), Minnesota (2020)."""
    pupils = [Person(school=absent, given_name=f"N{one}", till_number=20000 + one) for one in range(1500)]
    Person.objects.bulk_create(pupils)
    marks = [contacting_mark(register, one) for one in pupils]
    from willing.attendance.models import Mark

    Mark.objects.bulk_create(marks)
    CurrentMark.objects.bulk_create(
        CurrentMark(person=one.person, day=register.day, number=1, register=register, mark=one, symbol="N")
        for one in marks
    )
    office = cast.user("office")
    run = stage(cast, absent)
    assert (run.state, run.families) == ("stopped", 1502)
    later = hold_over(absent, CLOSED)
    run.refresh_from_db()
    assert (run.state, told(post)) == ("stopped", []), "it waits for a person, however long"
    with stopped_at(later):
        assert code_of(lambda: confirm_families(run, 150, by=office)) == "families_number_wrong"
        confirm_families(run, 1502, by=office)
        assert code_of(lambda: confirm_families(run, 1502, by=office)) == "families_number_wrong"
        assert undo_messages(run, by=office) == 1502
        assert undo_messages(run, by=office) == 0
    hold_over(absent, later)
    assert told(post) == []
    assert (Mail.objects.count(), ContactTry.objects.count()) == (0, 0)
    assert set(AbsenceMessage.objects.values_list("state", "reason")) == {("not_sent", "undone")}
    assert facts_of("absence_messages.undone")[-1]["pupils"] == 1502


def contacting_mark(register, person):
    from willing.attendance.models import Mark

    return Mark(
        register=register, person=person, number=1, symbol="N", source=Mark.Source.CLOSE, recorded_at=CLOSED
    )


def test_the_cap_counts_what_was_staged_before_class_by_class(cast, absent):
    Person.objects.filter(given_name__startswith="P").update(left_at=CLOSED)
    ada, wes = cast.person("Ada"), cast.person("Wes")
    roll = Person.objects.filter(kind="pupil", left_at=None).count()
    for number in range(30 - roll):
        Person.objects.create(school=absent, given_name="Q", till_number=7000 + number)
    assert stage(cast, absent, chosen=[ada.id]).state == "held"
    assert stage(cast, absent, chosen=[wes.id]).state == "stopped", "two of thirty are more than 5 %"


def test_what_went_out_or_lapsed_is_not_undone(cast, absent):
    office, run = cast.user("office"), stage(cast, absent)
    end = hold_over(absent, CLOSED)
    with stopped_at(end):
        assert code_of(lambda: undo_messages(run, by=office)) == "messages_sent"
    other = MessageRun.objects.create(
        school=absent, day=CLOSED.date(), number=2, state="lapsed", families=1, roll=1, seconds_left=0,
        settled_at=CLOSED,
    )  # fmt: skip
    assert code_of(lambda: undo_messages(other, by=office)) == "messages_over"
    assert code_of(lambda: require_run(absent, new_id())) == "message_run_unknown"
    assert code_of(lambda: require_message(absent, new_id())) == "message_unknown"


def test_a_clock_that_leaps_ahead_sends_nothing_early_and_one_set_back_sends_it_all_the_same(
    cast, absent, post
):
    run = stage(cast, absent)
    with stopped_at(at(9, 50)):  # half an hour ahead after a second
        advance_runs(absent)
    run.refresh_from_db()
    assert run.seconds_left == 585
    with stopped_at(at(9, 20)):  # and put right
        advance_runs(absent)
    end = look_for(absent, at(9, 20), 570)
    assert told(post) == []
    look_for(absent, end, LOOK_SECONDS_MAX)
    assert told(post) == ["mia@example.org", "una@example.org"]


def test_nobody_is_told_today_of_yesterday(cast, absent, post):
    run = stage(cast, absent)
    with stopped_at(at(8, day=27)):
        advance_runs(absent)
        assert code_of(lambda: stage_messages(absent, CLOSED.date(), 1, by=None)) == "messages_not_today"
    run.refresh_from_db()
    assert (run.state, told(post)) == ("lapsed", [])
    assert {one.reason for one in messages_of(run)} == {"lapsed"}


def test_a_mail_that_waited_for_its_server_is_dropped_when_it_is_no_longer_true(cast, absent, post, register):
    post.recipient_answer = "451 later"
    stage(cast, absent)
    end = hold_over(absent, CLOSED)
    post.recipient_answer = "250 OK"
    with stopped_at(end + timedelta(minutes=5)):
        register.refresh_from_db()
        record_marks(register, [NewMark(cast.person("Wes").id, "U", 40, "Bus")], by=cast.user("office"))
        run_due()
    assert told(post) == ["mia@example.org"]
    assert Mail.objects.get(guardian__name="Una").state == "dropped"


def test_killed_at_any_step_it_is_held_or_sent_as_a_whole_and_never_twice(cast, absent, post, monkeypatch):
    class Killed(BaseException):
        pass

    def killed(*_args, **_kwargs):
        raise Killed

    run = stage(cast, absent)
    for place, name in ((messages, "try_next"), (contacting, "write_each"), (contacting, "enqueue"),
                        (messages, "record")):  # fmt: skip
        with monkeypatch.context() as patch:
            patch.setattr(place, name, killed)
            with pytest.raises(Killed):
                look_for(absent, CLOSED, 600)
        run.refresh_from_db()
        assert (run.state, ContactTry.objects.count(), Mail.objects.count()) == ("held", 0, 0)
        MessageRun.objects.update(seconds_left=5, looked_at=CLOSED)
    end = look_for(absent, CLOSED, 30)
    look_for(absent, end, 600)
    assert told(post) == ["mia@example.org", "una@example.org"]


def test_the_database_itself_refuses_a_second_message_about_one_register(cast, absent):
    from django.db import IntegrityError, transaction

    run = stage(cast, absent)
    held = message_of(cast, "Ada")
    with pytest.raises(IntegrityError), transaction.atomic():
        AbsenceMessage.objects.create(run=run, person=held.person, day=held.day, number=held.number)


def test_one_press_says_that_they_are_here_and_tells_those_who_read_otherwise(cast, absent, post, register):
    stage(cast, absent)
    end = hold_over(absent, CLOSED)
    with stopped_at(end + timedelta(minutes=1)):
        assert mark_here(message_of(cast, "Ada"), by=cast.user("office")) == 1
        assert mark_here(message_of(cast, "Ada"), by=cast.user("office")) == 0
        run_due()
    assert CurrentMark.objects.get(person=cast.person("Ada")).symbol == "/"
    assert told(post) == ["mia@example.org", "mia@example.org", "una@example.org"]
    assert "by mistake" in post.came[-1].get_content()
    assert "is at school" in str(post.came[-1]["Subject"])
    assert "noel@example.org" not in told(post), "who was told nothing is told nothing"


def test_they_are_here_pressed_during_the_hold_tells_nobody(cast, absent, post):
    stage(cast, absent)
    with stopped_at(at(9, 25)):
        assert mark_here(message_of(cast, "Ada"), by=cast.user("office")) == 0
    hold_over(absent, CLOSED)
    assert told(post) == ["una@example.org"]


def test_who_comes_late_is_reported_to_those_who_were_worried(cast, absent, post, register):
    stage(cast, absent)
    end = hold_over(absent, CLOSED)
    with stopped_at(end):
        register.refresh_from_db()
        record_marks(register, [NewMark(cast.person("Wes").id, "U", 45, "Bus")], by=cast.user("office"))
    look_for(absent, end, 120, every=60)
    assert "has come to school" in post.came[-1].get_content()
    assert str(post.came[-1]["To"]) == "una@example.org"


def test_an_address_that_fails_leads_to_the_next_contact(cast, absent, post):
    post.recipient_answer = "550 unknown"
    stage(cast, absent)
    end = hold_over(absent, CLOSED)
    post.recipient_answer = "250 OK"
    look_for(absent, end, 60, every=60)
    assert told(post) == ["noel@example.org"], "Una is the only contact of Wes: the office telephones"
    assert ContactTry.objects.get(guardian__name="Una").state == "failed"


def test_without_an_answer_the_next_contact_is_messaged_after_the_time_that_the_school_set(
    cast, absent, post
):
    admin = cast.user("administrator")
    assert code_of(lambda: set_messages(absent, is_automatic=False, next_minutes=4, by=admin)) == (
        "message_minutes_not_valid"
    )
    set_messages(absent, is_automatic=False, next_minutes=30, by=admin)
    stage(cast, absent)
    end = hold_over(absent, CLOSED)
    end = look_for(absent, end, 29 * 60, every=60)
    assert "noel@example.org" not in told(post)
    look_for(absent, end, 120, every=60)
    assert told(post).count("noel@example.org") == 1


def test_an_answer_or_a_telephone_call_ends_the_search_for_others(cast, absent, post):
    set_messages(absent, is_automatic=False, next_minutes=5, by=cast.user("administrator"))
    stage(cast, absent)
    end = hold_over(absent, CLOSED)
    mine = own_attempts(guardian("Mia"), cast.person("Ada")).get()
    mia, noel = user_of("Mia"), user_of("Noel")
    with stopped_at(end):
        with pytest.raises(Refused, match="message_unknown"):
            answer_message(mine.id, "ill", by=noel)
        assert code_of(lambda: answer_message(mine.id, "lost", by=mia)) == "message_answer_unknown"
        answer_message(mine.id, "should_be_there", by=mia)
        answer_message(mine.id, "should_be_there", by=mia)
        note_reached(message_of(cast, "Wes"), by=cast.user("office"))
        note_reached(message_of(cast, "Wes"), by=cast.user("office"))
    look_for(absent, end, 600, every=60)
    assert "noel@example.org" not in told(post)
    assert len(facts_of("absence_message.answered")) == len(facts_of("absence_message.reached")) == 1
    assert "should" not in str(facts_of("absence_message.answered")), (
        "what they said is in no entry of the log"
    )


def test_a_press_messages_the_next_contact(cast, absent, post):
    stage(cast, absent)
    office = cast.user("office")
    assert not try_next_contact(message_of(cast, "Ada"), by=office), "not while it is held"
    end = hold_over(absent, CLOSED)
    with stopped_at(end):
        assert try_next_contact(message_of(cast, "Ada"), by=office)
        assert not try_next_contact(message_of(cast, "Ada"), by=office)
        run_due()
    assert told(post) == ["mia@example.org", "noel@example.org", "una@example.org"]


def test_two_guardians_read_their_own_messages_only(cast, absent):
    stage(cast, absent)
    hold_over(absent, CLOSED)
    ada = cast.person("Ada")
    assert own_attempts(guardian("Mia"), ada).count() == 1
    assert own_attempts(guardian("Noel"), ada).count() == 0


def test_who_wants_no_mail_about_it_is_passed_over(cast, absent, post):
    set_topics(guardian("Mia"), [])
    stage(cast, absent)
    hold_over(absent, CLOSED)
    assert told(post) == ["noel@example.org", "una@example.org"]


def test_automatic_staging_is_held_too_and_leaves_alone_what_a_person_undid(cast, absent, post):
    with stopped_at(CLOSED):
        assert stage_due(absent) == 0, "only where the school wants it"
        set_messages(absent, is_automatic=True, next_minutes=None, by=cast.user("administrator"))
        assert stage_due(absent) == 1
        assert stage_due(absent) == 0
        run = MessageRun.objects.get()
        assert (run.staged_by, run.state) == (None, "held")
        undo_messages(run, by=cast.user("office"))
        assert stage_due(absent) == 0
    hold_over(absent, CLOSED)
    assert told(post) == []


class Pigeon:
    """A port of a test's own."""

    name, label, is_free = "pigeon", "Pigeon", True

    def __init__(self, answer=True):
        self.flown, self.answer = [], answer

    def reaches(self, telephone):
        return telephone.startswith("07")

    def send(self, message):
        self.flown.append(message)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize(("answer", "state"), [(True, "sent"), (False, "failed"), (OSError("?"), "handed")])
def test_a_port_is_given_a_message_once_however_it_ends(cast, absent, answer, state):
    pigeon = Pigeon(answer)
    register_port(pigeon)
    try:
        Guardian.objects.filter(name="Una").update(email="", phone="0700 900123", language="zh-hans")
        stage(cast, absent, chosen=[cast.person("Wes").id])
        end = hold_over(absent, CLOSED)
        one = ContactTry.objects.get()
        with stopped_at(end + timedelta(minutes=2)):
            run_due()
            hand_over(one.id)
        one.refresh_from_db()
        assert (one.state, len(pigeon.flown)) == (state, 1)
        assert pigeon.flown[0].id == one.id
        assert "Wes" in pigeon.flown[0].text
        assert not Job.objects.exists()
    finally:
        forget_port("pigeon")


def test_a_port_that_bills_families_is_not_registered():
    dear = Pigeon()
    dear.is_free = False
    with pytest.raises(ValueError, match="bills no family"):
        register_port(dear)
    dear.is_free, dear.name = True, "mail"
    with pytest.raises(ValueError, match="can't be called"):
        register_port(dear)


def test_evidence_is_read_in_a_few_statements_for_all(cast, absent):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    ids = list(Person.objects.values_list("id", flat=True))
    with CaptureQueriesContext(
        connection,
    ) as for_all:
        evidence_of(absent, CLOSED.date(), 1, ids)
    with CaptureQueriesContext(connection) as for_one:
        evidence_of(absent, CLOSED.date(), 1, ids[:1])
    assert len(for_all) == len(for_one)
