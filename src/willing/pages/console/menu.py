"""The menu: what is on it, in which order, what it costs, and what is sold out."""

from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.core.errors import Refused
from willing.core.numbers import read_number
from willing.pages.console.helpers import message_once, show, user_of
from willing.pages.console.menu_forms import FIELDS, CycleForm, ProductForm
from willing.pages.console.roles import KEEPS_THE_MENU
from willing.people.models import School
from willing.people.queries import today
from willing.till.menu import find_cycle, is_sold_out, require_product, week_of_menu, whole_menu
from willing.till.menu_models import Product
from willing.till.products import (
    add_to_menu,
    change_product,
    mark_sold_out,
    move_product,
    order_products,
    put_back_on_sale,
    put_on_menu,
    set_menu_cycle,
    take_off_menu,
)
from willing.till.starter import add_starter_menu, has_menu_of_its_country, starter_menu
from willing.till.starter_menus import tax_codes

PRICE_DIGITS_MAX = 9


@require_safe
@allow_roles(*KEEPS_THE_MENU)
def menu(request: PageRequest) -> HttpResponse:
    """List the menu by category; offer one to begin with where it is empty."""
    return _show_menu(request, _cycle_form(request.school))


def _show_menu(request: PageRequest, form: CycleForm, status: int = 200) -> HttpResponse:
    school = request.school
    products = whole_menu(school)
    order = list(Product.Category)
    on_sale = sorted(
        (one for one in products if one.is_on_sale),
        key=lambda one: order.index(Product.Category(one.category)),
    )
    context = {
        "groups": [
            (Product.Category(category), [(one, is_sold_out(school, one)) for one in group])
            for category, group in groupby(on_sale, key=lambda one: one.category)
        ],
        "hidden": [one for one in products if not one.is_on_sale],
        "starter": starter_menu(school) if not products else [],
        "is_of_country": has_menu_of_its_country(school),
        "cycle": form,
        "week": week_of_menu(school, today(school)),
    }
    return show(request, "console/menu.html", context, status=status)


def _cycle_form(school: School, data: Any = None) -> CycleForm:
    cycle = find_cycle(school)
    initial = {"weeks": cycle.weeks if cycle else 1, "day": cycle.first_monday if cycle else today(school)}
    return CycleForm(data, initial=initial)


@require_http_methods(["GET", "POST"])
@allow_roles(*KEEPS_THE_MENU)
def add(request: PageRequest) -> HttpResponse:
    """Add a product."""
    chosen = request.GET.get("category", "")
    initial = {"category": chosen, "is_main_meal": chosen == Product.Category.MEAL}
    form = _form(request, initial=initial)
    if request.method == "POST" and form.is_valid():
        details = form.details(_confirmed(request))
        try:
            added = add_to_menu(
                request.school, details, by=user_of(request), product_id=form.cleaned_data["key"]
            )
        except Refused as refused:
            return _refuse(request, form, refused)
        text = _("%(name)s is on the menu.") % {"name": added.label}
        message_once(request, form.cleaned_data["key"], text)
        return redirect("console:menu")
    return _show_form(request, form)


@require_http_methods(["GET", "POST"])
@allow_roles(*KEEPS_THE_MENU)
def product(request: PageRequest, product_id: UUID) -> HttpResponse:
    """Show a product; change it."""
    found = require_product(request.school, product_id)
    form = _form(request, product=found)
    if request.method == "POST" and form.is_valid():
        try:
            changed = change_product(found, form.details(_confirmed(request)), by=user_of(request))
        except Refused as refused:
            return _refuse(request, form, refused, found)
        text = _("%(name)s is saved. Open baskets keep the price that they had.") % {"name": changed.label}
        message_once(request, form.cleaned_data["key"], text)
        return redirect("console:menu")
    return _show_form(request, form, found)


def _form(request: PageRequest, **kwargs: Any) -> ProductForm:
    data = request.POST if request.method == "POST" else None
    return ProductForm(data, school=request.school, cycle=find_cycle(request.school), **kwargs)


