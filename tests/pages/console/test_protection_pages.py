"""The data protection officer's pages: lock, assessment, families asked, risks, receipts, signs."""

import json
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from tests.support.gates import a_lane

from willing.accounts.models import Role
from willing.audit.actions import record_now, sign_log
from willing.audit.models import Entry
from willing.core import clock
from willing.credentials.queries import ways_here
from willing.dpia.models import FamilyConsultation, SignedAssessment
from willing.dpia.queries import lock_of, open_risks
from willing.people.models import School
from willing.people.queries import today
from willing.terminals.actions import NewTerminal, add_terminal
from willing.terminals.models import Terminal

HOME = "/staff/data-protection/"


@pytest.fixture
def dpo(browser: Any) -> Client:
    client: Client = browser("dpo")
    return client


@pytest.fixture
def erased(cast: Any) -> Entry:
    """An erasure of Ada's face, as the log has it."""
    with transaction.atomic():
        facts = {"keys_destroyed": 1, "cause": "office"}
        return record_now("face.erased", subject=cast.person("Ada").id, facts=facts, personal={})


def text(client: Client, path: str, **data: Any) -> str:
    answer = client.get(path, data)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_officer_locks_faces_with_a_reason_and_takes_the_lock_away(cast: Any, dpo: Client) -> None:
    assert "Unlocked" in text(dpo, HOME)
    assert dpo.post(f"{HOME}lock/", {"to": "locked", "reason": ""}).status_code == 422
    assert lock_of(cast.school).is_unlocked
    page = dpo.post(f"{HOME}lock/", {"to": "locked", "reason": "A camera looks wrong"}, follow=True)
    assert "Faces are locked." in page.content.decode()
    assert "A camera looks wrong" in text(dpo, HOME)
    assert "face" not in ways_here(cast.till)
    dpo.post(f"{HOME}lock/", {"to": "open", "reason": "It is repaired"})
    assert lock_of(cast.school).is_unlocked


def test_the_office_reads_and_cannot_turn(cast: Any, office: Client) -> None:
    page = text(office, HOME)
    assert "Unlocked" in page
    assert "Lock faces now" not in page
    assert office.post(f"{HOME}lock/", {"to": "locked", "reason": "x"}).status_code == 403
    shown = text(office, f"{HOME}assessment/")
    assert "Sign the assessment" not in shown
    review = today(cast.school) + timedelta(days=9)
    refused = office.post(f"{HOME}assessment/", {"read_sha256": "0" * 64, "review_on": review})
    assert refused.status_code == 422
    assert SignedAssessment.objects.count() == 1


def sha_on(page: str) -> str:
    [sha256] = re.findall(r'name="read_sha256" value="([0-9a-f]{64})"', page)
    return str(sha256)


def test_gdpr_35_the_officer_signs_exactly_what_the_page_shows(cast: Any, dpo: Client) -> None:
    page = text(dpo, f"{HOME}assessment/")
    assert "Nothing but the statistics changed" in page
    add_terminal(cast.school, NewTerminal("Till 9", ways=("card",)))
    review = (today(cast.school) + timedelta(days=300)).isoformat()
    stale = dpo.post(f"{HOME}assessment/", {"which": "read", "read_sha256": sha_on(page)})
    assert "changed since you opened it" in stale.content.decode()
    stale = dpo.post(f"{HOME}assessment/", {"read_sha256": sha_on(page), "review_on": review})
    assert "changed since you opened it" in stale.content.decode()
    assert "What changed since version 1 was signed" in stale.content.decode()
    fresh = sha_on(stale.content.decode())
    unread = dpo.post(f"{HOME}assessment/", {"read_sha256": fresh, "review_on": review})
    assert "press “I have read it”" in unread.content.decode()
    dpo.post(f"{HOME}assessment/", {"which": "read", "read_sha256": fresh})
    far = (today(cast.school) + timedelta(days=367)).isoformat()
    late = dpo.post(f"{HOME}assessment/", {"read_sha256": fresh, "review_on": far})
    assert "within 366 days" in late.content.decode()
    done = dpo.post(f"{HOME}assessment/", {"read_sha256": fresh, "review_on": review})
    assert done.status_code == 302
    signed = SignedAssessment.objects.get(version=2)
    assert "Till 9" in signed.content
    assert "Nothing but the statistics changed" in text(dpo, f"{HOME}assessment/")


def next_button(page: str) -> tuple[str, str]:
    """Return where the one button to the next step leads, and what it says."""
    [found] = re.findall(r'<a class="button primary" href="([^"]+)">([^<]+)<', page)
    return str(found[0]), str(found[1])


