"""What the school keeps in its registers, told to families: on a page without signing in, and on paper."""

import re
from typing import Any

from django.test import Client
from django.urls import reverse
from tests.support.papers import words_of
from tests.support.registers import ENGLAND
from tests.support.signing import sign_in

from willing.attendance.set_up import set_attendance
from willing.consent.retention import require_kind
from willing.documents.register_notice import KINDS
from willing.privacy.coverage import COVERED

PAGE = "/family/registers/"
# What registers hold about a pupil, by the part of all that is held.
PARTS = {
    "registers",
    "register_notes",
    "absence_messages",
    "planned_absences",
    "register_groups",
    "roll_returns",
    "set_codes",
}


def test_families_read_what_registers_keep_without_signing_in(cast: Any) -> None:
    assert "takes no registers here" in Client().get(PAGE).content.decode()
    set_attendance(cast.school, ENGLAND, by=cast.user("office"))
    page = " ".join(Client().get(PAGE).content.decode().split())
    for said in (
        "nobody is asked for consent",
        "No camera, no face, no gate and no till makes a mark",
        "Every mark in a register with its reason",
        "2192 days",
        "Messages when a pupil is missing",
        "10 minutes",
        "never from the pupil&#x27;s own device",
        "What a teacher&#x27;s device keeps",
        "erased when the teacher signs out",
        "Who reads it",
        "Your rights",
        "complain to",
    ):
        assert said in page, said
    chinese = Client(headers={"accept-language": "zh-hans"}).get(PAGE).content.decode()
    assert "学校在考勤中保存什么" in chinese
    assert re.search(r"[\u4e00-\u9fff]\.<", chinese) is None, "a sentence ends as Chinese sentences do"
    child = reverse("portal:marks", args=[cast.person("Ada").id])
    family = sign_in(Client(), cast.user("guardian"))
    assert f'href="{PAGE}"' in family.get(child).content.decode()


def test_the_notice_is_of_every_table_that_registers_keep_about_a_pupil() -> None:
    told = {model for key in KINDS for model in require_kind(key).models}
    kept = {model for model, part in COVERED.items() if part in PARTS and model != "attendance.ContactCheck"}
    assert kept <= told, kept - told


def test_the_office_prints_it_in_both_languages(cast: Any) -> None:
    set_attendance(cast.school, ENGLAND, by=cast.user("office"))
    office = sign_in(Client(), cast.user("office"))
    page = office.get("/staff/registers/notice/").content.decode()
    for language, said in (
        ("en", "What the school keeps in its registers"),
        ("zh-hans", "学校在考勤中保存什么"),
    ):
        url = f"/staff/registers/notice/{language}.pdf"
        assert url in page
        assert said in words_of(office.get(url).content)
    assert office.get("/staff/registers/notice/fr.pdf").status_code == 404
