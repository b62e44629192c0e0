"""The office imports a list on a page: chooses the columns once, reads what changes, imports."""

import time
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.roster.bundles import Bundle, golden, school, user
from tests.roster.test_leavers import give_face

from willing.core.errors import Refused
from willing.credentials.cards import issue_card
from willing.jobs.actions import run_due
from willing.people.models import Person
from willing.roster import uploads

ODD = "Liste der Schule;;;\nNr;Rufname;Name;Klasse;Mutter\n17;Jörg;Öztürk;7a;Ayşe Öztürk\n18;#NV;Ng;7b;\n"
COLUMNS = {
    "external_id": "Nr",
    "given_name": "Rufname",
    "family_name": "Name",
    "year": "Klasse",
    "guardian_name": "Mutter",
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: Any) -> Path:
    monkeypatch.setattr(uploads, "home", lambda: tmp_path)
    return tmp_path / "imports"


def send(office: Client, content: bytes | str, name: str = "people.csv") -> str:
    body = content if isinstance(content, bytes) else content.encode()
    answer = office.post("/staff/people/import/", {"file": SimpleUploadedFile(name, body)})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def run(office: Client, at: str, said: dict[str, str]) -> Any:
    """Press Import, let the worker do it, and return the page on which that ends."""
    pressed = office.post(at + "run/", said)
    assert pressed["Location"] == at + "progress/"
    assert run_due() == 1
    return office.get(at + "progress/", follow=True)


def test_a_list_with_odd_columns_is_mapped_previewed_and_imported_and_the_columns_are_remembered(
    cast: Any, office: Client, folder: Path
) -> None:
    at = send(office, ODD)
    again = at + "?encoding=&header_line=2"
    page = office.get(again)
    assert "Liste der Schule" in page.content.decode()
    assert page.context["columns"].initial.items() >= COLUMNS.items()  # guessed by what they are called
    preview = office.post(again, {**COLUMNS}, follow=True)
    assert preview.context["counts"].added == 1
    assert [(one.line, one.code) for one, _ in preview.context["faults"]] == [(4, "error_cell")]
    digest = preview.context["form"].initial["digest"]
    done = run(office, at, {"digest": digest})
    assert "1 row was left out" in done.content.decode()
    assert Person.objects.get(external_id="17").full_name == "Jörg Öztürk"
    assert not list(folder.glob("*/list")), "the list is gone; how many there were is kept for an hour"
    mended = send(office, ODD.replace("#NV", "Uma"))
    assert office.get(mended).context["columns"].initial.items() >= COLUMNS.items()
    assert office.get(mended).context["seen"].header_line == 2


def test_a_bundle_needs_no_columns(cast: Any, office: Client, tmp_path: Path) -> None:
    at = send(office, golden("1.1").zip(tmp_path / "b.zip").read_bytes(), "b.zip")
    preview = office.get(at, follow=True)
    assert preview.context["counts"].added == 3
    run(office, at, {"digest": preview.context["form"].initial["digest"]})
    assert Person.objects.filter(external_id="u1").exists()


def test_leavers_are_held_back_while_a_row_is_refused_and_released_by_a_second_press(
    cast: Any, office: Client
) -> None:
    Person.objects.filter(pk=cast.person("Ada").pk).update(external_id="9")
    rows = "".join(f"{number},Una\n" for number in range(10, 16))
    at = send(office, f"external_id,given_name\n{rows}16,#N/A\n")
    preview = office.post(at, {"external_id": "external_id", "given_name": "given_name"}, follow=True)
    text = preview.content.decode()
    assert "Would be leaving" in text
    assert "Ada" in text
    run(office, at, {"digest": preview.context["form"].initial["digest"]})
    assert cast.person("Ada").left_at is None
    at = send(office, f"external_id,given_name\n{rows}16,#N/A\n")
    office.post(at, {"external_id": "external_id", "given_name": "given_name"})
    released = office.get(at + "preview/?release=1")
    assert released.context["counts"].leaving == 1
    digest = released.context["form"].initial["digest"]
    run(office, at, {"digest": digest, "release": "on", "leavers": "1"})
    assert cast.person("Ada").left_at is not None


def test_an_import_is_refused_where_the_preview_is_no_longer_true(cast: Any, office: Client) -> None:
    at = send(office, "external_id,given_name\n17,Una\n")
    preview = office.post(at, {"external_id": "external_id", "given_name": "given_name"}, follow=True)
    digest = preview.context["form"].initial["digest"]
    Person.objects.filter(pk=cast.person("Ada").pk).update(external_id="17")
    answer = run(office, at, {"digest": digest})
    assert answer.status_code == 409
    assert "have changed since the preview" in answer.content.decode()
    assert cast.person("Ada").given_name == "Ada"


