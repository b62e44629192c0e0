"""Faces after a restore: the officer confirms each one, nobody else may."""

import pytest
from django.test import Client
from django.urls import reverse
from tests.support.signing import sign_in

from willing.biometrics.models import GalleryState, Template
from willing.biometrics.restores import require_confirmation
from willing.consent.queries import permission
from willing.core.ids import new_id

PAGE = "/staff/data-protection/restored/"


@pytest.fixture
def waiting(cast):
    ada = cast.person("Ada")
    granted = permission(ada, "canteen")
    GalleryState.objects.get_or_create(
        school=cast.school, purpose="canteen", defaults={"secret_id": new_id()}
    )
    row = Template.objects.create(
        person=ada,
        purpose="canteen",
        sealed=b"sealed",
        key_id=new_id(),
        model_id="m",
        references=3,
        own_decision_id=granted.own_decision,
        guardian_decision_id=granted.guardian_decision,
    )
    require_confirmation()
    return row


def signed_in(cast, who):
    client = Client()
    sign_in(client, cast.user(who))
    return client


def test_the_officer_finds_the_faces_that_wait_and_confirms_one(cast, waiting):
    officer = signed_in(cast, "dpo")
    assert PAGE in officer.get("/staff/data-protection/").content.decode()
    assert "1 face waits" in officer.get(PAGE).content.decode()
    assert "face is suspended since a restore" in officer.get("/staff/health/").content.decode()
    confirmed = officer.post(f"{PAGE}{waiting.person_id}/canteen/", follow=True)
    assert "0 faces wait" in confirmed.content.decode()
    assert Template.objects.get().unconfirmed_since is None
    chinese = officer.get(PAGE, headers={"Accept-Language": "zh-hans"}).content.decode()
    assert "数据恢复后的人脸" in chinese


@pytest.mark.parametrize("who", ["office", "cashier", "canteen", "administrator", "guardian", "outsider"])
def test_nobody_else_sees_or_confirms_them(cast, waiting, who):
    client = signed_in(cast, who)
    assert client.get(PAGE).status_code == 403
    assert client.post(f"{PAGE}{waiting.person_id}/canteen/").status_code == 403
    assert Template.objects.get().unconfirmed_since is not None


def test_the_office_and_the_family_read_why_the_face_is_not_used(cast, waiting):
    person = signed_in(cast, "office").get(f"/staff/people/{waiting.person_id}/").content.decode()
    assert "for the data protection officer to confirm it" in person
    family = (
        signed_in(cast, "guardian").get(reverse("portal:child", args=[waiting.person_id])).content.decode()
    )
    assert "the school restored its data from a backup" in family
