"""The worker imports a list that was read through: the press that begins it, and how far it is."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.pages.console.helpers import show, user_of
from willing.pages.console.roles import OFFICE
from willing.pages.console.roster_forms import ImportForm
from willing.pages.console.roster_import import upload_of
from willing.roster.import_job import UNDER_WAY, ImportWork, begin_import, drop_import, work_of
from willing.roster.plan import Allowed
from willing.roster.undo import undoable_import

STEPS = {
    "reading": gettext_lazy("Reading the file"),
    "comparing": gettext_lazy("Step 1 of 2: comparing with the people here"),
    "writing": gettext_lazy("Step 2 of 2: writing"),
    "put_off": gettext_lazy(
        "That did not work, and nothing was imported. It is tried again within minutes; the operator reads"
        " the reason in the server's own log."
    ),
}


@require_POST
@allow_roles(*OFFICE)
def run(request: PageRequest, upload_id: UUID) -> HttpResponse:
    """Let the worker import what the preview showed, and go to the page that says how far it is."""
    upload = upload_of(request, upload_id)
    form = ImportForm(request.POST)
    values = form.cleaned_data if form.is_valid() else {}
    allowed = Allowed(values.get("leavers") or 0, values.get("unlinked") or 0)
    begin_import(
        upload, digest=values.get("digest", ""), release=bool(values.get("release")), allowed=allowed
    )
    return redirect("console:import-progress", upload_id=upload_id)


@require_safe
@allow_roles(*OFFICE)
def progress(request: PageRequest, upload_id: UUID) -> HttpResponse:
    """Show how far the import is, and go on once it is over; to the page's script, say only how far it is."""
    work = work_of(upload_id, user_id=user_of(request).pk)
    if "part" in request.GET:
        return JsonResponse(_describe_work(work))
    if work is None:
        return redirect("console:import-preview", upload_id=upload_id)
    if work.refusal:
        return redirect(reverse("console:import-preview", args=[upload_id]) + "?refused=1")
    if work.is_over:
        _show_done(request, work)
        return _after(request, imported=True)
    context = {"work": work, "upload_id": upload_id, **_describe_work(work)}
    return show(request, "console/import/progress.html", context)


def _describe_work(work: ImportWork | None) -> dict[str, object]:
    """Return how far an import is, in words and numbers. stays, waits: which page is right."""
    if work is None or work.is_over or work.state == "stopped":
        return {"stays": False}
    rows = _("%(done)s of %(total)s rows") % {"done": work.done, "total": work.total} if work.total else ""
    step = STEPS.get(work.state, STEPS["reading"])
    waits = work.state == "put_off"
    return {
        "stays": True,
        "waits": waits,
        "step": str(step),
        "rows": rows,
        "done": work.done,
        "total": work.total,
    }


def _show_done(request: PageRequest, work: ImportWork) -> None:
    text = ngettext("%(count)s person was added.", "%(count)s people were added.", work.added)
    said = _("The list is imported. %(added)s") % {"added": text % {"count": work.added}}
    messages.success(request, said)
    if undoable_import(request.school):
        messages.info(request, _("The import can be undone for 24 hours, under “Import a list”."))
    if work.rows_refused:
        text = ngettext("%(count)s row was left out.", "%(count)s rows were left out.", work.rows_refused)
        messages.warning(request, text % {"count": work.rows_refused})


@require_POST
@allow_roles(*OFFICE)
def cancel(request: PageRequest, upload_id: UUID) -> HttpResponse:
    """Delete the file; nothing of it was imported. While the worker is at it, say how far that is instead."""
    upload = upload_of(request, upload_id)
    work = work_of(upload_id, user_id=upload.user_id)
    if work is not None and work.state in UNDER_WAY:
        return redirect("console:import-progress", upload_id=upload_id)
    drop_import(upload.id)
    messages.success(request, _("The file is deleted. Nothing was imported."))
    return _after(request, imported=False)


def _after(request: PageRequest, *, imported: bool) -> HttpResponse:
    """Go on where the list was chosen: on the page of people, or in a set-up that is not finished yet."""
    if request.school.set_up_at is not None:
        return redirect("console:people")
    return redirect("set-up:menu" if imported else "set-up:people")
