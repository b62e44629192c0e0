"""The enrolment desk: permission first, pictures by camera or upload, done or start over."""

import struct
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import resolve, reverse
from tests.face.liveness.fixed import Fixed
from tests.support.card_faces import enrol_with_card, make_siblings, pair_as_kiosk, seal
from tests.support.signing import give_factor, sign_in

from willing.biometrics import engine as engines
from willing.biometrics.capture import find_capture
from willing.biometrics.models import Template
from willing.biometrics.queries import has_face
from willing.biometrics.school_policy import decide_kinds, decide_pictures
from willing.consent.decisions import NewDecision
from willing.core.errors import Refused
from willing.pages.console import enrolment
from willing.pages.console.enrolment_cards import require_card_of

pytestmark = pytest.mark.face


def begin(cast: Any, office: Client, name: str = "Ada") -> dict[str, Any]:
    """Press start and return what names the capture."""
    answer = office.post(reverse("console:start-capture", args=[cast.person(name).id, "canteen"]))
    assert answer.status_code == 302, answer.content.decode()
    return resolve(answer.headers["Location"]).kwargs


def at(name: str, capture: dict[str, Any]) -> str:
    return reverse(f"console:{name}", kwargs=capture)


def files(*pictures: bytes) -> dict[str, list[SimpleUploadedFile]]:
    return {"pictures": [SimpleUploadedFile("photo.jpg", one, "image/jpeg") for one in pictures]}


def upload(office: Client, capture: dict[str, Any], *pictures: bytes) -> str:
    return office.post(at("upload", capture), files(*pictures), follow=True).content.decode()


def test_the_desk_shows_why_somebody_cannot_be_enrolled(cast: Any, office: Client) -> None:
    text = office.get("/staff/enrol/", {"q": "7A"}).content.decode()
    assert reverse("console:start-capture", args=[cast.person("Ada").id, "canteen"]) in text
    for name in ("Carl", "Nia", "Wes", "Bo"):
        assert reverse("console:start-capture", args=[cast.person(name).id, "canteen"]) not in text
    assert "The person said no. That counts, whatever adults say." in text
    assert "A guardian said no." in text


@pytest.mark.parametrize("name", ["Carl", "Nia", "Wes"])
def test_starting_without_a_permission_is_refused(cast: Any, office: Client, name: str) -> None:
    answer = office.post(reverse("console:start-capture", args=[cast.person(name).id, "canteen"]))
    assert answer.status_code == 409
    assert "not_permitted" in answer.content.decode()


def test_uploaded_photographs_enrol(cast: Any, office: Client, camera: Any) -> None:
    capture, shots = begin(cast, office), camera("person_a_2.jpg")
    text = upload(office, capture, shots.frame(), shots.frame())
    assert text.count(": Good picture<") == 2
    assert "disabled" in text  # two are too few
    refused = office.post(at("finish", capture))
    assert refused.status_code == 409
    assert "too_few_frames" in refused.content.decode()
    upload(office, capture, shots.frame())
    text = office.post(at("finish", capture), follow=True).content.decode()
    assert "Done: Ada is enrolled" in text
    assert "One template of 3 references" in text
    assert "Deleted. None is stored." in text
    assert has_face(cast.person("Ada"), "canteen")


def test_a_second_press_on_done_arrives_at_the_same_page(cast: Any, office: Client, camera: Any) -> None:
    capture, shots = begin(cast, office), camera("person_a_2.jpg")
    upload(office, capture, *(shots.frame() for _ in range(3)))
    pages = [office.post(at("finish", capture)).headers["Location"] for _ in range(2)]
    assert pages[0] == pages[1]
    assert Template.objects.count() == 1
    assert office.get(at("capture", capture)).headers["Location"] == pages[0]


def test_bad_pictures_are_explained_in_plain_words(cast: Any, office: Client, camera: Any) -> None:
    import cv2
    import numpy as np

    wall = cv2.imencode(".jpg", np.full((480, 640, 3), 128, np.uint8))[1].tobytes()
    text = upload(office, begin(cast, office), wall, b"not a picture", camera("person_a_2.jpg").frame())
    assert "Picture 1: No face in the picture" in text
    assert "Picture 2: This file can&#x27;t be read as a picture" in text
    assert "Picture 3: Good picture" in text


def test_too_much_at_once_is_said_and_nothing_is_kept(cast: Any, office: Client) -> None:
    capture = begin(cast, office)
    answer = office.post(at("upload", capture), files(b"\xff\xd8" + bytes(13 * 1024 * 1024)))
    assert answer.status_code == 413
    assert "too_much_uploaded" in answer.content.decode()


