"""A guardian chooses messages at the gate on a child's page; the child reads it."""

from typing import Any

from django.test import Client
from tests.support.gates import a_lane
from tests.support.signing import sign_in

from willing.gate.message_models import MessageChoice
from willing.gate.queries import message_choices


def test_a_guardian_chooses_and_stops_messages_and_the_child_reads_it(cast: Any) -> None:
    ada, guardian = cast.person("Ada"), sign_in(Client(), cast.user("guardian"))
    pupil, page = sign_in(Client(), cast.user("pupil")), f"/family/child/{ada.id}/"
    assert "Messages at the gate" not in guardian.get(page).content.decode(), "there is no gate"
    a_lane(cast.school, by=cast.user("office"))
    text = guardian.get(page).content.decode()
    assert "Messages at the gate" in text
    assert 'name="in" type="checkbox">' in text, "off unless it is chosen"
    done = guardian.post(f"{page}gate-messages/", {"in": "on"}, follow=True).content.decode()
    assert "is saved" in done
    assert 'name="in" type="checkbox" checked>' in done
    assert MessageChoice.objects.get().wants_out is False
    count = len(message_choices(cast.user("pupil").person))
    assert f"{count} of your guardians chose" in pupil.get("/family/me/").content.decode()
    guardian.post(f"{page}gate-messages/", {})
    assert not MessageChoice.objects.exists()
