"""The kitchen's pages about allergens: the day's menu signed, who has nothing safe, what changed today."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.allergens.queries import due_of, persons_with_allergens
from willing.allergens.table import labels, split
from willing.allergens.wording import doubts_in_words
from willing.core.errors import Refused
from willing.pages.console.allergen_forms import DeclarationForm, IngredientForm
from willing.pages.console.helpers import show, user_of
from willing.pages.console.roles import KEEPS_THE_MENU, OFFICE
from willing.pages.console.view_log import record_views
from willing.pages.ui.templatetags.words import day as day_in_words
from willing.people.models import School
from willing.people.queries import today
from willing.people.school_days import next_school_day
from willing.till.declaration_models import Declaration
from willing.till.declarations import change_ingredient, declare, sign_menu
from willing.till.dishes import concerned_today, menu_with_declarations, without_safe_meal
from willing.till.menu import require_product
from willing.till.menu_models import Product

VERSIONS_SHOWN = 10


@require_safe
@allow_roles(*KEEPS_THE_MENU)
def allergens(request: PageRequest) -> HttpResponse:
    """Show what of today's menu is signed, for whom nothing is safe, and whom today's changes concern.

    Or the same of the next day with school, which can be signed ahead.
    """
    school, now_day = request.school, today(request.school)
    ahead = next_school_day(school, now_day)
    is_ahead = ahead is not None and request.GET.get("day") == ahead.isoformat()
    day = ahead if ahead is not None and is_ahead else now_day
    menu = menu_with_declarations(school, day)
    unfed, changes = without_safe_meal(school, day), [] if is_ahead else concerned_today(school)
    people = persons_with_allergens(school)
    due = {one.person_id for one in due_of(school, [entry for _, entries in people for entry in entries])}
    record_views([person for person, _entries in people], by=user_of(request))
    signed = [one for one in menu if one.declaration is not None and one.declaration.is_signed_for(day)]
    context = {
        "dishes": [_dish(one, one in signed) for one in menu],
        "unsigned": sum(one.declaration is not None for one in menu) - len(signed),
        "signed": len(signed),
        "undeclared": [one for one in menu if one.declaration is None],
        "unfed": [(one.person, labels(one.needs), one.checkable) for one in unfed],
        "changes": [
            (one, [(person, doubts_in_words(found, person.pk)) for person, found in one.persons])
            for one in changes
            if one.persons or one.declaration.change
        ],
        "unconcerning": [
            one.product.label for one in changes if not one.persons and not one.declaration.change
        ],
        "people": [
            (one, labels(entry.allergen for entry in entries), one.pk in due) for one, entries in people
        ],
        "day": day,
        "is_ahead": is_ahead,
        "ahead": ahead,
        "is_office": not request.roles.isdisjoint(OFFICE),
    }
    return show(request, "console/allergens.html", context)


def _dish(product: Product, is_signed: bool) -> dict[str, Any]:
    held = product.declaration
    return {
        "product": product,
        "is_signed": is_signed,
        "is_known": held is not None,
        "contains": labels(split(held.contains)) if held else [],
        "may_contain": labels(split(held.may_contain)) if held else [],
    }


@require_POST
@allow_roles(*KEEPS_THE_MENU)
def sign(request: PageRequest) -> HttpResponse:
    """Sign the menu of the day that the page showed: today's, or ahead."""
    try:
        day = date.fromisoformat(request.POST.get("day", ""))
    except ValueError:
        day = date.min  # no page of ours: refused like any day that is not near
    is_today = day == today(request.school)
    try:
        signed = sign_menu(request.school, by=user_of(request), day=day)
    except Refused as refused:
        messages.error(request, str(refused.message))
        return redirect("console:allergens")
    if is_today:
        text = ngettext(
            "Signed for today: %(count)s product.", "Signed for today: %(count)s products.", signed
        )
        messages.success(request, text % {"count": signed})
        return redirect("console:allergens")
    text = ngettext(
        "Signed for %(day)s: %(count)s product.", "Signed for %(day)s: %(count)s products.", signed
    )
    messages.success(request, text % {"count": signed, "day": day_in_words(day)})
    return redirect(f"{reverse('console:allergens')}?day={day.isoformat()}")


@require_http_methods(["GET", "POST"])
@allow_roles(*KEEPS_THE_MENU)
def ingredient(request: PageRequest) -> HttpResponse:
    """Take an ingredient that is another one from today on; the next page lists whom it concerns."""
    rows = Product.objects.filter(school=request.school, is_on_sale=True)
    products = list(rows.filter(declaration__isnull=False))  # of the others nothing else would be known
    form = IngredientForm(request.POST if request.method == "POST" else None, products=products)
    if form.is_bound and form.is_valid():
        ids = [UUID(one) for one in form.cleaned_data["products"]]
        made = change_ingredient(request.school, ids, form.new, by=user_of(request))
        text = ngettext("Changed: %(count)s product.", "Changed: %(count)s products.", len(made))
        messages.success(request, text % {"count": len(made)})
        return redirect("console:allergens")
    context = {"form": form, "has_products": bool(products)}
    return show(request, "console/ingredient.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@allow_roles(*KEEPS_THE_MENU)
def product(request: PageRequest, product_id: UUID) -> HttpResponse:
    """Declare what a product contains and may contain; show its earlier versions."""
    found = require_product(request.school, product_id)
    form = DeclarationForm(request.POST if request.method == "POST" else None, held=found.declaration)
    if form.is_bound and form.is_valid():
        declare(found, form.new, by=user_of(request))
        messages.success(request, _("Declared. It is signed with today's menu."))
        return redirect("console:allergens")
    context = {
        "form": form,
        "product": found,
        "held": found.declaration,
        "versions": [_version(one) for one in _versions(request.school, found)],
    }
    return show(request, "console/product_allergens.html", context, status=422 if form.is_bound else 200)


def _versions(school: School, product: Product) -> list[Declaration]:
    rows = Declaration.objects.filter(product=product, product__school=school).select_related("user")
    return list(rows.order_by("-declared_at", "-id")[:VERSIONS_SHOWN])


def _version(one: Declaration) -> tuple[Declaration, list[str], list[str]]:
    return one, labels(split(one.contains)), labels(split(one.may_contain))
