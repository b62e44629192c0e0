"""Today's menu; what a child must not eat, which a guardian enters and the pupil reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from willing.allergens.actions import confirm_allergens, record_allergen, remove_allergen
from willing.allergens.queries import allergens_of, due_of
from willing.allergens.table import label, labels
from willing.allergens.wording import doubts_in_words
from willing.core.errors import Refused
from willing.pages.portal.access import FamilyViewer, show
from willing.pages.ui.allergen_forms import AllergenForm
from willing.people.models import Person
from willing.till.menu_of_person import Dish, menu_of_person


def food_of(person: Person) -> dict[str, Any]:
    """Return what a child's page says: which allergens, and whether somebody has to confirm them."""
    entries = allergens_of(person)
    return {
        "allergens": labels(one.allergen for one in entries),
        "is_due": bool(due_of(person.school, entries)),
    }


@dataclass(frozen=True)
class DishShown:
    """A dish of today's menu as families read it. doubts: each cause and its allergens, in a till's words."""

    name: str
    price_minor: int
    is_sold_out: bool
    doubts: Sequence[tuple[str, str]]


def menu_shown(person: Person) -> dict[str, Any]:
    """Return today's menu as it is for a person; nothing for one who has left."""
    if person.left_at is not None:
        return {}
    menu = menu_of_person(person)
    return {"menu": menu, "meals": _dishes(person, menu.meals), "others": _dishes(person, menu.others)}


def _dishes(person: Person, dishes: Sequence[Dish]) -> list[DishShown]:
    return [
        DishShown(
            one.product.label, one.price_minor, one.is_sold_out, doubts_in_words(one.decision, person.pk)
        )
        for one in dishes
    ]


@require_http_methods(["GET", "POST"])
def food(request: HttpRequest, seat: FamilyViewer) -> HttpResponse:
    """List what a child must not eat; take one more."""
    assert seat.guardian is not None
    form = AllergenForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            record_allergen(seat.person, form.named, by=seat.guardian)
        except Refused as refused:
            form.show_refusal(refused)
        else:
            messages.success(request, _("Recorded. The tills hold back what contains it from now on."))
            return redirect(f"{seat.base}food/")
    entries = allergens_of(seat.person)
    context = {
        "entries": [(one, label(one.allergen), one.guardian == seat.guardian) for one in entries],
        "is_due": bool(due_of(seat.person.school, entries)),
        "form": form,
    }
    return show(request, seat, "portal/food.html", context, status=422 if form.is_bound else 200)


@require_POST
def confirm_food(request: HttpRequest, seat: FamilyViewer) -> HttpResponse:
    """Take that everything on the list still holds."""
    assert seat.guardian is not None
    confirm_allergens(seat.person, by=seat.guardian)
    messages.success(request, _("Thank you. The school asks again next term."))
    return redirect(f"{seat.base}food/")


@require_POST
def remove_food(request: HttpRequest, seat: FamilyViewer, entry_id: UUID) -> HttpResponse:
    """Remove an entry of the guardian's own."""
    assert seat.guardian is not None
    try:
        remove_allergen(seat.person, entry_id, by=seat.guardian)
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(request, _("Removed. The tills no longer hold anything back because of it."))
    return redirect(f"{seat.base}food/")
