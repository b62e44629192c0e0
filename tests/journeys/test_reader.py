"""A US reader on computers set to other layouts: one test scan, and cards pay as they do anywhere.

The keys are real ones of the browser, each with the character that the computer's layout makes of it.
"""

from uuid import UUID

import pytest
from tests.journeys.conftest import OpenTill
from tests.support.browser import Books, Till

GERMAN = {"Y": "Z", "Z": "Y", "-": "ß"}
FRENCH = dict(zip("1234567890-AQZWM", "&é\"'(-è_çà)QAWZ?", strict=True))
LAYOUTS = {"German": GERMAN, "French": FRENCH, "Chinese input": None}
CODES = {"-": ("Minus", 189)}


def type_keys(till: Till, text: str, layout: dict[str, str] | None, end: str) -> None:
    """Send the keys of a US reader; None: an input method keeps every character to itself."""
    session = till.context.new_cdp_session(till.page)
    for one in text:
        code, number = CODES.get(one) or (f"Digit{one}" if one.isdigit() else f"Key{one}", ord(one))
        if layout is None:
            key = {"key": "Process", "code": code, "windowsVirtualKeyCode": 229}
        else:
            shown = layout.get(one, one)
            key = {"key": shown, "code": code, "text": shown, "windowsVirtualKeyCode": number}
        session.send("Input.dispatchKeyEvent", {"type": "keyDown", **key})
        session.send("Input.dispatchKeyEvent", {"type": "keyUp", **key})
    session.detach()
    if end:
        till.page.keyboard.press(end)


def sign_in(till: Till, who: str) -> None:
    """Let another member of staff stand at this device."""
    cookie = {"name": "sessionid", "value": till.school[who], "url": till.server.address}
    till.context.add_cookies([cookie])  # type: ignore[list-item]


@pytest.mark.parametrize(("name", "end"), [("German", "Enter"), ("French", "Tab"), ("Chinese input", "")])
def test_a_reader_of_another_layout_is_tested_with_one_scan_and_then_pays(
    open_till: OpenTill, books: Books, name: str, end: str
) -> None:
    till = open_till()
    card = till.cast["pays_by_card"]["card"]
    shown = "-".join(card[at : at + 4] for at in (0, 4, 8))
    [(terminal,)] = books.rows("SELECT id FROM terminals_terminal WHERE token_digest <> ''")
    sign_in(till, "office_session")
    till.page.goto(f"{till.server.address}/staff/terminals/{UUID(terminal)}/reader/")
    till.page.get_by_text("Waiting for a scan").wait_for()
    type_keys(till, shown, LAYOUTS[name], end)
    till.page.get_by_text("works.").wait_for()
    [row] = books.rows("SELECT reader_layout, reader_suffix FROM terminals_terminal WHERE id = ?", terminal)
    assert row == ("us", end.lower() or "none")
    sign_in(till, "session")
    till.page.goto(f"{till.server.address}/till/")
    till.wait_for_script()
    till.add()
    till.stage("choose")
    till.page.locator("body").evaluate("() => document.activeElement.blur()")
    type_keys(till, shown, LAYOUTS[name], end)
    till.stage("identified")
    till.press("Yes, pay")
    till.stage("paid")
    assert [sale[1] for sale in books.sales()] == ["card"]
