"""Undo the last import: read what would be put back, and press once."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from willing.accounts.access import PageRequest, allow_roles
from willing.pages.console.helpers import show, user_of
from willing.pages.console.roles import OFFICE
from willing.pages.console.roster_forms import field_label
from willing.roster.undo import plan_undo, undo_import, undoable_until
from willing.roster.undoing import Stays, Undoing

COUNTS = {
    "returned": gettext_lazy("People who are back"),
    "faces": gettext_lazy("Faces used again"),
    "deleted": gettext_lazy("New people deleted"),
    "changed": gettext_lazy("Changes put back"),
    "leaving": gettext_lazy("Returned people who leave again"),
    "linked": gettext_lazy("Guardians listed again"),
    "unlinked": gettext_lazy("Guardians no longer listed"),
    "guardians_changed": gettext_lazy("Guardians' details put back"),
    "guardians_deleted": gettext_lazy("New guardians deleted"),
}
STAYS = {
    "changed": gettext_lazy("was changed since"),
    "in_use": gettext_lazy("is in use since: a card, a payment, an answer or a guardian"),
    "said_no": gettext_lazy("said no since, so stays listed"),
    "face_gone": gettext_lazy("is back, but the face was deleted or is no longer permitted"),
    "not_here": gettext_lazy("was merged or marked as having left since"),
}


@require_http_methods(["GET", "POST"])
@allow_roles(*OFFICE)
def undo(request: PageRequest, number: int) -> HttpResponse:
    """Show what undoing the last import puts back and what stays, then do it."""
    if request.method != "POST":
        found = plan_undo(request.school, number)
        context = {"found": found, "counts": _counts(found), "stays": _named(found.stays)}
        return show(request, "console/import/undo.html", {**context, "until": undoable_until(found.made)})
    done = undo_import(request.school, number, by=user_of(request))
    text = _("The import is undone.")
    if done.stays_count:
        text += " " + _("Left as they are, because they were changed since: %(count)s.") % {
            "count": done.stays_count
        }
    messages.success(request, text)
    return redirect("console:people")


def _counts(found: Undoing) -> list[tuple[str, int]]:
    return [(str(name), found.counts[key]) for key, name in COUNTS.items() if found.counts[key]]


def _named(stays: list[Stays]) -> list[tuple[str, str, str]]:
    return [(one.name, str(STAYS[one.code]), ", ".join(_field(name) for name in one.fields)) for one in stays]


def _field(name: str) -> str:
    """Return what a field of a person, or of a guardian, is called on a page."""
    if name == "email":
        return _("E-mail address")
    return {"name": _("Name"), "phone": _("Telephone"), "language": _("Language")}.get(
        name, field_label(name)
    )
