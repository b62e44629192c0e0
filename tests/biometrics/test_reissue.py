"""A new secret for a gallery, without anybody coming again; and who has to."""

import json
from datetime import date, timedelta

import pytest
from click.testing import CliRunner

from willing.audit.models import Entry
from willing.biometrics.consent_changes import record_consent
from willing.biometrics.erasure import erase_faces
from willing.biometrics.gallery import drop_all_galleries, live_gallery, open_template
from willing.biometrics.models import GalleryState, OwnScores, Template
from willing.biometrics.reissue import plan_reissue, reissue
from willing.biometrics.retention import purge_faces
from willing.biometrics.template_ageing import due_for_reenrolment
from willing.cli import main
from willing.core import clock
from willing.core.errors import Refused
from willing.keys.errors import KeyGone
from willing.keys.models import GallerySecret
from willing.till.baskets import add_product, cancel_basket
from willing.till.face_identification import open_face_session, submit_frame

pytestmark = pytest.mark.face


def vectors(school, purpose="canteen"):
    """The references as they lie in the database, in order."""
    rotation = live_gallery(school, purpose).rotation
    rows = Template.objects.filter(purpose=purpose).order_by("person_id")
    return [template.vector for row in rows for template in open_template(row, rotation)]


def matches(cast, camera):
    basket = add_product(cast.till, cast.meal)
    session, shots = open_face_session(cast.till, basket.id, key="1"), camera("person_a_1.jpg")
    states = [submit_frame(cast.till, session.id, shots.frame()).state for _ in range(2)]
    cancel_basket(cast.till, basket.id)
    return states[-1]


@pytest.fixture
def two_enrolled(cast, enrol):
    """Ada and Wes, enrolled for the canteen; Ada for the shop too."""
    first = enrol("Ada", "person_a_2.jpg")
    record_consent(cast.says("Wes", "yes", guardian="Gwen"))
    enrol("Wes", "person_b_1.jpg")
    return first


def test_a_reissued_template_matches_as_before_and_compares_with_nothing_older(cast, two_enrolled, camera):
    before, secret = vectors(cast.school), GallerySecret.objects.get().id
    assert matches(cast, camera) == "matched"
    done = reissue(cast.school)
    assert (done.templates, done.unreadable, done.secrets_destroyed) == (2, 0, 1)
    after = vectors(cast.school)
    # Two secrets' templates of one face are no more alike than two random directions: 128 numbers, 0.09 each.
    assert all(abs(float(old @ new)) < 0.45 for old in before for new in after)
    assert float(before[0] @ before[1]) == pytest.approx(float(after[0] @ after[1]), abs=1e-4)
    assert matches(cast, camera) == "matched"
    assert not GallerySecret.objects.filter(pk=secret).exists()
    facts = json.loads(bytes(Entry.objects.get(event="face.reissued").hashed))["facts"]
    assert (facts["templates"], facts["purpose"]) == (2, "canteen")


class Killed(BaseException):
    """Stands for the process's end."""


def killer(after):
    """Return a callback that ends the run after so many templates."""
    left = [after]

    def on_done():
        left[0] -= 1
        if left[0] == 0:
            raise Killed

    return on_done


@pytest.mark.parametrize("after", [1, 2])
def test_a_run_that_is_killed_changes_nothing_by_half_and_goes_on(cast, two_enrolled, camera, after):
    GalleryState.objects.create(
        school=cast.school, purpose="shop", secret_id=GalleryState.objects.get().secret_id
    )
    with pytest.raises(Killed):
        reissue(cast.school, on_done=killer(after))
    assert matches(cast, camera) == "matched"  # still under the old secret, whole
    plan = plan_reissue(cast.school)
    assert plan.is_resumed
    assert [(one.purpose, one.templates, one.is_done) for one in plan.galleries] == [
        ("canteen", 2, False),
        ("shop", 0, False),
    ]
    assert GallerySecret.objects.count() == 2
    assert reissue(cast.school).templates == 2
    assert GallerySecret.objects.count() == 1
    assert matches(cast, camera) == "matched"
    assert not plan_reissue(cast.school).is_resumed


