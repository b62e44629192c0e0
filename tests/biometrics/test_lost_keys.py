"""Keys that are lost are not keys that were destroyed: nothing is deleted for them until a person says so."""

import pytest
from click.testing import CliRunner
from tests.support.school import FAMILY

from willing import cli
from willing.audit.models import Entry
from willing.biometrics.consent_changes import record_consent
from willing.biometrics.models import GalleryState, Template
from willing.biometrics.retention import LOST_AT_ONCE_MAX, KeysLost, purge_faces
from willing.config import opening
from willing.keys.actions import create_person_key, destroy_person_keys, newest_gallery_secret
from willing.keys.models import GallerySecret, PersonKey


@pytest.fixture
def enrolled(cast):
    """Four people with a template that nobody ever opens."""
    school = cast.school
    GalleryState.objects.create(school=school, purpose="canteen", secret_id=newest_gallery_secret(school.id))
    for name in list(FAMILY)[: LOST_AT_ONCE_MAX + 1]:
        person = cast.person(name)
        Template.objects.create(
            person=person,
            purpose="canteen",
            sealed=bytes(100),
            key_id=create_person_key(person.id)[0],
            model_id="model",
            references=3,
            own_decision=record_consent(cast.says(name, "yes")).decision,
        )
    return list(Template.objects.order_by("id"))


@pytest.fixture
def run(cast, monkeypatch):
    monkeypatch.setattr(opening, "prepare_django", lambda: None)
    return lambda *arguments: CliRunner().invoke(cli.main, list(arguments))


@pytest.mark.parametrize("lost", [PersonKey, GallerySecret])
def test_the_nightly_job_stops_and_asks_where_many_templates_lost_their_keys_at_once(enrolled, run, lost):
    lost.objects.all().delete()
    with pytest.raises(
        KeysLost, match="4 templates have lost their keys at once, so no template was deleted"
    ):
        purge_faces()
    assert Template.objects.count() == len(enrolled)
    refused = run("biometrics", "delete-unreadable", "--count", "3")
    assert refused.exit_code == 1
    assert "there are 4 unreadable templates, not 3; nothing was deleted" in refused.output
    assert Template.objects.count() == len(enrolled)
    done = run("biometrics", "delete-unreadable", "--count", "4")
    assert done.exit_code == 0, done.output
    assert "4 templates deleted" in done.output
    assert not Template.objects.exists()
    assert Entry.objects.filter(event="face.unreadable_deletion_confirmed").count() == 1
    assert purge_faces().unreadable == 0


def test_a_few_templates_whose_erasure_a_crash_broke_off_are_deleted_without_asking(enrolled):
    destroy_person_keys([row.key_id for row in enrolled[:LOST_AT_ONCE_MAX]])
    assert purge_faces().unreadable == LOST_AT_ONCE_MAX


@pytest.mark.sqlite
def test_a_refusal_is_recorded_and_the_template_gone_while_the_keys_are_out_of_reach(cast, enrolled, db):
    (db / "keys.sqlite3").rename(db / "elsewhere")
    decided = record_consent(cast.says("Ada", "no"))
    assert decided.decision.answer == "no"
    assert not Template.objects.filter(person=cast.person("Ada")).exists()
    assert not (db / "keys.sqlite3").exists()
    with pytest.raises(Exception, match="is missing"):
        purge_faces()
    assert Template.objects.count() == len(enrolled) - 1