def test_the_next_step_is_one_button_and_a_change_sends_back_to_it(cast: Any, dpo: Client) -> None:
    page = text(dpo, HOME)
    assert "Nothing is left to do. Next review:" in page
    assert page.count("· Dpo") == 4
    add_terminal(cast.school, NewTerminal("Till 9", ways=("card",)))
    page = text(dpo, HOME)
    assert "A setting that was signed has changed" in page
    assert next_button(page) == ("/staff/data-protection/assessment/", "Read the assessment")
    dpo.post(f"{HOME}assessment/", {"which": "read", "read_sha256": sha_on(text(dpo, f"{HOME}assessment/"))})
    assert next_button(text(dpo, HOME))[1] == "Go to the signature"
    add_terminal(cast.school, NewTerminal("Till 10", ways=("card",)))
    assert "The text has changed since it was read." in text(dpo, HOME)
    for risk in open_risks(cast.school):
        dpo.post(f"{HOME}risks/{risk.id}/end/")
    assert next_button(text(dpo, HOME)) == ("/staff/data-protection/risks/", "Consider the risks")


def test_only_the_officer_is_led_and_the_office_reads_how_far_it_is(browser: Any, cast: Any) -> None:
    page = text(browser("office"), HOME)
    assert "Steps to a signed assessment" in page
    assert browser("office").get(f"{HOME}families/").status_code == 403
    assert browser("office").post(f"{HOME}risks/considered/").status_code == 403


def test_the_officer_confirms_the_risks_as_they_are(cast: Any, dpo: Client) -> None:
    done = dpo.post(f"{HOME}risks/considered/", follow=True).content.decode()
    assert "It is on record that you considered the risks." in done
    assert "Last considered:" in done
    for risk in open_risks(cast.school):
        dpo.post(f"{HOME}risks/{risk.id}/end/")
    refused = dpo.post(f"{HOME}risks/considered/")
    assert (refused.status_code, refused.context["refusal"].code) == (409, "risks_not_considered")


def test_a_signed_version_is_shown_from_what_was_frozen(cast: Any, dpo: Client) -> None:
    add_terminal(cast.school, NewTerminal("Till 9", ways=("card",)))
    page = text(dpo, f"{HOME}assessment/1/")
    assert "Till 2" in page
    assert "Till 9" not in page
    assert SignedAssessment.objects.get().sha256 in page
    assert dpo.get(f"{HOME}assessment/7/").status_code == 404
    assert dpo.get(f"{HOME}assessment/1.pdf").content.startswith(b"%PDF-")


def test_ico_chelmer_valley_2024_that_families_were_asked_is_recorded_on_the_page(
    cast: Any, dpo: Client
) -> None:
    said = {"how": "Parents' evening", "families_reached": "80", "said": "Two objected"}
    ahead = (today(cast.school) + timedelta(days=1)).isoformat()
    refused = dpo.post(f"{HOME}families/", {**said, "asked_on": ahead})
    assert refused.status_code == 422
    assert "on which past day" in refused.content.decode()
    dpo.post(f"{HOME}families/", {**said, "asked_on": today(cast.school).isoformat()})
    assert FamilyConsultation.objects.count() == 2
    page = text(dpo, HOME)
    assert "Two objected" in page
    assert "80 families reached" in page


def test_risks_and_incidents_are_written_down_and_risks_closed(
    cast: Any, dpo: Client, office: Client
) -> None:
    new = {
        "which": "risk",
        "what": "Twins",
        "likelihood": "low",
        "harm": "high",
        "mitigation": "Card and face",
    }
    assert office.post(f"{HOME}risks/", new).status_code == 422
    assert dpo.post(f"{HOME}risks/", {**new, "harm": ""}).status_code == 422
    dpo.post(f"{HOME}risks/", new)
    day = today(cast.school).isoformat()
    dpo.post(f"{HOME}risks/", {"which": "incident", "happened_on": day, "what": "Lost", "done": "Found"})
    page = text(dpo, f"{HOME}risks/")
    assert "Twins" in page
    assert "Found" in page
    for risk in open_risks(cast.school):
        dpo.post(f"{HOME}risks/{risk.id}/end/")
    assert open_risks(cast.school) == []


def test_the_record_and_the_table_of_what_is_kept_are_shown(dpo: Client) -> None:
    School.objects.update(legal_profile="strict")
    assert "Signed-in browsers" in text(dpo, f"{HOME}record/")
    assert "120 days after the last use" in text(dpo, f"{HOME}kept/")


def test_gdansk_all_ways_are_compared_on_one_page_and_the_day_leads_there(browser: Any, sell: Any) -> None:
    sell("Carl")
    page = text(browser("canteen"), "/staff/ways/")
    assert "Waiting time by way to pay" in page
    assert "Use by way to pay and class" in page
    assert 'href="/staff/ways/"' in text(browser("canteen"), "/staff/today/")
    assert 'href="/staff/ways/"' not in text(browser("cashier"), "/staff/today/")


