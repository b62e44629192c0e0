"""The filters of the log's page: what an address asks for, who did what in words, and what to choose from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from willing.accounts.access import PageRequest
from willing.accounts.models import User
from willing.audit.actor_rules import GUARDIAN, KINDS, PERSON, SYSTEM, TILL, USER, Actor, actor_of
from willing.audit.models import Entry
from willing.audit.queries import facts_of, recorded_events
from willing.audit.search import LogSearch
from willing.core.comparison import fold_username
from willing.pages.console.forms import Plain
from willing.pages.console.roles import SEARCHES_THE_LOG_BY_PERSON
from willing.people.models import Person, School
from willing.people.queries import day_bounds, require_person
from willing.privacy.labels import EVENT_LABELS
from willing.terminals.queries import terminal_names

KIND_LABELS: Mapping[str, Promise] = {
    USER: _("A person who is signed in"),
    GUARDIAN: _("A guardian"),
    PERSON: _("The person themselves"),
    TILL: _("A till"),
    SYSTEM: _("The school's computer"),
}
# By the first part of an event's name.
FACES = "face face_lock fuse fuse_bounds consent consent_form assessment risk incident breach identification"
REQUESTS = "complaint request record retention log witness"
MONEY = (
    "sale money drawer pay_out pay_out_file bank_payment bank_details statement debt low_balance arrears "
    "leaver entitlement duplicate month tax_rate limits receipts pay_in_receipts z_numbers census_day"
)
PEOPLE = "person guardian class card pin roster invitation mail"
GROUPS: Sequence[tuple[Promise, frozenset[str]]] = (
    (_("Faces and consent"), frozenset(FACES.split())),
    (_("Requests and records"), frozenset(REQUESTS.split())),
    (_("Sales and money"), frozenset(MONEY.split())),
    (_("Menu and allergens"), frozenset({"product", "menu", "meal", "allergen", "allergen_event"})),
    (_("People and cards"), frozenset(PEOPLE.split())),
    (_("Staff and sign-ins"), frozenset({"user", "staff_pin", "passkey", "cashier"})),
)
OTHERS = _("School and computer")


@dataclass(frozen=True)
class Filters:
    """What the page's address asks for. person: whom it is about; text: a name that is searched for."""

    search: LogSearch
    person: Person | None
    text: str
    form: "DaysForm"
    actor: str

    def address(self, **more: object) -> str:
        """Return the query of an address that asks for the same."""
        asked = {
            "event": self.search.event,
            "actor": self.actor,
            "person": str(self.person.pk) if self.person else "",
            **{name: self.form.data.get(name, "") for name in ("first", "last")},
            **more,
        }
        return urlencode({name: value for name, value in asked.items() if value})


def _picker() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class DaysForm(Plain):
    """From one day to another; each may be left open."""

    first = forms.DateField(label=_("First day"), required=False, widget=_picker())
    last = forms.DateField(label=_("Last day"), required=False, widget=_picker())


def read_filters(request: PageRequest) -> Filters:
    """Return what an address asks for; what is no filter is none. Raises Refused unknown_person."""
    asked, school = request.GET, request.school
    form = DaysForm(asked)
    days = form.cleaned_data if form.is_valid() else {}
    first, last = days.get("first"), days.get("last")
    may_search = not request.roles.isdisjoint(SEARCHES_THE_LOG_BY_PERSON)
    person = _person(school, asked.get("person", "")) if may_search else None
    kind, _colon, actor_id = asked.get("actor", "").partition(":")
    kind = kind if kind in KINDS else ""
    search = LogSearch(
        event=asked.get("event", "")[:64],
        actor_kind=kind,
        actor_id=actor_id[:36] if kind else "",
        subject=person.pk if person else None,
        begin=day_bounds(school, first)[0] if first else None,
        end=day_bounds(school, last)[1] if last else None,
    )
    text = asked.get("q", "").strip()[:100] if may_search else ""
    return Filters(search, person, text, form, asked.get("actor", "") if kind else "")


def _person(school: School, wanted: str) -> Person | None:
    try:
        return require_person(school, UUID(wanted)) if wanted else None
    except ValueError:
        return None


def event_groups() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the events that the log knows, in words, by group; none that is empty."""
    events = {event: str(EVENT_LABELS.get(event, event)) for event in recorded_events()}
    found = []
    named: set[str] = set()
    for label, things in GROUPS:
        mine = {event: words for event, words in events.items() if event.split(".")[0] in things}
        named |= mine.keys()
        found.append((str(label), sorted(mine.items(), key=lambda pair: pair[1])))
    rest = {event: words for event, words in events.items() if event not in named}
    found.append((str(OTHERS), sorted(rest.items(), key=lambda pair: pair[1])))
    return [(label, mine) for label, mine in found if mine]


def actor_choices(school: School) -> list[tuple[str, str]]:
    """Return whom one may choose: each kind, and each colleague by name, those who have left too."""
    staff = User.objects.filter(roles__school=school) | User.objects.exclude(deleted_at=None)
    names = {one.pk: one.get_full_name() for one in staff.filter(guardian=None, person=None).distinct()}
    by_name = sorted(names.items(), key=lambda pair: fold_username(pair[1]))
    kinds = [(kind, str(label)) for kind, label in KIND_LABELS.items()]
    return [*kinds, *((f"{USER}:{pk}", name) for pk, name in by_name)]


def actors_of(entries: Iterable[Entry]) -> dict[int, str]:
    """Return who did what each entry says, in words, by its number; from what was hashed, not from a column.

    A colleague by name; a guardian and a pupil never.
    """
    found = {one.sequence: _actor(one) for one in entries}
    wanted = {int(one.id) for one in found.values() if one.kind == USER}
    users = {one.pk: one for one in User.objects.filter(pk__in=wanted)}
    tills = terminal_names([UUID(one.id) for one in found.values() if one.kind == TILL])
    return {sequence: _words(one, users, tills) for sequence, one in found.items()}


def _actor(entry: Entry) -> Actor:
    """Return who it was; an entry that was damaged says so itself when the log is checked."""
    try:
        return actor_of(entry.event, facts_of(entry))
    except (ValueError, KeyError, TypeError):
        return Actor("")


def _words(actor: Actor, users: Mapping[int, User], tills: Mapping[UUID, str]) -> str:
    if actor.kind == USER:
        user = users.get(int(actor.id))
        if user is None:
            return gettext("Former colleague %(number)s") % {"number": actor.id}
        if user.guardian_id is not None:
            return str(KIND_LABELS[GUARDIAN])
        return gettext("A pupil") if user.person_id is not None else user.get_full_name()
    if actor.kind == TILL:
        return tills.get(UUID(actor.id), "") or str(KIND_LABELS[TILL])
    return str(KIND_LABELS.get(actor.kind, "")) or "–"


def line_of(entry: Entry, who: Mapping[int, str]) -> dict[str, Any]:
    """Return an entry as the page shows it."""
    return {
        "sequence": entry.sequence,
        "at": entry.at,
        "event": entry.event,
        "words": EVENT_LABELS.get(entry.event, entry.event),
        "subject": entry.subject,
        "who": who[entry.sequence],
    }
