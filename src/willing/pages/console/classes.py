"""The office looks after classes: added, renamed, put in order, merged, deleted when empty."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from willing.accounts.access import PageRequest, allow_roles
from willing.core.errors import Refused
from willing.meals.census import has_census
from willing.pages.console.helpers import show, user_of
from willing.pages.console.people_forms import ClassForm
from willing.pages.console.roles import OFFICE
from willing.people import classes as actions
from willing.people.queries import class_sizes, classes_of, require_class


@require_http_methods(["GET", "POST"])
@allow_roles(*OFFICE)
def classes(request: PageRequest) -> HttpResponse:
    """List the classes in their order; add one."""
    form = ClassForm(request.POST if request.method == "POST" else None)
    added = _save(form, lambda name: actions.add_class(request.school, name, by=user_of(request).pk))
    if added:
        messages.success(request, _("The class is added."))
        return redirect("console:classes")
    sizes = class_sizes(request.school)
    rows = [(one, sizes.get(one.pk, 0)) for one in classes_of(request.school)]
    status = 422 if form.is_bound else 200
    return show(request, "console/classes.html", {"rows": rows, "form": form}, status=status)


def _save(form: ClassForm, save: Callable[[str], object]) -> bool:
    """Save a name that was entered; say beside the field why not. Return whether it is saved."""
    if not form.is_bound:
        return False
    if form.is_valid():
        try:
            save(form.cleaned_data["name"])
        except Refused as refused:
            form.add_error("name", str(refused.message))
        else:
            return True
    return False


@require_http_methods(["GET", "POST"])
@allow_roles(*OFFICE)
def edit(request: PageRequest, class_id: int) -> HttpResponse:
    """Rename a class, merge it into another one, or delete it where nobody is in it."""
    found = require_class(request.school, class_id)
    posted = request.POST if request.method == "POST" else None
    form = ClassForm(posted, initial={"name": found.name})
    by = user_of(request).pk
    if _save(form, lambda name: actions.rename_class(request.school, class_id, name, by=by)):
        messages.success(request, _("The changes are saved."))
        return redirect("console:classes")
    return _show_class(request, class_id, form, status=422 if form.is_bound else 200)


def _show_class(
    request: PageRequest, class_id: int, form: ClassForm, *, status: int, refused: Refused | None = None
) -> HttpResponse:
    found = require_class(request.school, class_id)
    context = {
        "one": found,
        "form": form,
        "size": class_sizes(request.school).get(class_id, 0),
        "others": [one for one in classes_of(request.school) if one.pk != class_id],
        "refused": refused,
        "has_census": has_census(request.school),
    }
    return show(request, "console/class_edit.html", context, status=status)


@require_POST
@allow_roles(*OFFICE)
def infants(request: PageRequest, class_id: int) -> HttpResponse:
    """Say whether a class is Reception, Year 1 or Year 2."""
    is_infant = request.POST.get("is_infant") == "on"
    actions.set_infants(request.school, class_id, is_infant=is_infant, by=user_of(request).pk)
    messages.success(request, _("The changes are saved."))
    return redirect("console:class", class_id=class_id)


@require_POST
@allow_roles(*OFFICE)
def move(request: PageRequest, class_id: int) -> HttpResponse:
    """Move a class one place up or down in the order."""
    ids = [one.pk for one in classes_of(request.school)]
    place = ids.index(require_class(request.school, class_id).pk)
    to = place + (1 if request.POST.get("to") == "down" else -1)
    if 0 <= to < len(ids):
        ids.insert(to, ids.pop(place))
        actions.order_classes(request.school, ids, by=user_of(request).pk)
    return redirect("console:classes")


@require_POST
@allow_roles(*OFFICE)
def merge(request: PageRequest, class_id: int) -> HttpResponse:
    """Put everybody of a class into another one; the first is gone then."""
    found = require_class(request.school, class_id)
    into = request.POST.get("into", "")
    try:
        kept = require_class(request.school, int(into) if into.isdecimal() else 0)
        moved = actions.merge_classes(request.school, class_id, kept.pk, by=user_of(request).pk)
    except Refused as refused:
        form = ClassForm(initial={"name": found.name})
        return _show_class(request, class_id, form, status=409, refused=refused)
    text = ngettext("%(count)s person moved to %(name)s.", "%(count)s people moved to %(name)s.", moved)
    messages.success(request, text % {"count": moved, "name": kept.name})
    return redirect("console:classes")


@require_POST
@allow_roles(*OFFICE)
def delete(request: PageRequest, class_id: int) -> HttpResponse:
    """Delete a class that nobody is in."""
    found = require_class(request.school, class_id)
    try:
        actions.delete_class(request.school, class_id, by=user_of(request).pk)
    except Refused as refused:
        form = ClassForm(initial={"name": found.name})
        return _show_class(request, class_id, form, status=409, refused=refused)
    messages.success(request, _("The class is deleted."))
    return redirect("console:classes")