def test_many_leavers_are_imported_only_with_their_number(cast: Any, office: Client) -> None:
    for number, name in enumerate(("Ada", "Carl", "Bo")):
        Person.objects.filter(pk=cast.person(name).pk).update(external_id=f"x{number}")
    at = send(office, "external_id,given_name\n17,Una\n")
    preview = office.post(at, {"external_id": "external_id", "given_name": "given_name"}, follow=True)
    digest = preview.context["form"].initial["digest"]
    assert run(office, at, {"digest": digest}).status_code == 409
    assert not Person.objects.filter(external_id="17").exists()
    run(office, at, {"digest": digest, "leavers": "3"})
    assert Person.objects.filter(external_id="17").exists()


def test_a_file_of_another_kind_is_named_with_what_to_do(cast: Any, office: Client) -> None:
    at = send(office, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "people.xls")
    assert "save it as .xlsx" in office.get(at).content.decode()
    damaged = send(office, b"PK\x03\x04 no zip", "b.zip")
    assert office.get(damaged, follow=True).status_code == 200


def test_the_refused_rows_can_be_downloaded_and_hold_nothing_of_what_is_in_them(
    cast: Any, office: Client
) -> None:
    at = send(office, "external_id,given_name\n17,Secret\u202ename\n")
    page = office.post(at, {"external_id": "external_id", "given_name": "given_name"}, follow=True)
    assert ">people.csv, line 2</th>" in page.content.decode()
    text = office.get(at + "refused.csv").content.decode("utf-8-sig")
    assert 'people.csv,2,"Given name, or the whole name"' in text
    assert "Secret" not in text


def test_a_cancelled_file_is_gone_at_once_and_a_forgotten_one_after_an_hour(
    cast: Any, office: Client, folder: Path, monkeypatch: Any
) -> None:
    at = send(office, "external_id,given_name\n17,Una\n")
    (kept,) = folder.iterdir()
    assert [oct(one.stat().st_mode & 0o777) for one in (folder, kept, *kept.iterdir())] == [
        "0o700", "0o700", "0o600", "0o600"
    ]  # fmt: skip
    office.post(at + "cancel/")
    assert list(folder.iterdir()) == []
    assert office.get(at).status_code == 409
    forgotten = send(office, "external_id,given_name\n17,Una\n")
    later = time.time() + uploads.KEPT_SECONDS + 61
    monkeypatch.setattr("willing.roster.uploads.time.time", lambda: later)
    assert uploads.purge_uploads() == 1
    with pytest.raises(Refused, match="upload_gone"):
        uploads.require_upload(UUID(forgotten.split("/")[-2]), user_id=cast.user("office").pk)
    assert office.get(forgotten).status_code == 409


def test_nobody_else_opens_what_one_member_of_staff_has_uploaded(
    cast: Any, office: Client, browser: Any
) -> None:
    at = send(office, "external_id,given_name\n17,Una\n")
    for role in ("cashier", "canteen", "dpo"):
        for address in ("/staff/people/import/", at, at + "preview/", at + "refused.csv"):
            assert browser(role).get(address).status_code == 403
        for address in (at + "run/", at + "cancel/"):
            assert browser(role).post(address).status_code == 403


def test_a_file_that_is_too_large_is_answered_with_what_to_do(
    cast: Any, office: Client, monkeypatch: Any
) -> None:
    dropped_body: Any = {"willing.body_dropped": "1"}
    dropped = office.post("/staff/people/import/", **dropped_body)
    assert dropped.status_code == 413
    assert "upload_too_large" in dropped.content.decode()
    monkeypatch.setattr("willing.pages.console.roster_import.BYTES_MAX", 10)
    answer = office.post("/staff/people/import/", {"file": SimpleUploadedFile("p.csv", b"x" * 11)})
    assert answer.status_code == 422
    assert "The limit is 12 MB" in answer.content.decode()


@pytest.mark.parametrize("name", ["../../etc/passwd", "upload.json", "", "..", "a\\b.csv", "7A (Liste).csv"])
def test_the_name_of_a_file_leads_nowhere(name: str, folder: Path) -> None:
    upload = uploads.require_upload(uploads.keep_upload(name, b"x", user_id=1), user_id=1)
    assert upload.content == b"x"
    assert {one.name for one in (folder / str(upload.id)).iterdir()} == {"list", "upload.json"}
    assert "/" not in upload.name
    assert upload.name not in ("", "..")


def test_a_list_that_waits_is_sealed_and_opens_with_no_other_key(folder: Path, monkeypatch: Any) -> None:
    text = "external_id,given_name\n17,Jörg Öztürk\n".encode()
    first = uploads.keep_upload("people.csv", text, user_id=1)
    second = uploads.keep_upload("people.csv", text, user_id=1)
    stored = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    assert not any(word in one for one in stored for word in (b"given_name", "Jörg".encode()))
    assert uploads.require_upload(first, user_id=1).content == text
    (folder / str(first) / "list").write_bytes((folder / str(second) / "list").read_bytes())
    with pytest.raises(Refused, match="upload_gone"):
        uploads.require_upload(first, user_id=1)
    monkeypatch.setenv("WILLING_MASTER_KEY", "00" * 32)
    with pytest.raises(Refused, match="upload_gone"):
        uploads.require_upload(second, user_id=1)


