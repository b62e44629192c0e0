"""The office adds, corrects and brings back people, their guardians and classes."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from tests.support.meant import meant

from willing.biometrics.queries import has_face
from willing.people.guardians import GuardianDetails, add_guardian, edit_guardian
from willing.people.models import Guardian, GuardianLink, Person, YearGroup
from willing.people.persons import NewPerson, add_person_once, mark_left


def at(name: str, cast: Any, who: str, **more: Any) -> str:
    return reverse(f"console:{name}", kwargs={"person_id": cast.person(who).id, **more})


def entered(**more: Any) -> dict[str, Any]:
    return {"key": uuid4(), "given_name": "Una", "family_name": "Ng", "kind": "pupil", "year": "7A", **more}


def guardian(**more: Any) -> dict[str, Any]:
    return {"key": uuid4(), "name": "Dora Wei", "language": "zh-hans", "email": "", "phone": "", **more}


# --- persons


def test_a_pupil_is_added_and_their_page_says_the_number(cast: Any, office: Client) -> None:
    values = entered(birth_date="2014-05-31", new_year="8B")
    for _ in range(2):
        page = office.post("/staff/people/add/", values, follow=True)
    una = cast.person("Una")
    assert (una.year_group.name, str(una.birth_date)) == ("8B", "2014-05-31")
    assert Person.objects.filter(given_name="Una").count() == 1
    text = office.post("/staff/people/add/", entered(given_name="Vic"), follow=True).content.decode()
    assert f"with till number {cast.person('Vic').till_number}" in text
    cards = " ".join(text.split("<strong>Cards</strong>")[1].split("</p>")[0].split())
    assert cards == '<span class="muted"> none yet </span>'
    assert page.status_code == 200


def test_what_is_missing_is_said_beside_the_field(cast: Any, office: Client) -> None:
    answer = office.post("/staff/people/add/", entered(given_name="", kind="cat", birth_date="31/31/2014"))
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"given_name", "kind", "birth_date"}


def test_a_typo_is_corrected(cast: Any, office: Client) -> None:
    page = office.get(at("edit-person", cast, "Carl")).content.decode()
    assert 'value="Carl"' in page
    office.post(at("edit-person", cast, "Carl"), entered(given_name="Karl", family_name="Holder"))
    assert cast.person("Karl").full_name == "Karl Holder"
    unfit = office.post(at("edit-person", cast, "Karl"), entered(given_name="\u3000"))
    assert unfit.status_code in (409, 422)


def test_a_correction_that_asks_for_more_consent_erases_the_face_and_says_so_before(
    cast: Any, office: Client, enrol: Any
) -> None:
    cast_ada = cast.person("Ada")
    enrol("Ada", "person_a_1.jpg")
    assert "A face is stored." in office.get(at("edit-person", cast, "Ada")).content.decode()
    assert "A face is stored." in office.get(at("add-guardian", cast, "Ada")).content.decode()
    office.post(at("add-guardian", cast, "Ada"), guardian())
    assert not has_face(cast_ada)


def test_the_page_of_whoever_left_offers_the_way_back_and_nothing_to_pay_with(
    cast: Any, office: Client
) -> None:
    mark_left([cast.person("Carl").id])
    text = office.get(at("person", cast, "Carl")).content.decode()
    for address in ("pay-in", "card", "pin", "leave"):
        assert f'"{at(address, cast, "Carl")}"' not in text, address
    assert "Has left" in text
    assert at("bring-back", cast, "Carl") in text
    assert office.post(at("card", cast, "Carl"), {"key": uuid4()}).status_code == 409
    money = office.post(at("pay-in", cast, "Carl"), {"amount": "5", "key": uuid4()})
    assert money.status_code == 409
    back = office.post(at("bring-back", cast, "Carl"), follow=True).content.decode()
    assert "Carl Cardholder is back." in back
    assert at("pay-in", cast, "Carl") in back


def test_whoever_left_is_found_apart(cast: Any, office: Client) -> None:
    mark_left([cast.person("Carl").id])
    assert "Carl Cardholder" not in office.get("/staff/people/", {"q": "carl"}).content.decode()
    left = office.get("/staff/people/", {"q": "carl", "left": "1"}).content.decode()
    assert "Carl Cardholder" in left
    assert "Ada" not in meant(office.get("/staff/people/", {"left": "1"}).content.decode())


# --- guardians


def test_a_guardian_is_added_once_with_everything_that_reaches_them(cast: Any, office: Client) -> None:
    values = guardian(email="dora@home.example", phone="020 7946 0000", relationship="Mother")
    for _ in range(2):
        office.post(at("add-guardian", cast, "Carl"), {**values, "anyway": "1"})
    dora = Guardian.objects.get(name="Dora Wei")
    assert (dora.email, dora.phone, dora.language) == ("dora@home.example", "020 7946 0000", "zh-hans")
    text = office.get(at("person", cast, "Carl")).content.decode()
    for said in ("Dora Wei", "(Mother)", "dora@home.example", "020 7946 0000"):
        assert said in text


def test_whoever_has_the_address_already_is_proposed_and_not_doubled(cast: Any, office: Client) -> None:
    gwen = cast.guardian("Gwen")
    edit_guardian(gwen.id, GuardianDetails("Gwen", "gwen@home.example"), by=None)
    values = guardian(name="Gwendolyn", email="GWEN@home.example", relationship="Aunt")
    page = office.post(at("add-guardian", cast, "Carl"), values)
    text = page.content.decode()
    assert page.status_code == 409
    assert "Someone here has this address already" in text
    assert "Nia Nay (7A)" in text
    assert at("link-guardian", cast, "Carl", guardian_id=gwen.id) in text
    assert not Guardian.objects.filter(name="Gwendolyn").exists()
    office.post(at("link-guardian", cast, "Carl", guardian_id=gwen.id), {"relationship": "Aunt"})
    link = GuardianLink.objects.get(person=cast.person("Carl"))
    assert (link.guardian, link.relationship) == (gwen, "Aunt")
    office.post(at("add-guardian", cast, "Bo"), {**values, "anyway": "1"})
    assert Guardian.objects.filter(name="Gwendolyn").count() == 1


def test_a_guardian_is_found_by_a_brothers_name(cast: Any, office: Client) -> None:
    text = office.get(at("add-guardian", cast, "Carl"), {"q": "nia"}).content.decode()
    assert at("link-guardian", cast, "Carl", guardian_id=cast.guardian("Gwen").id) in text
    listed = office.get(at("add-guardian", cast, "Wes"), {"q": "gwen"}).content.decode()
    assert "Listed already" in listed


def test_a_guardian_is_corrected(cast: Any, office: Client) -> None:
    where = at("guardian", cast, "Nia", guardian_id=cast.guardian("Gwen").id)
    assert 'value="Gwen"' in office.get(where).content.decode()
    office.post(where, guardian(name="Gwen Nay", email="g@home.example", relationship="Aunt"))
    gwen = cast.guardian("Gwen Nay")
    assert (gwen.email, gwen.language) == ("g@home.example", "zh-hans")
    assert GuardianLink.objects.get(guardian=gwen, person=cast.person("Nia")).relationship == "Aunt"
    wrong = office.post(where, guardian(name="", email="not an address"))
    assert (wrong.status_code, set(wrong.context["form"].errors)) == (422, {"name", "email"})


def test_removing_a_guardian_asks_once_and_names_a_no_that_ends(cast: Any, office: Client) -> None:
    where = at("remove-guardian", cast, "Wes", guardian_id=cast.guardian("Gwen").id)
    assert "They said no to a face." in office.get(where).content.decode()
    assert GuardianLink.objects.filter(person=cast.person("Wes"), ended_at=None).exists()
    text = office.post(where, follow=True).content.decode()
    assert "Gwen is no longer a guardian of this person." in text
    assert not GuardianLink.objects.filter(person=cast.person("Wes"), ended_at=None).exists()
    assert office.get(where).status_code == 409


def test_two_guardians_of_one_name_are_told_apart_by_their_children(cast: Any, office: Client) -> None:
    add_guardian(cast.person("Bo"), "Gwen")
    text = office.get(at("add-guardian", cast, "Carl"), {"q": "gwen"}).content.decode()
    assert "Bo Broke (7A)" in text
    assert "Nia Nay (7A)" in text


# --- classes


def class_page(name: str, deed: str = "class") -> str:
    return reverse(f"console:{deed}", kwargs={"class_id": YearGroup.objects.get(name=name).pk})


def test_a_class_is_added_renamed_moved_merged_and_deleted(cast: Any, office: Client) -> None:
    for name in ("8B", "9C"):
        office.post("/staff/people/classes/", {"name": name})
    office.post(class_page("9C", "move-class"), {"to": "up"})
    text = office.get("/staff/people/classes/").content.decode()
    assert text.index("7A") < text.index("9C") < text.index("8B")
    office.post(class_page("9C"), {"name": "9D"})
    office.post(class_page("7A", "merge-class"), {"into": str(YearGroup.objects.get(name="9D").pk)})
    assert cast.person("Ada").year_group.name == "9D"
    office.post(class_page("8B", "delete-class"))
    assert [one.name for one in YearGroup.objects.all()] == ["9D"]


@pytest.mark.parametrize(
    ("deed", "values", "said"),
    [
        ("class", {"name": "8B"}, "There is a class with this name already."),
        ("merge-class", {"into": ""}, "find that class."),
        ("delete-class", {}, "There are people in this class."),
    ],
)
def test_what_cannot_be_done_with_a_class_is_said_on_its_page(
    cast: Any, office: Client, deed: str, values: dict[str, str], said: str
) -> None:
    office.post("/staff/people/classes/", {"name": "8B"})
    answer = office.post(class_page("7A", deed), values)
    assert answer.status_code in (409, 422)
    assert said in answer.content.decode()


def test_a_school_without_classes_says_how_one_comes(cast: Any, office: Client) -> None:
    Person.objects.update(year_group=None)
    YearGroup.objects.all().delete()
    assert "No class yet" in office.get("/staff/people/classes/").content.decode()


# --- two people of one name


@pytest.mark.parametrize(
    "where", ["/staff/people/?q=sam", "/staff/enrol/?q=sam", "/staff/no/?q=sam+hill", "merge"]
)
def test_two_of_one_name_and_class_are_told_apart_by_till_number(
    cast: Any, office: Client, where: str
) -> None:
    numbers = []
    for _ in range(2):
        new = NewPerson("Sam", "Hill", year="7A")
        numbers.append(add_person_once(cast.school, new, key=uuid4(), by=None).till_number)
    address = f"{at('merge', cast, 'Carl')}?q=sam" if where == "merge" else where
    text = office.get(address).content.decode()
    for number in numbers:
        assert f"No. {number}" in text
