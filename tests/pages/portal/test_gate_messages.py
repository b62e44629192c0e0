"""A guardian chooses messages at the gate on a child's page; the child reads it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.test import Client
from django.utils import timezone
from tests.support.clocks import stopped_at
from tests.support.gates import a_lane
from tests.support.signing import sign_in

from willing.gate.message_models import MessageChoice
from willing.gate.models import PassageWay
from willing.gate.passages import Press, record_passage
from willing.pages.ui.templatetags.words import day
from willing.people.guardians import link_guardian


def test_a_guardian_chooses_and_stops_messages_and_the_child_reads_it(cast: Any) -> None:
    carl, guardian = cast.person("Carl"), sign_in(Client(), cast.user("guardian"))
    link_guardian(cast.guardian("Gus"), carl)
    pupil, page = sign_in(Client(), cast.user("pupil")), f"/family/child/{carl.id}/"
    assert "Messages at the gate" not in guardian.get(page).content.decode(), "there is no gate"
    a_lane(cast.school, by=cast.user("office"))
    text = guardian.get(page).content.decode()
    assert "Messages at the gate" in text
    assert 'name="in" type="checkbox">' in text, "off unless it is chosen"
    done = guardian.post(f"{page}gate-messages/", {"in": "on"}, follow=True).content.decode()
    assert "is saved" in done
    assert 'name="in" type="checkbox" checked>' in done
    assert MessageChoice.objects.get().wants_out is False
    assert "1 of your guardians chose" in pupil.get("/family/me/").content.decode()
    guardian.post(f"{page}gate-messages/", {})
    assert not MessageChoice.objects.exists()
    assert "None of your guardians gets a message" in pupil.get("/family/me/").content.decode()


def test_the_family_and_the_child_read_days_and_ways_and_no_door_and_no_minute(cast: Any) -> None:
    ada, guardian = cast.person("Ada"), sign_in(Client(), cast.user("guardian"))
    pupil, page = sign_in(Client(), cast.user("pupil")), f"/family/child/{ada.id}/"
    assert "Days at the gate" not in guardian.get(page).content.decode(), "there is no gate"
    lane = a_lane(cast.school, by=cast.user("office"), name="Lane 77")
    assert "None in the last week." in guardian.get(page).content.decode()
    yesterday = (datetime.now(UTC) - timedelta(days=1)).replace(hour=8, minute=17)
    for person in {ada, cast.user("pupil").person}:
        with stopped_at(yesterday):
            record_passage(lane, Press(uuid4()), person, PassageWay.CARD)
        record_passage(lane, Press(uuid4()), person, PassageWay.CARD)
    for text in (guardian.get(page).content.decode(), pupil.get("/family/me/").content.decode()):
        part = text[text.index('id="gate-days"') :]
        part = part[: part.index("</section>")]
        assert part.count("<li>") == 1, "today is not over"
        assert "Card or code" in part
        assert f"{yesterday:%Y}" in part
        for hidden in ("08:17", "8:17", lane.terminal.name, lane.door.name, str(lane.pk), "Welcome"):
            assert hidden not in part
        assert lane.door.name not in text


def test_a_use_of_a_face_at_the_gate_bears_the_day_of_the_school_east_of_everyone_too() -> None:
    """Such a use is kept as noon of the school's day, which in New Zealand is the day before in London."""
    noon = datetime(2026, 11, 28, 12, 0, tzinfo=ZoneInfo("Pacific/Auckland")).astimezone(UTC)
    assert noon.day == 27
    with timezone.override("Pacific/Auckland"):
        assert day(noon) == "Saturday, 28 November 2026"
        assert day(noon.date()) == "Friday, 27 November 2026", "a day is its own already"
