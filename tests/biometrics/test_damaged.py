"""One template that cannot be read is taken out by itself; everybody else is still found."""

import pytest
from tests.biometrics.test_faces import permit_wes
from tests.support.camera import look

from willing.audit.models import Entry
from willing.biometrics import gallery, reissue
from willing.biometrics.models import Template
from willing.biometrics.queries import usable_template
from willing.biometrics.suspension import resume_face
from willing.core.errors import Refused
from willing.keys.models import GallerySecret, PersonKey
from willing.ops.health import conditions

pytestmark = pytest.mark.face


def flip(content, at=40):
    changed = bytearray(bytes(content))
    changed[at] ^= 1
    return bytes(changed)


def damage_seal(row):
    Template.objects.filter(pk=row.pk).update(sealed=flip(row.sealed))


def cut_seal(row):
    Template.objects.filter(pk=row.pk).update(sealed=b"")


def damage_key(row):
    key = PersonKey.objects.get(pk=row.key_id)
    PersonKey.objects.filter(pk=row.key_id).update(wrapped=flip(key.wrapped))


@pytest.fixture
def two(cast, enrol):
    """Ada and Wes are enrolled."""
    permit_wes(cast)
    return enrol("Ada", "person_a_2.jpg"), enrol("Wes", "person_b_1.jpg")


@pytest.mark.parametrize("damage", [damage_seal, cut_seal, damage_key])
def test_a_bad_bit_in_one_template_suspends_that_one_and_the_others_are_found(cast, two, camera, damage):
    damage(Template.objects.get(pk=two[0].pk))
    gallery.drop_all_galleries()
    assert look(cast, camera("person_b_1.jpg")).session.state == "matched"
    row = Template.objects.get(pk=two[0].pk)
    assert row.suspended_for == "damaged"
    assert [one.subject for one in Entry.objects.filter(event="template.damaged")] == [row.person_id]
    gallery.watch_once()
    gallery.watch_once()
    assert Entry.objects.filter(event="template.damaged").count() == 1
    [shown] = [one for one in conditions(cast.school) if one.code == "templates"]
    assert not shown.is_ok


def test_a_damaged_template_is_compared_with_nobody_after_a_card_either(cast, two):
    damage_seal(Template.objects.get(pk=two[0].pk))
    row = usable_template(cast.person("Ada"), "canteen")
    assert row is not None
    assert gallery.find_gallery_of_one(row, row.model_id) is None
    assert usable_template(cast.person("Ada"), "canteen") is None


def test_a_new_secret_is_given_to_all_but_the_damaged_one(cast, two):
    damage_seal(Template.objects.get(pk=two[0].pk))
    done = reissue.reissue(cast.school)
    assert (done.templates, done.unreadable) == (1, 1)
    assert Template.objects.get(pk=two[0].pk).suspended_for == "damaged"


def test_a_damaged_secret_of_a_gallery_turns_faces_off_and_breaks_nothing(cast, two, camera):
    GallerySecret.objects.update(wrapped=flip(GallerySecret.objects.get().wrapped))
    gallery.drop_all_galleries()
    with pytest.raises(Refused, match="face_not_available"):
        look(cast, camera("person_b_1.jpg"))
    assert Template.objects.filter(suspended_for="").count() == 2


def test_the_office_lets_a_restored_template_be_used_again(cast, two, camera):
    row = Template.objects.get(pk=two[0].pk)
    whole = bytes(row.sealed)
    damage_seal(row)
    gallery.drop_all_galleries()
    gallery.live_gallery(cast.school, "canteen")
    Template.objects.filter(pk=row.pk).update(sealed=whole)
    assert resume_face(cast.person("Ada"), by=cast.user("office")) == 1
    assert look(cast, camera("person_a_2.jpg")).session.state == "matched"
