"""Pages as they answer to what is wrong in them: somebody mistypes, takes another file or is too late.

A form is found by the first of the fields, so a name that no form has is a fault.
"""

from tests.screens.pages import GUARDIAN, STRANGER, Screen, Wrong

OLD_WORKBOOK = ("pupils.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 an old workbook")
PICTURE = ("pupils.csv", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00")
MENU = ("menu.csv", b"Name,Price,Category\nSoup,abc,side\n,1,meal\nBread,1.00,starters\n")
PLACE = "https//lunch.example.org"


def _wrong(
    name: str,
    fields: dict[str, str],
    who: str = "staff",
    *,
    state: str = "in error",
    file: tuple[str, bytes] | None = None,
) -> Screen:
    """Return a page on which the form that has these fields is sent with them."""
    return Screen(name, who, state, wrong=Wrong(fields, file))


WRONG = (
    Screen("console:people", state="areas", opens="details.area"),
    Screen("console:people", state="account", opens="details.account"),
    Screen("console:import-undo", state="refused", known={"number": "no_import"}, status=409),
    _wrong("console:add-person", {"given_name": "Nadia", "birth_date": "2150-01-01", "new_year": "9" * 70}),
    _wrong("console:edit-person", {"given_name": "", "birth_date": "2150-01-01"}),
    _wrong("console:add-guardian", {"name": "Ivo", "email": "ivo@", "phone": "abc"}),
    _wrong("console:guardian", {"name": "", "email": "ivo example.org", "phone": "12"}),
    _wrong("console:classes", {"name": "Year 8"}),
    _wrong("console:card-number", {"number": "1234"}),
    _wrong("console:card-list", {"lines": "1001\t1234\n9999\t04A1B2C3\nnothing"}),
    _wrong("portal:new-pin", {"pin": "1111"}, GUARDIAN),
    _wrong("console:import", {}, file=OLD_WORKBOOK, state="old workbook"),
    _wrong("console:import", {}, file=PICTURE, state="no list"),
    _wrong("console:staff", {"name": "Priya Nair"}, state="no role"),
    _wrong("console:settings", {"name": ""}, state="no name"),
    _wrong("console:settings", {"address": PLACE}, state="no address"),
    _wrong("console:settings", {}, state="no picture", file=("logo.png", b"no picture")),
    _wrong("console:calendar", {"hours": "25:00-26:00", "other_3": "12:00"}),
    _wrong("console:calendar-import", {}, file=("days.csv", b"a;b\n1;2\n")),
    _wrong("console:calendar-import", {}, file=("days.csv", b"Name,First day,Last day\nMay Day,1 May,x\n")),
    _wrong("console:calendar-entry", {"first_day": "2026-12-24", "last_day": "2026-12-01"}),
    _wrong("console:limits", {"grace": "two pounds", "daily": "-1"}),
    _wrong("console:terminals", {"name": "Canteen 2"}),
    _wrong("console:terminal", {"name": "Canteen 2"}),
    _wrong("console:printer", {"address": "8.8.8.8"}),
    _wrong("console:door", {"open_seconds": "11"}),
    _wrong("console:door-device", {"address": "8.8.8.8", "unit": "abc"}),
    _wrong("console:door-numbers", {"number": "a card"}),
    _wrong("console:set-code", {"first_day": "2020-01-01", "reason": ""}, state="nobody"),
    _wrong("console:trip", {"last_day": "2020-01-01"}, state="its end refused"),
    _wrong("console:breaches", {"what": "", "whom": ""}),
    _wrong("console:consultation", {"asked_on": "2150-01-01", "families_reached": "0"}),
    _wrong("console:mail", {"host": "", "port": "abc", "sender": "office"}),
    _wrong("console:mail", {"to": "office"}, state="no address"),
    _wrong("console:mail-inbox", {"host": "127.0.0.1", "port": "9", "username": "a", "password": "b"}),
    _wrong("console:menu-add", {"name": "Pasta", "price": "two pounds", "barcodes": "4006381333932"}),
    _wrong("console:menu-product", {"price": "2.505", "barcodes": "123"}),
    _wrong("console:menu-import", {}, file=MENU, state="rows refused"),
    _wrong("console:menu-import", {}, file=OLD_WORKBOOK, state="old workbook"),
    _wrong("portal:contact", {"email": "ivo@", "phone": "abc"}, GUARDIAN),
    _wrong("account_login", {"login": "nobody", "password": "wrong"}, STRANGER),
    _wrong("invitation", {"code": "AAAA-BBBB-CCCC"}, STRANGER),
    _wrong("pupil-sign-in", {"card": "1A0B2C", "pin": "0000"}, STRANGER),
)
OWN_WRONG = (
    _wrong("till-pin", {"pin": "1234"}),
    _wrong("account_change_password", {"oldpassword": "x", "password1": "short", "password2": "other"}),
    _wrong("mfa_activate_totp", {"code": "000000"}, GUARDIAN),
)
