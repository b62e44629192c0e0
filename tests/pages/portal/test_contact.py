"""A guardian corrects how the school reaches them."""

import json
from typing import Any

from django.test import Client
from tests.support.signing import sign_in

from willing.audit.models import Entry

WHERE = "/family/contact/"


def test_a_guardian_changes_address_telephone_and_language_of_their_own(cast: Any) -> None:
    client = sign_in(Client(), cast.user("guardian"))
    before = cast.guardian("Gus").link_version
    assert client.get(WHERE).status_code == 200
    values = {"email": "gus@home.example", "phone": "020 7946 0000", "language": "zh-hans", "name": "Eve"}
    page = client.post(WHERE, values, follow=True).content.decode()
    assert "Your contact details are saved." in page
    assert "gus@home.example" in page
    gus = cast.guardian("Gus")
    assert (gus.email, gus.phone, gus.language) == ("gus@home.example", "020 7946 0000", "zh-hans")
    assert gus.link_version == before + 1
    entry = Entry.objects.get(event="guardian.changed")
    assert json.loads(bytes(entry.hashed))["facts"]["by"] == cast.user("guardian").pk
    assert "gus@home" not in bytes(entry.hashed).decode()


def test_an_address_that_is_none_is_said_beside_the_field(cast: Any) -> None:
    client = sign_in(Client(), cast.user("guardian"))
    answer = client.post(WHERE, {"email": "at home", "language": "fr"})
    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {"email", "language"})


def test_only_a_guardian_has_contact_details_here(cast: Any) -> None:
    for who in ("pupil", "office"):
        assert sign_in(Client(), cast.user(who)).get(WHERE).status_code == 403
    assert Client().get(WHERE).status_code == 302