def test_a_database_from_before_a_reissue_holds_nothing_that_can_be_compared(cast, two_enrolled, camera):
    rows = list(Template.objects.values("id", "sealed"))
    old = GalleryState.objects.get().secret_id
    reissue(cast.school)
    for row in rows:  # what restoring only the main database brings back
        Template.objects.filter(pk=row["id"]).update(sealed=row["sealed"])
    GalleryState.objects.update(secret_id=old, generation=99)
    drop_all_galleries()  # a restore starts the server anew
    with pytest.raises(Refused, match="face_not_available"):
        matches(cast, camera)
    with pytest.raises(KeyGone):
        reissue(cast.school)
    assert purge_faces().unreadable == 2
    assert not Template.objects.exists()
    assert live_gallery(cast.school, "canteen").held == {}


def test_after_a_new_model_its_templates_are_never_mixed_and_the_office_knows_who_comes_again(
    cast, two_enrolled, camera
):
    Template.objects.filter(pk=two_enrolled.pk).update(model_id="an earlier model")
    live_gallery(cast.school, "canteen")
    GalleryState.objects.update(generation=99)
    assert list(live_gallery(cast.school, "canteen").held.values()) == [str(cast.person("Wes").id)]
    (again,) = due_for_reenrolment(cast.school)
    assert (again.person, again.reasons) == (cast.person("Ada"), ("model",))
    assert [one.outdated for one in plan_reissue(cast.school).galleries] == [1]


def test_references_grow_old_with_a_school_year_or_with_a_face_that_changes(cast, two_enrolled):
    assert due_for_reenrolment(cast.school) == []
    start = two_enrolled.enrolled_at.date().replace(day=1)
    for month, hundredths in enumerate((70, 62, 54, 46)):
        day = (start + timedelta(days=31 * month)).replace(day=1)
        OwnScores.objects.create(template=two_enrolled, month=day, uses=4, hundredths=4 * hundredths)
    later = clock.now() + timedelta(days=120)
    with clock.running(lambda: later):
        (again,) = due_for_reenrolment(cast.school)
        assert (again.person, again.reasons) == (cast.person("Ada"), ("drift",))
    later = clock.now() + timedelta(days=367)
    with clock.running(lambda: later):
        assert {one.reasons for one in due_for_reenrolment(cast.school)} == {("age", "drift"), ("age",)}


def test_own_scores_are_kept_by_the_month_and_go_with_the_template(cast, two_enrolled, camera):
    for _ in range(2):
        assert matches(cast, camera) == "matched"
    scores = OwnScores.objects.get()
    assert scores.uses == 2
    assert scores.month == date(scores.month.year, scores.month.month, 1)
    erase_faces(cast.person("Ada"), cause="test")
    assert not OwnScores.objects.exists()


def test_the_command_plans_before_it_does(cast, two_enrolled):
    secret = GallerySecret.objects.get().id
    planned = CliRunner().invoke(main, ["biometrics", "reissue", "--plan"])
    assert planned.exit_code == 0, planned.output
    assert "canteen: 2 templates" in planned.output
    assert GallerySecret.objects.get().id == secret
    done = CliRunner().invoke(main, ["biometrics", "reissue"])
    assert done.exit_code == 0, done.output
    assert "2 templates have a new secret" in done.output
    assert GallerySecret.objects.get().id != secret


def test_a_run_that_was_killed_at_its_very_end_leaves_no_old_secret_beyond_the_night(
    cast, two_enrolled, monkeypatch
):
    old = GallerySecret.objects.get().id

    def killed(*_):
        raise SystemExit

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr("willing.biometrics.reissue.destroy_gallery_secrets_but", killed)
        reissue(cast.school)
    assert GallerySecret.objects.filter(pk=old).exists()
    purge_faces()
    assert GallerySecret.objects.count() == 1
    assert not GallerySecret.objects.filter(pk=old).exists()
    assert vectors(cast.school)
