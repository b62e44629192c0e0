"""Another law goes through to notices, permissions and stored faces at once."""

import json

import pytest

from willing.audit.models import Entry
from willing.biometrics.gallery import held_persons, live_gallery
from willing.biometrics.laws import change_law
from willing.biometrics.queries import has_face, mode_of, usable_template
from willing.consent.queries import permission, require_notice
from willing.core.errors import Refused
from willing.people.models import School

pytestmark = pytest.mark.face


def test_an_unknown_law_changes_nothing(cast):
    with pytest.raises(Refused, match="law_unknown"):
        change_law(cast.school, "gdpr")
    assert cast.school.legal_profile == "england_wales"


def test_the_law_that_holds_already_is_no_change(cast):
    entries = Entry.objects.count()
    change_law(cast.school, "england_wales")
    assert Entry.objects.count() == entries


def test_another_law_publishes_the_notices_and_rests_every_face_until_the_new_text_is_agreed_to(cast, enrol):
    enrol("Ada", "person_a_2.jpg")
    ada, school, before = cast.person("Ada"), cast.school, require_notice("canteen", "adult", "en").version
    change_law(school, "strict", by=cast.user("office").pk)
    ada = cast.person("Ada")
    assert require_notice("canteen", "adult", "en").version == before + 1
    assert permission(ada, "canteen").reasons == ("notice_changed",)
    assert usable_template(ada, "canteen") is None
    live_gallery(school, "canteen")
    assert held_persons(school.id, "canteen") == []
    changed = Entry.objects.filter(event="school.changed").latest("sequence")
    assert json.loads(bytes(changed.hashed))["facts"]["fields"] == ["legal_profile"]


def test_a_law_under_which_no_face_is_used_erases_those_that_are_stored(cast, enrol):
    enrol("Ada", "person_a_2.jpg")
    change_law(cast.school, "new_york")
    assert usable_template(cast.person("Ada"), "canteen") is None
    assert not has_face(cast.person("Ada"))


def test_a_law_that_lets_a_face_search_alone_first_sets_apart_who_look_alike(cast, enrol, monkeypatch):
    from willing.biometrics import laws

    enrol("Ada", "person_a_2.jpg")
    School.objects.update(legal_profile="strict")
    asked: list[School] = []
    monkeypatch.setattr(laws, "separate_lookalikes", asked.append)
    school = School.objects.get()
    is_confirming = mode_of(school) == "verify"
    change_law(school, "england_wales")
    assert asked == ([school] if is_confirming else [])
