"""What a staff page refuses keeps the frame of the staff pages; everyone else gets a page of its own."""

from typing import Any

from django.urls import reverse
from tests.pages.console.test_frame import AREAS

from willing.core.ids import new_id

NAV = 'class="areas"'


def test_a_refusal_leaves_the_staff_their_areas(cast: Any, browser: Any) -> None:
    ada = cast.person("Ada")
    office = browser("office")
    gone = office.get(reverse("console:capture", args=[ada.pk, "canteen", new_id()]))
    nowhere = office.get(reverse("console:calendar-add", args=["no-such-kind"]))
    closed = browser("cashier").get(f"/staff/people/{ada.pk}/")
    for answer, status, title in (
        (gone, 409, "That did not work"),
        (nowhere, 404, "Page not found"),
        (closed, 403, "You don't have access to this page"),
    ):
        page = answer.content.decode()
        assert (answer.status_code, NAV in page, title in page) == (status, True, True), title
        assert answer.headers["Cache-Control"] == "no-store"
    assert all(f">{one}</" in gone.content.decode() for one in AREAS["en"][:2])


def test_nobody_else_reads_of_areas(cast: Any, browser: Any, client: Any) -> None:
    for who in (browser("guardian"), client):
        page = who.get("/staff/people/", follow=True).content.decode()
        assert NAV not in page
