"""The officer's pages of breaches: the register, the clock, decisions, drafts."""

import re
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from willing.core import clock
from willing.dpia.breach_models import Breach

pytestmark = pytest.mark.steady_clock
HOME = "/staff/data-protection/breaches/"
WHAT = {"what": "A list went to the wrong class", "whom": "Pupils of 7A", "affected": "Names, meals"}


def typed(cast: Any, hours_ago: float) -> str:
    """Return a moment as the browser's field sends it: in the school's time."""
    at = clock.now() - timedelta(hours=hours_ago)
    return at.astimezone(ZoneInfo(cast.school.time_zone)).strftime("%Y-%m-%dT%H:%M")


def test_the_officer_goes_from_a_breach_to_its_notification(cast: Any, browser: Any) -> None:
    dpo: Client = browser("dpo")
    done = dpo.post(HOME, {**WHAT, "known_at": typed(cast, 2)}, follow=True)
    page = done.content.decode()
    assert "The clock runs." in page
    assert re.search(r"(69|70) hours left\.", page)
    breach = Breach.objects.get()
    here = f"{HOME}{breach.pk}/"
    for address in ("/", "/staff/health/", "/staff/data-protection/", HOME):
        assert re.search(r"(69|70) hours left\.", dpo.get(address).content.decode()), address
    refused = dpo.post(here, {"which": "decide-authority", "step": "notify", "reason": ""})
    assert refused.status_code == 422
    dpo.post(here, {"which": "decide-authority", "step": "notify", "reason": "A risk is likely"})
    assert "Record that it was sent" in dpo.get(here).content.decode()
    early = {"which": "notified-authority", "sent_at": typed(cast, 9)}
    assert "not before the breach was known" in dpo.post(here, early).content.decode()
    dpo.post(here, {"which": "account", **WHAT, "people": "28", "measures": "It was called back"})
    assert "It was called back" in dpo.get(f"{here}authority/").content.decode()
    dpo.post(here, {"which": "notified-authority", "sent_at": typed(cast, 0.1), "reference": "Form 12"})
    dpo.post(here, {"which": "decide-families", "step": "leave", "reason": "No high risk"})
    page = dpo.get(here).content.decode()
    assert "Nothing is left to do." in page
    assert "Form 12" in page
    assert "hours left" not in dpo.get("/").content.decode()
    assert dpo.get(f"{here}record.pdf").content.startswith(b"%PDF-")
    assert dpo.get(f"{here}nothing/").status_code == 404
    assert dpo.post(here, {"which": "decide-nobody"}).status_code == 404


def test_the_office_reads_the_register_and_writes_nothing(cast: Any, browser: Any) -> None:
    dpo, office = browser("dpo"), browser("office")
    assert dpo.post(HOME, {"known_at": ""}).status_code == 422
    dpo.post(HOME, {**WHAT, "known_at": typed(cast, 2)})
    here = f"{HOME}{Breach.objects.get().pk}/"
    page = office.get(here).content.decode()
    assert "A list went to the wrong class" in page
    assert "Record the decision" not in page
    assert office.post(here, {"which": "decide-families", "step": "leave", "reason": "x"}).status_code == 422
    assert office.post(HOME, {**WHAT, "known_at": typed(cast, 2)}).status_code == 422
    assert Breach.objects.count() == 1
    dpo.post(f"{HOME}authority/", {"name": "Our authority", "contact": ""})
    assert "Our authority" in office.get(HOME).content.decode()
    assert dpo.post(f"{HOME}authority/", {"name": ""}).status_code == 422
