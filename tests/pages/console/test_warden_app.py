"""The wardens' app without a browser: what a phone keeps of it, and what it says where a part is missing."""

import json
import posixpath
import re
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.templatetags.static import static

from willing.pages.console import warden_app
from willing.pages.console.warden_app import FILES
from willing.pages.ui.browser_parts import QR

APP = "/staff/roll-call/app/"
OFF = "Codes are off"


def test_the_page_names_nobody_and_everything_that_it_loads_is_kept(cast: Any, browser: Any) -> None:
    teacher = browser("teacher")
    answer = teacher.get(APP)
    page = answer.content.decode()
    assert "manifest-src 'self'" in answer.headers["Content-Security-Policy"]
    # It reads codes of other phones, after a press (tests/journeys/test_roll_call.py); it marks nobody.
    assert "camera=(self)" in answer.headers["Permissions-Policy"]
    assert not [one for one in ("Ada", "Bo", "Carl", "Nia", "Wes") if re.search(rf"\b{one}\b", page)]
    kept = {static(name) for name in FILES}
    loaded = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page))
    assert loaded <= kept, loaded - kept
    scripts = [name for name in FILES if name.endswith(".js") and not name.startswith("django_htmx")]
    for name in scripts:
        text = Path(str(finders.find(name))).read_text("utf-8")
        called = re.findall(r'(?:from|import\() ?"([^"]+)"', text)
        imported = {posixpath.normpath(f"{name}/../{one}") for one in called}
        assert imported <= {*FILES, *QR}, name
    worker = teacher.get(f"{APP}worker.js").content.decode()
    said = json.loads(re.findall(r"self.KEPT = (.+);", worker)[0])
    assert (said["name"], said["page"]) == ("roll-call", APP)
    manifest = teacher.get(f"{APP}manifest.json").json()
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == (APP, APP, "standalone")


def test_a_build_without_npm_has_a_roll_call_without_codes_and_says_so(
    cast: Any, browser: Any, monkeypatch: Any
) -> None:
    teacher = browser("teacher")
    monkeypatch.setattr(warden_app, "has_codes", lambda: False)
    page = teacher.get(APP).content.decode()
    assert OFF in page
    assert "data-codes>" not in page.split('data-zone="')[1].split("\n")[0]
    assert "parts/qr" not in teacher.get(f"{APP}worker.js").content.decode()
    monkeypatch.setattr(warden_app, "has_codes", lambda: True)
    assert OFF not in teacher.get(APP).content.decode()
    assert "parts/qr" in teacher.get(f"{APP}worker.js").content.decode()


def test_only_staff_open_it(cast: Any, browser: Any) -> None:
    for name in ("", "manifest.json", "worker.js"):
        assert browser("cashier").get(f"{APP}{name}").status_code == 200, "anyone of the staff may start one"
        assert browser("guardian").get(f"{APP}{name}").status_code in {403, 404}
