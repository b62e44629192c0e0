"""Every page is photographed by `make screens`, or it is said why there is nothing to see."""

from tests.pages.console.test_console_pages import PRESSED, SHOWN
from tests.screens.pages import EMPTY, OWN, SCREENS, parts_of

from willing.pages.portal import urls as portal
from willing.pages.sign_in import urls as sign_in

FILES = ("-pdf", "-csv", "-file", "-proof", "import-refused", "consent-form-scan")
# Families' presses; what they answer is one of the pages.
FAMILY_PRESSES = {
    *("mail", "child-decide", "limits", "end", "decide"),
    *("confirm-food", "remove-food"),
    *("balance", "me-balance", "to-sibling", "give", "low-balance"),
    *("ill-today", "answer-absence", "withdraw-absence", "me-withdraw-absence"),
    *("answer-absence-message", "still-reached", "gate-messages"),
}
# What Studio.visit_sign_in comes to by a code, a password or a card; where nothing is to be seen.
BY_PRESSES = {
    "invitation-passkey",
    "invitation-password",
    "invitation-answer",
    "mfa_authenticate",
    "card-pin",
}
NO_PAGE = {
    *("mfa_login_webauthn", "openid_connect_login", "openid_connect_callback", "account_logout"),
    "everywhere-out",
}


def test_every_page_of_signing_in_is_photographed() -> None:
    taken = {screen.name for screen in (*OWN, *SCREENS)}
    assert {one.name for one in sign_in.urlpatterns} - BY_PRESSES - NO_PAGE <= taken
    assert not taken & (BY_PRESSES | NO_PAGE)


def test_every_page_of_staff_and_families_is_photographed() -> None:
    console = {f"console:{name}" for name in SHOWN if not name.endswith(FILES)}
    family = {
        f"portal:{one.name}"
        for one in portal.urlpatterns
        if one.name not in FAMILY_PRESSES and not one.name.endswith(FILES)
    }
    taken = {screen.name for screen in SCREENS}
    assert {name for name in taken if name.startswith("console:")} == console
    assert {name for name in taken if name.startswith("portal:")} == family
    assert not any(f"console:{name}" in taken for name in PRESSED)


def test_what_is_photographed_of_an_empty_school_needs_nothing_of_it() -> None:
    assert [screen.name for screen in EMPTY if parts_of(screen.name)] == []