@pytest.mark.parametrize("role", ["office", "dpo", "administrator"])
def test_an_overdue_sweep_is_said_on_the_front_page(browser: Any, role: str) -> None:
    assert "retention job is overdue" not in text(browser(role), "/")
    then = clock.now() + timedelta(hours=37)
    with clock.running(lambda: then):
        assert "retention job is overdue" in text(browser(role), "/")
        assert "retention job is overdue" not in text(browser("canteen"), "/")


def test_gdpr_17_an_erasure_has_a_receipt_that_an_outsider_checks(
    office: Client, dpo: Client, erased: Entry, tmp_path: Path
) -> None:
    address = f"/staff/erasures/{erased.sequence}"
    before = text(office, f"{address}/")
    assert f'<td data-label="Details">{erased.sequence}</td>' in before
    assert office.get(f"{address}.json").status_code == 404
    sign_log()
    assert "Proof file" in text(dpo, f"{address}/")
    proof = tmp_path / "receipt.json"
    proof.write_bytes(office.get(f"{address}.json").content)
    assert json.loads(proof.read_text())["index"] == erased.sequence - 1
    from willing.audit.signing import trusted_keys

    command = [sys.executable, "-m", "willing.audit.verify", "receipt", str(proof)]
    for key in trusted_keys():
        command += ["--key", str(key)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert office.get(f"{address}.pdf").content.startswith(b"%PDF-")
    refused = office.get("/staff/erasures/1/")
    assert (refused.status_code, refused.context["refusal"].code) == (409, "unknown_erasure")
    assert f'href="{address}/"' in text(dpo, "/staff/log/")


def test_the_person_s_page_leads_to_the_receipt(cast: Any, office: Client, erased: Entry) -> None:
    page = text(office, f"/staff/people/{cast.person('Ada').id}/")
    assert f'href="/staff/erasures/{erased.sequence}/"' in page


def test_china_2025_each_terminal_with_a_camera_has_a_sign_to_print(cast: Any, office: Client) -> None:
    plain = add_terminal(cast.school, NewTerminal("Till 9", ways=("card",)))
    page = text(office, "/staff/terminals/")
    assert f"/staff/terminals/{cast.till.id}/sign/" in page
    assert f"/staff/terminals/{plain.id}/sign/" not in page
    sign = text(office, f"/staff/terminals/{cast.till.id}/sign/")
    assert "There is a camera here" in sign
    assert "You do not need to use your face" in sign
    assert office.get(f"/staff/terminals/{cast.till.id}/sign.pdf").content.startswith(b"%PDF-")
    with_camera, without = (a_lane(cast.school, by=cast.user("office"), name=name) for name in ("L 1", "L 2"))
    Terminal.objects.filter(pk=with_camera.pk).update(takes_face=True)
    page = text(office, "/staff/gate/")
    assert f"/staff/terminals/{with_camera.pk}/sign/" in page
    assert f"/staff/terminals/{without.pk}/sign/" not in page
    sign = text(office, f"/staff/terminals/{with_camera.pk}/sign/")
    assert "There is a camera here" in sign
    assert "L 1" in sign
    assert "Purpose: School gate" in sign
    assert "You do not need to use your face" in sign
    assert office.get(f"/staff/terminals/{with_camera.pk}/sign.pdf").content.startswith(b"%PDF-")


def test_the_camera_notice_is_within_reach_and_leads_back_to_where_one_came_from(
    cast: Any, browser: Any
) -> None:
    notice, till = f"/staff/terminals/{cast.till.id}/sign/", f"/staff/terminals/{cast.till.id}/"
    dpo, office = browser("dpo"), browser("office")
    assert f"{notice}?from=protection" in text(dpo, HOME)
    assert f"{notice}?from=terminal" in text(office, till)
    ways_back = (
        (dpo, "?from=protection", HOME),
        (dpo, "", HOME),
        (dpo, "?from=terminal", HOME),
        (office, "?from=terminal", till),
        (office, "?from=//elsewhere", "/staff/terminals/"),
        (office, "", "/staff/terminals/"),
    )
    for client, query, back in ways_back:
        [crumb] = re.findall(r'<a class="crumb" href="([^"]+)"', text(client, notice + query))
        assert crumb == back, query


def test_where_nobody_is_the_officer_the_next_step_is_to_name_one(cast: Any, browser: Any) -> None:
    add_terminal(cast.school, NewTerminal("Till 9", ways=("card",)))  # what was signed is read again
    office = browser("office")
    assert "The data protection officer does the next step.</p>" in text(office, HOME)
    Role.objects.filter(kind=Role.Kind.DPO).delete()
    assert "nobody has this role yet" in text(office, HOME)
    assert 'class="button" href="/staff/staff/">Staff' not in text(office, HOME)
    assert 'class="button" href="/staff/staff/">Staff' in text(browser("administrator"), HOME)
