"""What families wrote about days in the registers: the list, and the answer with or without a correction."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.attendance.family_notes import NoteAnswer, answer_note
from willing.attendance.models import NOTE_CHARS_MAX, CurrentMark, FamilyNote
from willing.attendance.note_queries import open_notes
from willing.attendance.queries import codes_of, find_current, find_settings, require_settings, times_of
from willing.attendance.rules import CodeSet, Group
from willing.core.errors import Refused
from willing.pages.console.forms import Plain
from willing.pages.console.helpers import show, user_of
from willing.pages.console.register_labels import label_of
from willing.pages.console.roles import OFFICE
from willing.pages.console.view_log import record_view, record_views

ANSWERED_SHOWN = 30


class NoteAnswerForm(Plain):
    """What the family is answered, and the code that the mark is corrected to."""

    symbol = forms.ChoiceField(label=gettext_lazy("The mark"), required=False)
    text = forms.CharField(
        label=gettext_lazy("Answer"),
        required=False,
        max_length=NOTE_CHARS_MAX,
        help_text=gettext_lazy("The family reads this on their page. With a correction it is its reason."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )


@require_safe
@allow_roles(*OFFICE)
def notes(request: PageRequest) -> HttpResponse:
    """Show what waits for an answer, the oldest first, and what was answered lately."""
    school = request.school
    if find_settings(school) is None:
        return show(request, "console/attendance/empty.html", {"may_set_up": True})
    waiting = open_notes(school)
    answered = FamilyNote.objects.filter(person__school=school).exclude(outcome="")
    answered = answered.select_related("person__year_group", "guardian").order_by("-answered_at")
    done = list(answered[:ANSWERED_SHOWN])
    record_views(list({one.person for one in [*waiting, *done]}), by=user_of(request))
    return show(request, "console/attendance/notes.html", {"open": waiting, "answered": done})


@require_http_methods(["GET", "POST"])
@allow_roles(*OFFICE)
def note(request: PageRequest, note_id: UUID) -> HttpResponse:
    """Show what a family wrote beside what the register says now, and take the answer."""
    rows = FamilyNote.objects.filter(person__school=request.school, pk=note_id)
    found = rows.select_related("person__year_group", "guardian", "answered_by").first()
    if found is None:
        raise Http404
    codes = codes_of(require_settings(request.school))
    held = find_current(found.person_id, found.day, found.number)
    form = NoteAnswerForm(request.POST if request.method == "POST" else None)
    form.fields["symbol"].choices = _choices(codes, held)  # type: ignore[attr-defined]
    if form.is_bound and form.is_valid():
        seen = request.POST.get("seen", "")
        answer = NoteAnswer(
            user_of(request),
            form.cleaned_data["text"],
            form.cleaned_data["symbol"],
            int(seen) if seen.isdecimal() and len(seen) < len("10000") else 0,
        )
        try:
            answer_note(found.id, answer)
        except Refused as refused:
            form.add_error(None, str(refused.message))
            held = find_current(found.person_id, found.day, found.number)
        else:
            messages.success(request, _("Answered. The family reads it on their page."))
            return redirect("console:register-notes")
    if request.method == "GET":
        record_view(found.person, by=user_of(request))
    times = {one.number: one.name for one in times_of(request.school)}
    context = {
        "note": found,
        "time": times.get(found.number, "") if found.number else "",
        "held": held,
        "label": label_of(codes, held.symbol) if held else "",
        "seen_label": label_of(codes, found.seen_symbol) if found.seen_symbol else "",
        "is_changed": bool(held and found.seen_symbol and held.symbol != found.seen_symbol),
        "form": form,
    }
    status = 422 if form.errors else 200
    return show(request, "console/attendance/note.html", context, status=status)


def _choices(codes: CodeSet, held: CurrentMark | None) -> list[tuple[str, str]]:
    """Return the codes that a mark can be corrected to; first that it stays."""
    stays = [("", _("It stays as it is"))]
    if held is None:
        return stays
    return stays + [
        (one.symbol, f"{one.symbol}  {label_of(codes, one.symbol)}")
        for one in codes.codes.values()
        if one.group is not Group.ADMIN
        and one.symbol != held.symbol
        and codes.allows(one.symbol, is_morning=held.register.is_morning)
    ]