def two_schools(tmp_path: Path) -> bytes:
    bundle = school(Bundle("1.1"))
    bundle.add("orgs", sourcedId="s2", name="Other School", type="school")
    path: Path = user(bundle, "u1", "Una").zip(tmp_path / "b.zip")
    return path.read_bytes()


def test_of_a_bundle_with_several_schools_the_office_says_which_one_this_is_once(
    cast: Any, office: Client, tmp_path: Path
) -> None:
    at = send(office, two_schools(tmp_path), "b.zip")
    page = office.get(at)
    assert "Other School (s2)" in page.content.decode()
    answer = office.post(at, {"org": ""})
    assert (answer.status_code, "Please choose your school." in answer.content.decode()) == (422, True)
    assert office.post(at, {"org": "s9"}).status_code == 422
    preview = office.post(at, {"org": "s2"}, follow=True)
    assert preview.context["counts"].added == 0
    (ours,) = (org for org, _ in page.context["form"].fields["org"].choices if org not in ("", "s2"))
    preview = office.post(at, {"org": ours}, follow=True)
    assert preview.context["counts"].added == 1
    digest = preview.context["form"].initial["digest"]
    run(office, at, {"digest": digest})
    assert cast.school.external_id == ours
    again = send(office, two_schools(tmp_path), "b.zip")
    assert office.get(again).status_code == 302, "it is remembered"


def imported(office: Client, text: str) -> None:
    at = send(office, text)
    columns = {one: one for one in text.splitlines()[0].split(",")}
    preview = office.post(at, columns, follow=True)
    digest = preview.context["form"].initial["digest"]
    run(office, at, {"digest": digest, "leavers": "9"})


def test_the_last_import_is_undone_on_a_page_that_says_first_what_stays(cast: Any, office: Client) -> None:
    Person.objects.filter(pk=cast.person("Ada").pk).update(external_id="9")
    assert "Undo the last import" not in office.get("/staff/people/import/").content.decode()
    imported(office, "external_id,given_name,family_name\n17,Una,Urban\n18,Vic,Vale\n")
    assert cast.person("Ada").left_at is not None
    issue_card(Person.objects.get(external_id="17"))
    page = office.get("/staff/people/import/")
    assert "Undo the last import" in page.content.decode()
    where = f"/staff/people/import/undo/{page.context['last'].number}/"
    found = office.get(where)
    assert dict(found.context["counts"]) == {"People who are back": 1, "New people deleted": 1}
    assert [name for name, _, _ in found.context["stays"]] == ["Una Urban"]
    assert cast.person("Ada").left_at is not None, "looking undoes nothing"
    done = office.post(where, follow=True).content.decode()
    assert "The import is undone. Left as they are, because they were changed since: 1." in done
    assert cast.person("Ada").left_at is None
    again = office.post(where)
    assert (again.status_code, "can be undone for 24 hours" in again.content.decode()) == (409, True)
    assert "Undo the last import" not in office.get("/staff/people/import/").content.decode()


def test_which_details_stay_is_said_in_the_words_of_the_page(cast: Any, office: Client) -> None:
    Person.objects.filter(pk=cast.person("Carl").pk).update(external_id="c1")
    imported(office, "external_id,given_name,family_name\nc1,Charles,Cardmaker\n")
    Person.objects.filter(external_id="c1").update(given_name="Charles", family_name="Cardman")
    office.cookies["django_language"] = "zh-hans"
    found = office.get("/staff/people/import/undo/1/")
    assert found.context["stays"] == [("Charles Cardman", "之后已被更改", "姓")]


def test_an_undo_of_an_import_that_is_not_the_last_is_refused(cast: Any, office: Client) -> None:
    imported(office, "external_id,given_name\n17,Una\n")
    imported(office, "external_id,given_name\n17,Ulla\n")
    answer = office.post("/staff/people/import/undo/1/")
    assert (answer.status_code, "was imported since" in answer.content.decode()) == (409, True)
    assert Person.objects.get(external_id="17").given_name == "Ulla"


def test_the_page_of_a_leaver_of_a_list_says_what_becomes_of_the_face(cast: Any, office: Client) -> None:
    Person.objects.filter(pk=cast.person("Ada").pk).update(external_id="9")
    give_face(cast.person("Ada"))
    imported(office, "external_id,given_name\n17,Una\n")
    where = f"/staff/people/{cast.person('Ada').pk}/"
    text = office.get(where).content.decode()
    assert "back within 24 hours" in text
    assert "Use the face again" not in text
    back = office.post(where + "back/", follow=True).content.decode()
    assert "that were suspended work again" in back
