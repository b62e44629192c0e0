"""Which pages there are, who looks at them, and what each of their states needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.urls import URLPattern, URLResolver, get_resolver, reverse

LANGUAGES = {"en": "en-GB", "zh-hans": "zh-CN"}
STAFF, GUARDIAN, PUPIL, STRANGER = "staff", "guardian", "pupil", "stranger"


@dataclass(frozen=True)
class Wrong:
    """What is entered into a form before it is sent: fields by name, and a file as its name and content."""

    fields: Mapping[str, str]
    file: tuple[str, bytes] | None = None


@dataclass(frozen=True)
class Screen:
    """A page in one of its states. name: of its address in the sources; query: behind the address, filled in.

    known: the names of what the seed knows, where a part of the address is not called so itself. wrong: what
    is sent first. opens: a selector of what is unfolded first. status: what the page answers when opened.
    app: a selector of what fetches its names by itself, and says once it shows them. path: where it is, if
    its name is none of the sources. pressed: the page and the button on it that lead here.
    """

    name: str
    who: str = STAFF
    state: str = "full"
    query: str = ""
    known: Mapping[str, str] | None = None
    wrong: Wrong | None = None
    opens: str = ""
    status: int = 200
    app: str = ""
    path: str = ""
    pressed: tuple[str, str] | None = None

    HELP: ClassVar = {"key": "calendar", "folder": "how-to", "name": "office"}

    def address(self, seeded: Mapping[str, Any]) -> str:
        """Return the address in a school that `seeded` tells of; of what is pressed, the page before it."""
        if self.path:
            return self.path
        name = self.pressed[0] if self.pressed else self.name
        known = {"purpose": "canteen", "version": 1, "kind": "closed", **self.HELP, **seeded}
        known |= {part: seeded[other] for part, other in (self.known or {}).items()}
        parts = parts_of(name)
        return reverse(name, kwargs={part: known[part] for part in parts}) + self.query.format_map(known)


CONSOLE = [
    "people",
    "person",
    "add-person",
    "merge",
    "edit-person",
    "import",
    "import-columns",
    "import-preview",
    "add-guardian",
    "guardian",
    "merge-guardian",
    "remove-guardian",
    "classes",
    "class",
    "own-decision",
    "enrol",
    "enrolled",
    "today",
    "refund",
    "leavers",
    "to-sibling",
    "ask-pay-out",
    "person-limits",
    "reverse-pay-in",
    "money",
    "drawers",
    "bank",
    "bank-details",
    "bank-line",
    "pay-in-letters",
    "statement",
    "pay-outs",
    "sales",
    "tax",
    "month-end",
    "gate",
    "lane",
    "doors",
    "door",
    "add-door-device",
    "door-device",
    "remove-door-device",
    "door-numbers",
    "terminals",
    "terminal",
    "reader",
    "printer",
    "meals",
    "entitlements",
    "entitlements-of",
    "census",
    "carried",
    "duplicates",
    "arrears",
    "registers",
    "register",
    "absence-messages",
    "contacts-to-check",
    "register-settings",
    "register-group",
    "attendance-lists",
    "attendance-patterns",
    "attendance-pupil",
    "register-week",
    "register-notes",
    "register-note",
    "attendance-returns",
    "set-codes",
    "set-code",
    "register-notice",
    "leaves",
    "leave-desk",
    "leave-settings",
    "enter-leave",
    "trips",
    "plan-trip",
    "trip",
    "boarding",
    "evening-list",
    "evening-unusual",
    "boarding-settings",
    "house",
    "visits",
    "visit",
    "announce-visit",
    "receive-visitor",
    "visitor-notice",
    "staff-in",
    "roll-call",
    "roll-call-shown",
    "roll-call-last-seen",
    "roll-call-settings",
    "add-assembly-point",
    "assembly-point",
    "medical-words",
    "allergens",
    "ingredient",
    "product-allergens",
    "allergens-of",
    "allergen-events",
    "menu",
    "menu-add",
    "menu-product",
    "menu-import",
    "calendar",
    "calendar-add",
    "calendar-entry",
    "calendar-import",
    "limits",
    "faces",
    "camera-notice",
    "till-test",
    "till-test-paper",
    "staff",
    "staff-member",
    "staff-disable",
    "staff-delete",
    "staff-reset",
    "settings",
    "settings-law",
    "health",
    "mail",
    "mail-inbox",
    "log",
    "log-check",
    "erasure",
    "protection",
    "consultation",
    "breaches",
    "breach",
    "assessment",
    "signed-assessment",
    "risks",
    "fuses",
    "processing-record",
    "retention",
    "way-comparison",
    "consent-form-entry",
    "consent-form",
    "consent-refusals",
    "record-refusal",
    "unconfirmed",
    "complaints",
    "complaint",
    "record-complaint",
    "personal-data",
    "pay-in-receipt",
    "drawer",
    "drawer-report",
]
CHILD = [
    "child",
    "pay-in",
    "absence",
    "data",
    "report",
    "marks",
    "write-note",
    "evenings",
    "lost",
    "receipt",
    "statement",
]
ALONE = [
    "leavers",
    "people",
    "add-person",
    "import",
    "classes",
    "enrol",
    "today",
    "money",
    "drawers",
    "bank",
    "bank-details",
    "statement",
    "pay-outs",
    "sales",
    "tax",
    "month-end",
    "gate",
    "doors",
    "terminals",
    "meals",
    "entitlements",
    "census",
    "carried",
    "duplicates",
    "arrears",
    "registers",
    "register-settings",
    "attendance-lists",
    "set-codes",
    "register-notes",
    "attendance-returns",
    "leaves",
    "leave-desk",
    "trips",
    "boarding",
    "evening-unusual",
    "boarding-settings",
    "visits",
    "staff-in",
    "roll-call",
    "roll-call-settings",
    "allergens",
    "ingredient",
    "allergen-events",
    "menu",
    "menu-add",
    "menu-import",
    "calendar",
    "calendar-import",
    "limits",
    "faces",
    "staff",
    "settings",
    "health",
    "mail",
    "mail-inbox",
    "log",
    "protection",
    "assessment",
    "risks",
    "breaches",
    "fuses",
    "processing-record",
    "retention",
    "way-comparison",
    "consent-refusals",
    "unconfirmed",
    "complaints",
]
RECEIPT = {"sequence": "receipt"}
SCREENS = (
    Screen("home"),
    *(Screen(f"console:{name}") for name in CONSOLE),
    Screen("console:capture", pressed=("console:enrol", "main form[action$='/start/'] button")),
    Screen("console:register-app", app="[data-register-app]"),
    Screen("console:warden-app", app="[data-warden-app]"),
    Screen("console:import-undo", known={"number": "import_number"}),
    Screen("console:import-preview", state="rows refused", known={"upload_id": "plain_list"}),
    Screen("console:import-columns", state="which school", known={"upload_id": "bundle"}),
    Screen("console:import-progress", known={"upload_id": "being_imported"}),
    Screen("console:write-off", known={"person_id": "left"}),
    Screen("console:merge-confirm", known={"person_id": "twin"}),
    Screen("console:merge-guardian-confirm", known={"other_id": "other_guardian"}),
    Screen("console:statement-columns", known={"upload_id": "bank_list"}),
    Screen("console:statement-preview", known={"upload_id": "bank_statement"}),
    Screen("console:refund", state="cash", known={"sale_id": "cash_sale"}),
    Screen("console:drawer", state="of a till", known={"drawer_id": "till_drawer"}),
    Screen("console:sales", state="by hour", query="?by=hour"),
    Screen("console:month-end", state="this month", query="?month=2100-01"),
    Screen("console:sales", state="tax", query="?by=tax"),
    Screen("console:people", state="found", query="?q=o"),
    Screen("console:people", state="nobody found", query="?q=xyz"),
    Screen("console:people", state="left", query="?left=1"),
    Screen("console:print-run"),
    Screen("console:print-run", state="being made", known={"run_id": "run_being_made"}),
    Screen("console:print-run", state="done", known={"run_id": "run_done"}),
    Screen("console:people", state="filtered", query="?with=no-card"),
    Screen("console:people", state="nobody fits", query="?with=no-card&with=arrears&with=allergy"),
    Screen("console:person", state="cards", query="#card"),
    Screen("console:person", state="family", query="#family"),
    Screen("console:person", state="permissions", query="#face"),
    Screen("console:person", state="left", known={"person_id": "left"}),
    Screen("console:person", state="long name", known={"person_id": "long"}),
    Screen("console:person", state="reach first", query="#family", known={"person_id": "long"}),
    Screen("console:person", state="undecided", known={"person_id": "undecided"}),
    Screen("console:breach-draft", known={"kind": "breach_kind"}),
    Screen("console:camera-notice", state="from protection", query="?from=protection"),
    Screen("console:staff-member", state="invited", known={"user_id": "invited"}),
    Screen("console:enrol", state="found", query="?q=a"),
    # Begun by another process, so it is over; what it is like at work is in desk.py.
    Screen("console:capture", state="over", known={"person_id": "other_id"}, status=409),
    Screen("console:allergens", state="next school day", query="?day={next_school_day}"),
    Screen("console:card-number"),
    Screen("console:door", state="by hand", known={"door_id": "door_by_hand"}),
    Screen("console:door", state="does not work", known={"door_id": "door_of_relay"}),
    Screen("console:add-door-device", state="reader", query="?kind=osdp"),
    Screen("console:door-device", state="not asked yet", known={"device_id": "new_device"}),
    Screen("console:card-list"),
    Screen("console:enrol", state="guardian", query="?list=guardian"),
    Screen("console:enrol", state="pupil", query="?list=pupil"),
    Screen("console:consent-refusals", state="found", query="?q=ana"),
    Screen("console:attendance-patterns", state="nobody", query="?class=Reception"),
    Screen("console:attendance-patterns", state="filled", query="?class=Year+8"),
    Screen("console:trip", state="its end", opens="main details"),
    Screen("console:trip", state="late", known={"trip_id": "late_trip"}),
    Screen("console:set-code-progress"),
    Screen("console:evening-list", state="closed", known={"list_id": "closed_list"}),
    Screen("console:register-group", state="list", known={"group_id": "bus_list"}),
    Screen("console:roll-call-shown", state="over", known={"roll_call_id": "roll_call_over"}),
    Screen("console:roll-call-shown", state="who is there", query="?list=there"),
    Screen("console:roll-call-shown", state="not expected", query="?list=others"),
    Screen("console:roll-call-shown", state="found", query="?q=a"),
    Screen("console:roll-call-shown", state="nobody found", query="?q=xyz"),
    Screen("console:register-week", state="no such week", query="?week=2025-W53"),
    Screen("portal:family", GUARDIAN),
    Screen("portal:contact", GUARDIAN),
    Screen("portal:money", GUARDIAN),
    Screen("portal:pay-out", GUARDIAN),
    Screen("portal:food", GUARDIAN),
    Screen("portal:absence-messages", GUARDIAN),
    *(Screen(f"portal:{name}", GUARDIAN, known=RECEIPT if name == "receipt" else None) for name in CHILD),
    Screen("portal:me", PUPIL),
    Screen("portal:new-pin", GUARDIAN),
    *(Screen(f"portal:me-{name}", PUPIL, known=RECEIPT if name == "receipt" else None) for name in CHILD[1:]),
    Screen("help"),
    Screen("help-contents"),
    Screen("manual"),
    Screen("portal:policy", STRANGER),
    Screen("portal:register-notice", STRANGER),
    Screen("portal:consent", STRANGER),
    Screen("account_login", STRANGER),
    Screen("invitation", STRANGER),
    Screen("pupil-sign-in", STRANGER),
    Screen("card", STRANGER),
    Screen("card-lost", STRANGER),
    Screen("nothing there", STRANGER, path="/nothing-is-here/", status=404),
    Screen("for other roles", GUARDIAN, path="/staff/people/", status=403),
)
# One's own sign-in is changed soon after signing in only, so these come first, in both languages.
OWN = (
    Screen("mfa_index"),
    Screen("mfa_view_recovery_codes"),
    Screen("mfa_generate_recovery_codes"),
    Screen("mfa_activate_totp", GUARDIAN),
    Screen("mfa_deactivate_totp"),
    Screen("mfa_add_webauthn"),
    Screen("mfa_remove_webauthn", known={"pk": "passkey_id"}),
    Screen("account_change_password"),
    Screen("till-pin"),
)
# What is seen after a later change to the full school (later.py), in this order.
LATER = {
    "settled": (
        Screen("portal:child", GUARDIAN, "menu signed"),
        Screen("portal:me", PUPIL, "menu signed"),
        Screen("console:allergens", state="signed"),
        Screen("console:menu-product", state="price for a class"),
        Screen("console:settings", state="address tested"),
        Screen("console:people", state="address tested", query="?with=no-card"),
        Screen("console:enrol", state="cards open faces", query="?q=a"),
        Screen("console:person", state="face to be sealed", query="#face"),
    ),
    "bare": (
        Screen("portal:child", GUARDIAN, "nothing on sale"),
        Screen("portal:me", PUPIL, "nothing on sale"),
    ),
}
EMPTY = (Screen("home", state="empty"), *(Screen(f"console:{name}", state="empty") for name in ALONE))


def parts_of(name: str) -> list[str]:
    """Return the names of the parts that the address called `name` has."""
    space, _, last = name.rpartition(":")
    patterns = get_resolver().url_patterns
    for one in patterns:
        if isinstance(one, URLResolver) and (one.namespace or "") == space:
            for below in one.url_patterns:
                if isinstance(below, URLPattern) and below.name == last:
                    prefix = list(one.pattern.converters)
                    return [*prefix, *below.pattern.converters]
        if isinstance(one, URLPattern) and not space and one.name == last:
            return list(one.pattern.converters)
    raise LookupError(name)
