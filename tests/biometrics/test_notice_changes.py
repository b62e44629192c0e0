"""A changed notice suspends a face until the yes is said again; a no that staff are told ends it."""

from datetime import UTC, datetime, timedelta

import pytest

from willing.biometrics.capture import start_capture
from willing.biometrics.consent_changes import (
    RecordedRefusal,
    publish_notices,
    record_consent,
    record_refusal,
)
from willing.biometrics.gallery import held_persons, live_gallery
from willing.biometrics.models import Template
from willing.biometrics.queries import has_face, usable_template
from willing.biometrics.retention import purge_faces
from willing.consent import publishing
from willing.consent.decisions import undo_no
from willing.consent.publishing import _next_wording
from willing.consent.queries import permission
from willing.consent.rules import ANSWER_AGAIN_DAYS
from willing.core import clock
from willing.core.errors import Refused
from willing.keys.actions import key_ids

pytestmark = pytest.mark.face


@pytest.fixture
def change(monkeypatch):
    """Return a function that publishes the canteen's text for guardians anew, with a material change."""
    real = _next_wording

    def changed(source, profile, place):
        is_it = place == ("canteen", "adult", "en")
        return real(source.replace("eight seconds", "nine seconds") if is_it else source, profile, place)

    def publish():
        monkeypatch.setattr(publishing, "_next_wording", changed)
        return publish_notices()

    return publish


def test_a_changed_notice_takes_the_face_out_of_the_search_until_the_yes_is_said_again(cast, enrol, change):
    enrol("Ada", "person_a_2.jpg")
    ada, school = cast.person("Ada"), cast.school
    live_gallery(school, "canteen")
    assert held_persons(school.id, "canteen") == [str(ada.id)]
    assert change() == 1
    live_gallery(school, "canteen")  # what the watcher does twice a second
    assert held_persons(school.id, "canteen") == []
    assert usable_template(ada, "canteen") is None  # nor 1:1, with a card
    assert has_face(ada)  # kept, and compared with nobody
    with pytest.raises(Refused, match="not_permitted"):
        start_capture(ada, "canteen", user=cast.user("office"))
    record_consent(cast.says("Ada", "yes", guardian="Gus"))
    live_gallery(school, "canteen")
    assert held_persons(school.id, "canteen") == [str(ada.id)]
    assert usable_template(ada, "canteen") is not None
    assert Template.objects.get().guardian_decision.notice.version == 2


def test_a_suspended_face_is_erased_when_nobody_answers_in_time(cast, enrol, change):
    enrol("Ada", "person_a_2.jpg")
    change()
    assert purge_faces().unpermitted == 0
    assert has_face(cast.person("Ada"))
    later = datetime.now(UTC) + timedelta(days=ANSWER_AGAIN_DAYS, minutes=1)
    with clock.running(lambda: later):
        assert purge_faces().unpermitted == 1
    assert not has_face(cast.person("Ada"))
    assert not key_ids()


def test_a_no_to_the_changed_notice_erases_at_once(cast, enrol, change):
    enrol("Ada", "person_a_2.jpg")
    change()
    assert record_consent(cast.says("Ada", "no", guardian="Gus")).erasure
    assert not has_face(cast.person("Ada"))


def test_pofa_26_a_childs_no_told_to_a_cashier_destroys_the_key_at_once_and_undoing_does_not_bring_it_back(
    cast, enrol
):
    enrol("Ada", "person_a_2.jpg")
    ada, cashier = cast.person("Ada"), cast.user("cashier")
    said = record_refusal(ada, None, by=cashier)
    assert said.decisions == 3  # the canteen, the shop and the gate
    assert said.erasure is not None
    assert not key_ids()
    assert record_refusal(ada, None, by=cashier) == RecordedRefusal(0, None)
    undo_no(ada, by=cashier)
    assert permission(ada, "canteen").granted
    assert not has_face(ada)