def test_the_camera_gets_a_hint_and_the_count(cast: Any, office: Client, camera: Any) -> None:
    capture, shots = begin(cast, office), camera("person_a_2.jpg")

    def send(picture: bytes) -> Any:
        return office.post(at("frame", capture), picture, content_type="image/jpeg")

    assert send(shots.frame()).json() == {
        "hint": "Good picture",
        "good": 1,
        "is_good": True,
        "is_picture": False,
    }
    unreadable = send(b"nothing").json()
    assert (unreadable["good"], unreadable["is_good"]) == (1, False)
    assert send(bytes(400_001)).status_code == 413
    office.post(at("start-over", capture), {"then": "desk"})
    gone = send(shots.frame())
    assert gone.status_code == 409
    assert gone.json() == {"refusal": "This session has expired. Please start over."}


def test_what_may_be_a_picture_is_enrolled_once_staff_have_confirmed_the_person(
    cast: Any, office: Client, camera: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "_pictures", Fixed(-5.0))
    monkeypatch.setattr(engines, "_pictures_fault", "")
    for step in ("shadow", "acting"):
        decide_pictures(cast.school, step, reason="Tried at the desk", by=cast.user("dpo"))
    capture, shots, answer = begin(cast, office), camera("person_a_2.jpg"), {"good": 0}
    while answer["good"] < 3:
        answer = office.post(at("frame", capture), shots.frame(), content_type="image/jpeg").json()
    assert answer["is_picture"]
    back = office.post(at("finish", capture), follow=True)
    text = back.content.decode()
    assert back.redirect_chain == [(at("capture", capture), 302)]
    assert 'data-picture role="alert">' in text
    assert (
        'data-picture role="alert" hidden>'
        in office.post(at("confirm-capture", capture), follow=True).content.decode()
    )
    assert office.post(at("finish", capture)).headers["Location"] == reverse(
        "console:enrolled", args=[cast.person("Ada").id, "canteen"]
    )
    assert has_face(cast.person("Ada"))


def test_starting_over_forgets_the_frames(cast: Any, office: Client, camera: Any) -> None:
    capture = begin(cast, office)
    upload(office, capture, camera("person_a_2.jpg").frame())
    answer = office.post(at("start-over", capture))
    anew = resolve(answer.headers["Location"]).kwargs
    assert anew["capture_id"] != capture["capture_id"]
    assert find_capture(capture["capture_id"], user=cast.user("office")) is None
    progress = find_capture(anew["capture_id"], user=cast.user("office"))
    assert progress is not None
    assert progress.good_frames == 0


def test_a_capture_that_is_over_or_anothers_is_said_kindly(cast: Any, office: Client) -> None:
    from willing.accounts.actions import NewUser, add_user

    capture = begin(cast, office)
    add_user(cast.school, NewUser("office-2", cast.password, "Second", ("office",)))
    second = Client()
    give_factor(cast.user("office-2"))
    sign_in(second, cast.user("office-2"))
    for client, where in ((second, capture), (office, {**capture, "capture_id": uuid4()})):
        answer = client.get(at("capture", where))
        assert answer.status_code == 409
        assert "capture_gone" in answer.content.decode()
    elsewhere = {**capture, "person_id": cast.person("Carl").id}
    assert office.get(at("capture", elsewhere)).status_code == 409


def test_a_no_during_the_capture_wins(cast: Any, office: Client, camera: Any) -> None:
    from willing.biometrics.consent_changes import record_consent

    capture, shots = begin(cast, office), camera("person_a_2.jpg")
    upload(office, capture, *(shots.frame() for _ in range(3)))
    word: NewDecision = cast.says("Ada", "no")
    record_consent(word)
    answer = office.post(at("finish", capture))
    assert answer.status_code == 409
    assert "not_permitted" in answer.content.decode()
    assert not has_face(cast.person("Ada"))


def test_two_people_in_one_capture_are_refused(cast: Any, office: Client, camera: Any) -> None:
    capture = begin(cast, office)
    first, second = camera("person_a_2.jpg"), camera("person_b_2.jpg")
    upload(office, capture, first.frame(), first.frame(), second.frame())
    answer = office.post(at("finish", capture))
    assert answer.status_code == 409
    assert "several_people" in answer.content.decode()


