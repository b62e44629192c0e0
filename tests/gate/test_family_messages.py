"""Guardians hear that a child came in or went out: if they chose it, once, soon or not at all."""

from datetime import timedelta
from uuid import uuid4

import pytest
from tests.support.clocks import stopped_at

from willing.attendance.message_ports import forget_port, register_port
from willing.audit.models import Entry
from willing.core.clock import now
from willing.core.errors import Refused
from willing.credentials.cards import issue_card
from willing.credentials.models import Card
from willing.gate.family_messages import choose_messages, move_choices, send_message
from willing.gate.message_models import MessageChoice, PassageMessage
from willing.gate.models import Passage, PassageWay
from willing.gate.passages import DevicePassage, Press, record_device_passages, record_passage
from willing.jobs.actions import run_due
from willing.jobs.models import Job
from willing.mail.models import Mail
from willing.people.guardians import GuardianDetails, edit_guardian
from willing.visits.actions import NewVisit, announce_visit


class Slips:
    """A way that hands a slip to whom it reaches."""

    name, label, is_free = "slips", "Slips", True

    def __init__(self):
        self.sent = []

    def reaches(self, telephone):
        return telephone != ""

    def send(self, message):
        self.sent.append(message)
        return True


@pytest.fixture
def slips(cast):
    gus, port = cast.guardian("Gus"), Slips()
    edit_guardian(gus.id, GuardianDetails(gus.name, "", "+44 20 7946 0000", "en"), by=None)
    register_port(port)
    yield port
    forget_port(port.name)


def walk(lane, person, way=PassageWay.CARD):
    return record_passage(lane, Press(uuid4()), person, way)


def choose(cast, *, wants_in=True, wants_out=False):
    choose_messages(cast.guardian("Gus"), cast.person("Ada"), wants_in=wants_in, wants_out=wants_out)


def test_nobody_hears_of_anyone_without_having_chosen_it(cast, new_lane, slips):
    walk(new_lane(use="in"), cast.person("Ada"))
    assert (PassageMessage.objects.count(), run_due(), slips.sent) == (0, 0, [])


def test_a_guardian_hears_once_that_a_child_came_in_and_nothing_keeps_it(cast, new_lane, slips):
    ada, lane = cast.person("Ada"), new_lane(use="in")
    choose(cast)
    entries, press = Entry.objects.count(), Press(uuid4())
    for _twice in range(2):
        record_passage(lane, press, ada, PassageWay.CARD)
        walk(lane, ada)  # the same card within two seconds
    run_due()
    (sent,) = slips.sent
    assert f"{ada.given_name} came in through a gate" in sent.text
    assert not {"Main gate", lane.terminal.name, ":00"} & set(sent.text.split())
    left = (PassageMessage.objects.count(), Job.objects.count(), Mail.objects.count())
    assert left == (0, 0, 0)
    assert Entry.objects.count() == entries, "an entry would bear the minute"
    run_due()
    assert len(slips.sent) == 1


def test_only_the_way_that_was_chosen_and_known_is_told(cast, new_lane, slips):
    ada = cast.person("Ada")
    choose(cast, wants_in=False, wants_out=True)
    walk(new_lane(use="in"), ada)
    walk(new_lane("Lane 2", use="out"), cast.person("Carl"))
    run_due()
    assert slips.sent == []
    with stopped_at(now() + timedelta(minutes=1)):
        walk(new_lane("Lane 3", use="out"), ada)
        run_due()
    assert [one.text.partition("\n")[0].rpartition(": ")[2] for one in slips.sent] == ["your child went out"]


def test_a_list_that_comes_a_week_late_sends_nothing(cast, new_lane, slips):
    lane, ada = new_lane(use="in"), cast.person("Ada")
    choose(cast)
    issue_card(ada)
    card, at = Card.objects.filter(person=ada).latest("id"), now()
    late = [DevicePassage(no, at - timedelta(days=6, minutes=no), card, True) for no in range(1, 60)]
    assert record_device_passages(lane.door, late) == len(late)
    assert PassageMessage.objects.count() == 0
    record_device_passages(lane.door, [DevicePassage(900, at - timedelta(minutes=2), card, True)])
    assert PassageMessage.objects.count() == 1


def test_what_waited_too_long_or_is_no_longer_wanted_is_not_sent(cast, new_lane, slips):
    lane, ada = new_lane(use="in"), cast.person("Ada")
    choose(cast)
    walk(lane, ada)
    with stopped_at(now() + timedelta(minutes=11)):
        run_due()
        assert (slips.sent, PassageMessage.objects.count()) == ([], 0)
        walk(lane, ada)
        choose(cast, wants_in=False)
        run_due()
    assert (slips.sent, MessageChoice.objects.count()) == ([], 0)
    send_message(uuid4())  # of a passage that is deleted


def test_a_port_that_fails_is_asked_once(cast, new_lane, slips, monkeypatch):
    def fail(message):
        slips.sent.append(message)
        raise OSError

    monkeypatch.setattr(slips, "send", fail)
    choose(cast)
    walk(new_lane(use="in"), cast.person("Ada"))
    run_due()
    with stopped_at(now() + timedelta(minutes=5)):
        run_due()
    assert len(slips.sent) == 1


def test_a_visitor_never_sends_one(cast, new_lane, slips):
    choose(cast)
    host = cast.user("teacher")
    name = cast.person("Ada").full_name
    visit = announce_visit(cast.school, NewVisit(name, host, is_namesake=True), by=host)
    walk(new_lane(use="in"), visit)
    assert Passage.objects.get().visit == visit
    assert PassageMessage.objects.count() == 0


def test_nobody_chooses_for_a_child_of_others(cast, new_lane):
    with pytest.raises(Refused, match="not_a_guardian"):
        choose_messages(cast.guardian("Gus"), cast.person("Wes"), wants_in=True, wants_out=True)


def test_a_choice_goes_along_where_two_records_become_one(cast):
    choose(cast)
    ada, carl, gus = cast.person("Ada"), cast.person("Carl"), cast.guardian("Gus")
    move_choices(ada, carl)
    assert MessageChoice.objects.get().person == carl
    MessageChoice.objects.create(guardian=gus, person=ada, wants_in=True, wants_out=True)
    move_choices(ada, carl)
    assert MessageChoice.objects.get().wants_out is False
