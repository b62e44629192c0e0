"""People as a list: searched, filtered, and chosen for what is done with many at once."""

from dataclasses import dataclass, replace
from uuid import uuid4

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.views.decorators.http import require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.biometrics.engine import why_unavailable
from willing.core.numbers import read_number
from willing.credentials.people_list import QUEUED, SENSITIVE, PeopleList, Trait, WantedPeople, find_people
from willing.credentials.print_queries import open_runs
from willing.credentials.print_rules import layouts_of
from willing.credentials.trial import trial_persons
from willing.pages.console.address_doubt import address_doubt
from willing.pages.console.helpers import show, user_of
from willing.pages.console.labels import LAYOUT_LABELS, TRAIT_LABELS
from willing.pages.console.roles import OFFICE, READS_ALLERGIES, READS_ARREARS
from willing.pages.console.view_log import record_views
from willing.people.models import Person, School, YearGroup
from willing.people.queries import classes_of

SHOWN = 50
TEXT_CHARS_MAX = 100
CLASS_DIGITS_MAX = 9
# So many classes are shown at once; more of them are behind one press.
CLASSES_OPEN = 12
# Who may ask for it; the page itself is the office's.
ROLES = {Trait.ARREARS: READS_ARREARS, Trait.ALLERGY: READS_ALLERGIES}


@dataclass(frozen=True)
class Filter:
    """One filter as a link: how many it leaves, whether it is on, and where pressing it leads."""

    label: str | Promise
    count: int
    is_on: bool
    address: str


@require_safe
@allow_roles(*OFFICE)
def people(request: PageRequest) -> HttpResponse:
    """List people who are here, or those who have left. Viewing debts or allergies is logged."""
    wanted, offered = wanted_in(request.GET), offered_to(request.school, request.roles)
    require_offered(wanted, offered)
    found = find_people(request.school, wanted, offered=offered)
    page = Paginator(found.ids, SHOWN).get_page(request.GET.get("page"))
    held = Person.objects.select_related("year_group").in_bulk(list(page.object_list))
    persons = [held[pk] for pk in page.object_list if pk in held]
    if SENSITIVE.intersection(wanted.traits):
        record_views(persons, by=user_of(request))
    classes = class_filters(request.school, wanted, found)
    context = {
        "wanted": wanted,
        "text": wanted.text,
        "people": persons,
        "total": len(found.ids),
        "page": page,
        "page_address": address_of(wanted),
        "kept": kept_beside_text(wanted),
        "wanted_as": asked_as(wanted),
        "layouts": [(one.value, LAYOUT_LABELS[one]) for one in layouts_of("cards", request.school.country)],
        "print_key": uuid4(),
        **address_doubt(request),
        "open_runs": open_runs(request.school),
        "left": wanted.left,
        "other_address": address_of(replace(wanted, left=not wanted.left, traits=frozenset())),
        "clear_address": address_of(WantedPeople(left=wanted.left)),
        "is_filtered": wanted.class_id is not None or bool(wanted.traits),
        "traits": [] if wanted.left else trait_filters(wanted, found, offered),
        "classes": classes,
        "are_classes_open": len(classes) <= CLASSES_OPEN or wanted.class_id is not None,
        "invented": len(trial_persons(request.school)),
    }
    return show(request, "console/people.html", context)


def offered_to(school: School, roles: frozenset[str]) -> list[Trait]:
    """Return what someone with `roles` may filter by; nothing about faces where the school has none."""
    without = QUEUED if why_unavailable(school) else {}
    allowed = [trait for trait in Trait if trait not in ROLES or not roles.isdisjoint(ROLES[trait])]
    return [trait for trait in allowed if trait not in without]


def require_offered(wanted: WantedPeople, offered: list[Trait]) -> None:
    """Refuse the page of a filter that its reader may not use, rather than show more than was asked for."""
    if not wanted.traits.issubset(offered):
        raise PermissionDenied


def wanted_in(query: QueryDict) -> WantedPeople:
    """Return whom an address or a form asks for; what is no filter is none."""
    traits = frozenset(Trait(one) for one in query.getlist("with") if one in set(Trait))
    text = query.get("q", "").strip()[:TEXT_CHARS_MAX]
    return WantedPeople(
        text,
        read_number(query.get("class", ""), digits_max=CLASS_DIGITS_MAX),
        traits,
        query.get("left") == "1",
    )


def asked_as(wanted: WantedPeople) -> list[tuple[str, str]]:
    """Return the names and values that say the same in an address or a form."""
    said = [("q", wanted.text)] if wanted.text else []
    return [*said, *kept_beside_text(wanted)]


def kept_beside_text(wanted: WantedPeople) -> list[tuple[str, str]]:
    """Return what a form that asks for another text keeps."""
    said = [("class", str(wanted.class_id))] if wanted.class_id is not None else []
    if wanted.left:
        said.append(("left", "1"))
    return [*said, *(("with", trait.value) for trait in sorted(wanted.traits))]


def address_of(wanted: WantedPeople) -> str:
    """Return the address of a list."""
    query = QueryDict(mutable=True)
    for name, value in asked_as(wanted):
        query.appendlist(name, value)
    return f"{reverse('console:people')}?{query.urlencode()}"


def trait_filters(wanted: WantedPeople, found: PeopleList, offered: list[Trait]) -> list[Filter]:
    """Return the filters of a list; each goes on or off with one press, beside the others."""
    return [
        Filter(
            TRAIT_LABELS[trait],
            found.counts[trait],
            trait in wanted.traits,
            address_of(replace(wanted, traits=wanted.traits ^ {trait})),
        )
        for trait in offered
    ]


def class_filters(school: School, wanted: WantedPeople, found: PeopleList) -> list[Filter]:
    """Return the classes in which someone of a list is, and the one that is asked for."""
    shown = [one for one in classes_of(school) if one.pk in found.classes or one.pk == wanted.class_id]
    return [_class_filter(one, wanted, found) for one in shown]


def _class_filter(year: YearGroup, wanted: WantedPeople, found: PeopleList) -> Filter:
    is_on = year.pk == wanted.class_id
    leads_to = replace(wanted, class_id=None if is_on else year.pk)
    return Filter(year.name, found.classes.get(year.pk, 0), is_on, address_of(leads_to))
