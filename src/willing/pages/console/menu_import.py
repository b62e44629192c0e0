"""A list of products: choose a file, look at what it would do, then do it; and the menu as such a list."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.core.errors import Refused
from willing.pages.console.forms import Plain
from willing.pages.console.helpers import show, user_of
from willing.pages.console.roles import KEEPS_THE_MENU
from willing.till.menu_cells import read_table, read_text
from willing.till.menu_export import write_menu
from willing.till.menu_import import RowOutcome, import_menu, preview_import

OUTCOMES = {
    RowOutcome.NEW: (_("New"), "good"),
    RowOutcome.CHANGED: (_("Changed"), "info"),
    RowOutcome.SAME: (_("As it is"), ""),
    RowOutcome.REFUSED: (_("Left out"), "warn"),
}


class MenuListForm(Plain):
    """A list of products, and how its characters were saved."""

    file = forms.FileField(
        label=_("List of products (CSV)"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}),
    )
    encoding = forms.ChoiceField(
        label=_("Characters"),
        required=False,
        choices=[
            ("", _("Unicode (UTF-8)")),
            ("gb18030", _("Chinese Excel (GB 18030)")),
            ("cp1252", _("Western Excel (Windows-1252)")),
        ],
    )


@require_http_methods(["GET", "POST"])
@allow_roles(*KEEPS_THE_MENU)
def import_page(request: PageRequest) -> HttpResponse:
    """Take a list, show what it would do, and import it on the second press."""
    if request.method == "POST" and "text" in request.POST:
        return _confirmed(request, request.POST["text"])
    form = MenuListForm(request.POST or None, request.FILES or None)
    if request.method != "POST":
        return show(request, "console/menu_import.html", {"form": form})
    if form.is_valid():
        try:
            text = read_text(form.cleaned_data["file"].read(), form.cleaned_data["encoding"])
            return _show_preview(request, text)
        except Refused as refused:
            about = "encoding" if refused.data.get("reason") == "encoding" else "file"
            form.add_error(about, str(refused.message))
    return show(request, "console/menu_import.html", {"form": form}, status=422)


@require_safe
@allow_roles(*KEEPS_THE_MENU)
def export(request: PageRequest) -> HttpResponse:
    """Return what is on the menu as a list, which the import reads again."""
    response = HttpResponse(
        write_menu(request.school).encode("utf-8-sig"), content_type="text/csv; charset=utf-8"
    )
    response.headers["Content-Disposition"] = 'attachment; filename="menu.csv"'
    return response


def _takes_high(request: PageRequest) -> bool:
    return request.POST.get("high") == "yes"


def _show_preview(request: PageRequest, text: str) -> HttpResponse:
    table = read_table(text)
    result = preview_import(request.school, table, takes_high_prices=_takes_high(request))
    context: dict[str, Any] = {
        "text": text,
        "result": result,
        "takes_high": _takes_high(request),
        "rows": [(row, *OUTCOMES[row.outcome]) for row in result.rows],
        "counts": [(label, result.count(one)) for one, (label, _kind) in OUTCOMES.items()],
        "does_something": result.count(RowOutcome.NEW) + result.count(RowOutcome.CHANGED) > 0,
    }
    return show(request, "console/menu_import.html", context)


def _confirmed(request: PageRequest, text: str) -> HttpResponse:
    if request.POST.get("answer") != "import":
        return _show_preview(request, text)
    result = import_menu(
        request.school, read_table(text), by=user_of(request), takes_high_prices=_takes_high(request)
    )
    said = gettext("Imported: %(new)s new, %(changed)s changed, %(same)s as they were, %(refused)s left out.")
    messages.success(request, said % {one.value: result.count(one) for one in RowOutcome})
    return redirect("console:menu")