def _confirmed(request: PageRequest) -> frozenset[int]:
    """Return the high prices that were checked, as the page sends them back."""
    given = (read_number(one, digits_max=PRICE_DIGITS_MAX) for one in request.POST.getlist("confirmed"))
    return frozenset(one for one in given if one is not None)


def _refuse(
    request: PageRequest, form: ProductForm, refused: Refused, found: Product | None = None
) -> HttpResponse:
    form.add_error(FIELDS.get(refused.code, "name"), str(refused.message))
    unusual = refused.data.get("price_minor") if refused.code == "price_unusual" else None
    return _show_form(request, form, found, status=409, unusual_minor=unusual)


def _show_form(
    request: PageRequest,
    form: ProductForm,
    found: Product | None = None,
    *,
    status: int = 200,
    unusual_minor: int | None = None,
) -> HttpResponse:
    context = {
        "form": form,
        "product": found,
        "unusual_minor": unusual_minor,
        "confirmed": sorted(_confirmed(request)),
        "tax_codes": tax_codes(request.school.country),
    }
    is_wrong = form.is_bound and status == 200
    return show(request, "console/menu_product.html", context, status=422 if is_wrong else status)


@require_POST
@allow_roles(*KEEPS_THE_MENU)
def sold_out(request: PageRequest, product_id: UUID) -> HttpResponse:
    """Mark a product as sold out for today, or take that back."""
    found = require_product(request.school, product_id)
    if request.POST.get("answer") == "undo":
        put_back_on_sale(found, by=user_of(request))
    else:
        mark_sold_out(found, by=user_of(request))
    return redirect("console:menu")


@require_POST
@allow_roles(*KEEPS_THE_MENU)
def hide(request: PageRequest, product_id: UUID) -> HttpResponse:
    """Take a product off the menu, or put it back."""
    found = require_product(request.school, product_id)
    if request.POST.get("answer") == "undo":
        put_on_menu(found, by=user_of(request))
        text = _("%(name)s is on the menu.")
    else:
        take_off_menu(found, by=user_of(request))
        text = _("%(name)s is off the menu. It is listed below and can be put back.")
    messages.success(request, text % {"name": found.label})
    return redirect("console:menu")


@require_POST
@allow_roles(*KEEPS_THE_MENU)
def move(request: PageRequest, product_id: UUID) -> HttpResponse:
    """Move a product one place up or down."""
    found = require_product(request.school, product_id)
    move_product(found, 1 if request.POST.get("to") == "down" else -1, by=user_of(request))
    return redirect("console:menu")


@require_POST
@allow_roles(*KEEPS_THE_MENU)
def order(request: PageRequest) -> HttpResponse:
    """Keep the order into which the products of a category were dragged."""
    category = request.POST.get("category", "")
    ids = [found for one in request.POST.getlist("product") if (found := _uuid(one))]
    if category in Product.Category.values:
        order_products(request.school, category, ids, by=user_of(request))
    return HttpResponse(status=204)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@require_POST
@allow_roles(*KEEPS_THE_MENU)
def starter(request: PageRequest) -> HttpResponse:
    """Put the menu to begin with on the menu."""
    added = add_starter_menu(request.school, by=user_of(request))
    text = ngettext("%(count)s product is on the menu.", "%(count)s products are on the menu.", added)
    messages.success(request, text % {"count": added})
    return redirect("console:menu")


@require_POST
@allow_roles(*KEEPS_THE_MENU)
def cycle(request: PageRequest) -> HttpResponse:
    """Set after how many weeks the menu begins again."""
    form = _cycle_form(request.school, request.POST)
    if not form.is_valid():
        return _show_menu(request, form, status=422)
    said = form.cleaned_data
    set_menu_cycle(request.school, said["weeks"], said["day"], by=user_of(request))
    messages.success(request, _("Saved."))
    return redirect("console:menu")
