"""The page of the fuses: what warns and what is switched off, the officer's decision, the bounds."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.support.signing import sign_in

from willing.core.clock import now
from willing.dpia.fuse_models import Fuse, FusePolicy
from willing.dpia.fuse_rules import RANGES, Bounds, FuseKind
from willing.dpia.queries import lock_of
from willing.pages.console.fuses import BoundsForm
from willing.people.models import YearGroup
from willing.people.queries import today

CAUSE = "those who do not want a camera wait for it"


@pytest.fixture
def dpo(browser: Any) -> Client:
    client: Client = browser("dpo")
    return client


def blow(
    cast: Any, kind: FuseKind = FuseKind.FASTER_FACE, group: YearGroup | None = None, **about: Any
) -> Fuse:
    return Fuse.objects.create(
        school=cast.school, kind=kind, year_group=group, blows_on=today(cast.school), blown_at=now(), **about
    )


def text(client: Client, name: str, **known: Any) -> str:
    return client.get(reverse(name, kwargs=known)).content.decode()


def test_without_a_fuse_the_page_says_so_and_shows_the_bounds(dpo: Client, office: Client) -> None:
    for client in (dpo, office):
        page = text(client, "console:fuses")
        assert "There is no warning, and nothing is switched off." in page
        assert "The face&#x27;s wait, in % of the card&#x27;s" in page
    assert "Set these numbers" in text(dpo, "console:fuses")
    assert "Set these numbers" not in text(office, "console:fuses")


def test_what_is_switched_off_is_named_on_faces_on_the_assessment_and_on_the_front_page(
    cast: Any, dpo: Client, office: Client
) -> None:
    blow(cast)
    for name in ("console:fuses", "console:faces", "console:assessment", "console:protection", "home"):
        assert CAUSE in text(dpo, name), name
    assert CAUSE in text(office, "console:faces")


def test_families_and_pupils_read_that_the_face_is_off_and_why(cast: Any, client: Client) -> None:
    ada = cast.person("Ada")
    assert "switched off" not in text(client, "portal:policy")
    blow(cast, FuseKind.MOSTLY_FACES, ada.year_group)
    assert "switched off" not in text(client, "portal:policy")
    sign_in(client, cast.user("guardian"))
    page = text(client, "portal:child", person_id=ada.id)
    assert "switched off in this class for now: nearly everyone paid with a face" in page
    blow(cast)
    page = text(client, "portal:child", person_id=ada.id)
    assert "Paying with a face is switched off at the school for now: paying by card took much longer" in page
    assert "switched off at the school" in text(Client(), "portal:policy")


def test_the_officer_decides_with_a_reason_and_a_last_day(cast: Any, dpo: Client, office: Client) -> None:
    fuse = blow(cast)
    where = reverse("console:decide-fuse", args=[fuse.id])
    until = today(cast.school) + timedelta(days=30)
    assert office.post(where, {"reason": "Why", "until": until}).status_code == 403
    wrong = dpo.post(where, {"reason": "Why", "until": today(cast.school)})
    assert wrong.status_code == 422
    assert "The decision must end after today" in wrong.content.decode()
    assert dpo.post(where, {"reason": "", "until": until}).status_code == 422
    assert not lock_of(cast.school).is_unlocked
    page = dpo.post(where, {"reason": "A second reader is set up", "until": until}, follow=True)
    assert "A second reader is set up" in page.content.decode()
    assert lock_of(cast.school).is_unlocked


def test_the_bounds_are_set_within_their_ranges_and_wait_for_the_signature(cast: Any, dpo: Client) -> None:
    where = reverse("console:fuse-bounds")
    wanted = {name: str(value) for name, value in BoundsForm.of(Bounds()).items()}
    assert dpo.post(where, {**wanted, "pupils_min": "9"}).status_code == 422
    assert not FusePolicy.objects.exists()
    page = dpo.post(where, {**wanted, "wrong_permille": "0.5", "faces_permille": "92.5"}, follow=True)
    assert "These are not signed yet." in page.content.decode()
    found = FusePolicy.objects.get().bounds
    assert (found.wrong_permille, found.faces_permille) == (5, 925)
    assert found == Bounds(wrong_permille=5, faces_permille=925)
    assert wanted.keys() == RANGES.keys()
