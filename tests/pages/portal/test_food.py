"""A guardian enters, confirms and removes what their child must not eat; the pupil reads it."""

from typing import Any
from uuid import uuid4

from django.test import Client
from tests.support.signing import sign_in

from willing.allergens.actions import record_allergen
from willing.allergens.models import PersonAllergen
from willing.allergens.queries import needs_of
from willing.people.models import Person


def where(person: Person) -> str:
    return f"/family/child/{person.id}/food/"


def test_a_guardian_enters_confirms_and_removes_an_allergy(cast: Any) -> None:
    client, ada = sign_in(Client(), cast.user("guardian")), cast.person("Ada")
    assert "The school knows of no allergy." in client.get(where(ada)).content.decode()
    page = client.post(where(ada), {"allergen": "milk"}, follow=True).content.decode()
    assert "Entered by you" in page
    assert "Milk" in client.get(f"/family/child/{ada.id}/").content.decode()
    before = PersonAllergen.objects.get().confirmed_at
    assert "next term" in client.post(f"{where(ada)}confirm/", follow=True).content.decode()
    entry = PersonAllergen.objects.get()
    assert entry.confirmed_at > before
    assert "Removed." in client.post(f"{where(ada)}{entry.id}/remove/", follow=True).content.decode()
    assert not needs_of(ada.pk)


def test_what_the_office_entered_stays_and_has_no_button(cast: Any) -> None:
    client, ada = sign_in(Client(), cast.user("guardian")), cast.person("Ada")
    entry = record_allergen(ada, "milk", by=cast.user("office"), basis="care_plan")
    assert "remove" not in client.get(where(ada)).content.decode()
    answer = client.post(f"{where(ada)}{entry.id}/remove/", follow=True).content.decode()
    assert "not on the list any more" in answer
    assert needs_of(ada.pk) == {"milk"}


def test_words_that_are_none_are_said_beside_the_field(cast: Any) -> None:
    client, ada = sign_in(Client(), cast.user("guardian")), cast.person("Ada")
    for values, field in (
        ({"allergen": "meat"}, "allergen"),
        ({"allergen": "=", "words": "a, b"}, "words"),
        ({"allergen": "=", "words": ""}, "words"),
    ):
        answer = client.post(where(ada), values)
        assert (answer.status_code, set(answer.context["form"].errors)) == (422, {field})
    assert not needs_of(ada.pk)


def test_only_their_own_childs_and_only_a_guardian(cast: Any) -> None:
    client, nia = sign_in(Client(), cast.user("guardian")), cast.person("Nia")
    addresses = (where(nia), f"{where(nia)}confirm/", f"{where(nia)}{uuid4()}/remove/")
    assert {client.post(one).status_code for one in addresses} == {409}
    assert sign_in(Client(), cast.user("office")).get(where(nia)).status_code == 403


def test_a_pupil_reads_what_they_must_not_eat(cast: Any) -> None:
    client = sign_in(Client(), cast.user("pupil"))
    assert "What you must not eat" not in client.get("/family/me/").content.decode()
    record_allergen(cast.person("Carl"), "nuts", by=cast.user("office"))
    assert "Tree nuts" in client.get("/family/me/").content.decode()