def test_a_lookalike_is_told_that_a_face_alone_does_not_pay(
    cast: Any, office: Client, camera: Any, enrol: Any
) -> None:
    template = enrol("Ada", "person_a_2.jpg")
    Template.objects.filter(pk=template.pk).update(mode=Template.Mode.VERIFY)
    text = office.get(reverse("console:enrolled", args=[cast.person("Ada").id, "canteen"])).content.decode()
    assert "Card and face together" in text


def test_without_the_engine_the_desk_says_so_and_the_rest_works(
    cast: Any, office: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("willing.biometrics.engine.is_installed", lambda: False)
    text = office.get("/staff/enrol/", {"q": "Ada"}).content.decode()
    assert "Faces are not used here." in text
    assert "Cards, codes and PINs work as always." in text
    start = reverse("console:start-capture", args=[cast.person("Ada").id, "canteen"])
    assert start not in text
    answer = office.post(start)
    assert answer.status_code == 409
    assert "face_not_available" in answer.content.decode()
    for where in ("/", "/staff/people/", "/staff/today/", "/staff/terminals/"):
        assert office.get(where).status_code == 200
    assert office.get(reverse("console:person", args=[cast.person("Ada").id])).status_code == 200


def test_what_was_enrolled_is_in_no_page_and_no_log_line(
    cast: Any, office: Client, camera: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    capture, shots = begin(cast, office), camera("person_a_2.jpg")
    upload(office, capture, *(shots.frame() for _ in range(3)))
    text = office.post(at("finish", capture), follow=True).content.decode()
    template = Template.objects.get()
    assert str(template.key_id) not in text
    assert bytes(template.sealed).hex() not in text
    lines = "\n".join(record.getMessage() for record in caplog.records)
    assert "Ada" not in lines
    assert str(template.key_id) not in lines


def test_a_photograph_is_refused_for_its_real_cause_and_with_what_helps(cast: Any, office: Client) -> None:
    capture = begin(cast, office)
    heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64)
    huge = b"\xff\xd8\xff\xc0" + struct.pack(">HBHHB", 17, 8, 9000, 9000, 3) + bytes(9) + b"\xff\xd9"
    text = upload(office, capture, heic, huge, b"hello")
    assert "Picture 1</span>: This is HEIC or AVIF" in text or "Picture 1: This is HEIC or AVIF" in text
    assert "Picture 2: This picture has too many pixels" in text
    assert "Picture 3: This file can&#x27;t be read as a picture" in text


def test_a_card_is_read_by_camera_only_where_what_reads_it_was_there_at_the_build(
    cast: Any, office: Client, camera: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide_kinds(cast.school, "both", by=cast.user("dpo"))
    capture, shots = begin(cast, office), camera("person_a_2.jpg")
    upload(office, capture, *(shots.frame() for _ in range(3)))
    monkeypatch.setattr(enrolment, "has_codes", lambda: True)
    assert "data-open-code-camera" in office.get(at("capture", capture)).content.decode()
    monkeypatch.setattr(enrolment, "has_codes", lambda: False)
    text = office.get(at("capture", capture)).content.decode()
    assert "data-open-code-camera" not in text
    assert "Waiting for the card" in text
    assert "data-has-codes" not in office.post(at("finish", capture), follow=True).content.decode()
    monkeypatch.setattr(enrolment, "has_codes", lambda: True)
    assert "data-has-codes" in office.get(at("capture", capture), follow=True).content.decode()


def test_a_face_is_enrolled_with_the_persons_own_card(cast: Any, office: Client, camera: Any) -> None:
    decide_kinds(cast.school, "both", by=cast.user("dpo"))
    capture, shots = begin(cast, office), camera("person_a_2.jpg")
    upload(office, capture, *(shots.frame() for _ in range(3)))
    assert "The pupil's card" in office.get(at("capture", capture)).content.decode()
    for code in (cast.cards["Carl"], "5012345678900", ""):
        refused = office.post(at("capture-card", capture), {"code": code})
        assert (refused.status_code, set(refused.json())) == (409, {"refusal"})
    read = office.post(at("capture-card", capture), {"code": cast.cards["Ada"]}).json()
    assert read == {"code": cast.cards["Ada"], "keys": ""}
    asked = office.post(at("capture-key", capture)).json()
    sealed = seal(asked["key"], asked["info"], bytes(range(16)))
    for fields, code in (
        ({"code": read["code"]}, "card_needed"),
        ({"code": cast.cards["Carl"], "share": sealed}, "card_of_another"),
    ):
        refused = office.post(at("finish", capture), {"kind": "card", **fields})
        assert (refused.status_code, code in refused.content.decode()) == (409, True)
    with pytest.raises(Refused, match="card_of_another"):
        require_card_of(cast.person("Ada"), "canteen", cast.cards["Carl"])
    said = {"kind": "card", "code": read["code"], "share": sealed}
    refused = office.post(at("finish", capture), said)
    assert (refused.status_code, "siblings_not_asked" in refused.content.decode()) == (409, True)
    refused = office.post(at("finish", capture), {**said, "siblings": "yes"})
    assert (refused.status_code, "sibling_needed" in refused.content.decode()) == (409, True)
    said["siblings"] = "no"
    text = office.post(at("finish", capture), said, follow=True).content.decode()
    assert "Done: Ada is enrolled" in text
    assert "Only together with the pupil's card" in text
    assert Template.objects.get().holder == "card"
    assert office.post(at("capture-key", capture)).status_code == 409


def test_a_sibling_of_the_same_age_is_asked_for_by_name_and_compared_by_their_card(
    cast: Any, office: Client, camera: Any
) -> None:
    pair_as_kiosk()
    decide_kinds(cast.school, "both", by=cast.user("dpo"))
    ada = enrol_with_card(cast, camera)
    make_siblings(cast)
    capture, shots = begin(cast, office, "Wes"), camera("person_a_1.jpg")
    upload(office, capture, *(shots.frame() for _ in range(3)))
    text = office.get(at("capture", capture)).content.decode()
    assert "these have to be compared: <strong>Ada Agrees</strong>" in text
    assert 'value="no" form="with-card" required disabled' in text
    for code, status in ((cast.cards["Ada"], 200), (cast.cards["Carl"], 409), (cast.cards["Wes"], 409)):
        said = {"code": code, "whose": "sibling"}
        assert office.post(at("capture-card", capture), said).status_code == status
    for changed, refusal in (
        ({"siblings": "no"}, "sibling_needed"),
        ({"sibling-share": ""}, "sibling_needed"),
        ({"sibling-code": [cast.cards["Ada"]] * 5, "sibling-share": ["00"] * 5}, "too_many_siblings"),
        ({}, "looks_alike"),
    ):
        key = office.post(at("capture-key", capture)).json()  # each press has a process of its own
        said = {"kind": "card", "code": cast.cards["Wes"], "share": seal(key["key"], key["info"], bytes(16))}
        said |= {"siblings": "yes", "sibling-code": cast.cards["Ada"]}
        said["sibling-share"] = seal(key["key"], key["siblings"][0], ada.share)
        refused = office.post(at("finish", capture), {**said, **changed})
        assert (refused.status_code, refusal in refused.content.decode()) == (409, True)
    assert "not used again" in office.get(f"/staff/people/{cast.person('Ada').id}/").content.decode()


def test_ending_the_cards_deletes_the_face_that_only_they_open_as_the_page_says_before(
    cast: Any, office: Client, camera: Any
) -> None:
    decide_kinds(cast.school, "both", by=cast.user("dpo"))
    enrol_with_card(cast, camera)
    page = f"/staff/people/{cast.person('Ada').id}/"
    assert "also deletes the face" in office.get(page).content.decode()
    text = office.post(f"{page}cards/end/", follow=True).content.decode()
    assert "1 card was revoked. The face that only this card opened is deleted." in text
    assert not has_face(cast.person("Ada"))


def test_a_face_of_before_is_sealed_with_the_card_at_the_desk_without_a_picture(
    cast: Any, office: Client, enrol: Any
) -> None:
    enrol("Ada", "person_a_2.jpg")
    assert "Seal it with the card" not in office.get("/staff/enrol/", {"q": "Ada"}).content.decode()
    decide_kinds(cast.school, "both", by=cast.user("dpo"))
    page = f"/staff/people/{cast.person('Ada').id}/"
    for answer in (office.get("/staff/enrol/", {"q": "Ada"}), office.get(page)):
        assert "Seal it with the card" in answer.content.decode()
    capture = begin(cast, office)
    text = office.get(at("capture", capture)).content.decode()
    assert "No picture is taken" in text
    assert "Start the camera" not in text
    key = office.post(at("capture-key", capture)).json()
    said = {"kind": "card", "code": cast.cards["Ada"], "siblings": "no"}
    said["share"] = seal(key["key"], key["info"], bytes(16))
    text = office.post(at("finish", capture), said, follow=True).content.decode()
    assert "Only together with the pupil's card" in text
    assert Template.objects.get().holder == "card"
