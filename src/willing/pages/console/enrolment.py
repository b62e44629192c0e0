"""One enrolment at the desk: take pictures of a person with a permission, done or start over."""

from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.biometrics.capture import (
    CaptureProgress,
    abandon_capture,
    add_capture_frame,
    find_capture,
    finish_capture,
    start_capture,
)
from willing.biometrics.desk_pictures import confirm_person
from willing.biometrics.enrolment_queue import next_ready
from willing.biometrics.errors import capture_gone
from willing.biometrics.models import Template
from willing.biometrics.queries import kinds_of, templates_of
from willing.biometrics.rules import FRAMES_AT_LEAST, PAGE_FRAME_BYTES_MAX
from willing.biometrics.siblings import known_siblings
from willing.consent.models import Purpose
from willing.core.errors import Refused
from willing.pages.console import errors
from willing.pages.console.enrolment_cards import sealed_shares
from willing.pages.console.helpers import show, user_of
from willing.pages.console.labels import HINTS
from willing.pages.console.roles import OFFICE
from willing.pages.ui.browser_parts import has_codes
from willing.pages.ui.decorators import answers_when_too_large, uses_camera
from willing.people.models import Person
from willing.people.queries import require_person

# Three good frames make a reference; five make a better one, and then the camera stops by itself.
FRAMES_ENOUGH = 5


@require_POST
@allow_roles(*OFFICE)
def start(request: PageRequest, person_id: UUID, purpose: str) -> HttpResponse:
    """Begin a capture."""
    return start_at_desk(request, require_person(request.school, person_id), purpose)


# What a photograph is refused for, by the engine's code, as the desk says it.
CAUSES = {"image_too_large": "too_large", "phone_format": "phone_format"}


def start_at_desk(request: PageRequest, person: Person, purpose: str) -> HttpResponse:
    """Begin a capture of a person and lead to its page. Raises what `start_capture` raises."""
    capture_id = start_capture(person, purpose, user=user_of(request))
    return redirect("console:capture", person_id=person.id, purpose=purpose, capture_id=capture_id)


def _require_progress(request: PageRequest, capture_id: UUID) -> CaptureProgress:
    progress = find_capture(capture_id, user=user_of(request))
    if progress is None:
        raise capture_gone()
    return progress


@uses_camera
@require_safe
@allow_roles(*OFFICE)
def capture(request: PageRequest, person_id: UUID, purpose: str, capture_id: UUID) -> HttpResponse:
    """Show the camera, the upload, and how far the capture is."""
    person = require_person(request.school, person_id)
    progress = find_capture(capture_id, user=user_of(request))
    if progress is None and _find_template(request, person_id, purpose):
        return _to_enrolled(person_id, purpose)
    if progress is None or (progress.person_id, progress.purpose) != (person_id, purpose):
        raise capture_gone()
    kinds = kinds_of(request.school)
    context = {
        "person": person,
        "purpose": purpose,
        "purpose_label": Purpose(purpose).label,
        "capture_id": capture_id,
        "siblings": known_siblings(person, purpose) if Template.Holder.CARD in kinds else [],
        "good_frames": progress.good_frames,
        "frames_at_least": FRAMES_AT_LEAST,
        "frames_enough": FRAMES_ENOUGH,
        "frames_shown": min(progress.good_frames, FRAMES_ENOUGH),  # a bar is never more than full
        "must_wait": progress.good_frames < FRAMES_AT_LEAST or progress.shows_picture,
        "shows_picture": progress.shows_picture,
        "kinds": kinds,
        "has_codes": has_codes(),
        "results": _take_results(request, capture_id),
    }
    page = "console/seal_anew.html" if progress.is_resealing else "console/capture.html"
    return show(request, page, context)


@require_POST
@allow_roles(*OFFICE)
def frame(request: PageRequest, person_id: UUID, purpose: str, capture_id: UUID) -> HttpResponse:  # noqa: ARG001
    """Look at one camera picture and answer with a hint and the count; the picture is dropped."""
    if int(request.headers.get("Content-Length") or 0) > PAGE_FRAME_BYTES_MAX:
        return HttpResponse(status=413)
    try:
        state = add_capture_frame(capture_id, request.body, user=user_of(request))
    except Refused as refused:
        if refused.code == "frame_not_readable":  # one bad picture among many does not end a capture
            found = _require_progress(request, capture_id)
            return _seen("not_readable", found.good_frames, is_picture=found.shows_picture)
        return JsonResponse({"refusal": str(refused.message)}, status=409)
    return _seen(state.hint, state.good_frames, is_picture=state.shows_picture)


def _seen(hint: str, good: int, *, is_picture: bool) -> HttpResponse:
    words = str(HINTS.get(hint, ""))
    return JsonResponse({"hint": words, "good": good, "is_good": hint == "ok", "is_picture": is_picture})


@answers_when_too_large(errors.too_much_uploaded)
@require_POST
@allow_roles(*OFFICE)
def upload(request: PageRequest, person_id: UUID, purpose: str, capture_id: UUID) -> HttpResponse:
    """Look at uploaded photographs, one after the other; none is kept."""
    _require_progress(request, capture_id)
    pictures = request.FILES.getlist("pictures")
    hints = [_check_upload(request, capture_id, picture.read()) for picture in pictures]
    request.session[_results_key(capture_id)] = hints
    return redirect("console:capture", person_id=person_id, purpose=purpose, capture_id=capture_id)


def _check_upload(request: PageRequest, capture_id: UUID, picture: bytes) -> str:
    try:
        return add_capture_frame(capture_id, picture, user=user_of(request), by_camera=False).hint
    except Refused as refused:
        if refused.code != "frame_not_readable":
            raise
        return CAUSES.get(refused.data["reason"], "not_readable")


def _results_key(capture_id: UUID) -> str:
    return f"results-{capture_id}"


def _take_results(request: PageRequest, capture_id: UUID) -> list[tuple[bool, str]]:
    hints = request.session.pop(_results_key(capture_id), [])
    return [(hint == "ok", str(HINTS.get(hint, ""))) for hint in hints]


@require_POST
@allow_roles(*OFFICE)
def finish(request: PageRequest, person_id: UUID, purpose: str, capture_id: UUID) -> HttpResponse:
    """Enrol from the good frames. The second of two presses arrives at the same page."""
    try:
        cards = sealed_shares(request, require_person(request.school, person_id), purpose)
        finish_capture(capture_id, user=user_of(request), card=cards.own, siblings=cards.siblings)
    except Refused as refused:
        if refused.code == "picture_at_desk":  # the page asks for the confirmation
            return redirect("console:capture", person_id=person_id, purpose=purpose, capture_id=capture_id)
        if refused.code not in {"capture_gone", "already_enrolled"} or not _find_template(
            request, person_id, purpose
        ):
            raise
    return _to_enrolled(person_id, purpose)


@require_POST
@allow_roles(*OFFICE)
def confirm(request: PageRequest, person_id: UUID, purpose: str, capture_id: UUID) -> HttpResponse:
    """Record that the person is there, whatever the camera took for a picture."""
    confirm_person(capture_id, user=user_of(request))
    return redirect("console:capture", person_id=person_id, purpose=purpose, capture_id=capture_id)


@require_POST
@allow_roles(*OFFICE)
def start_over(request: PageRequest, person_id: UUID, purpose: str, capture_id: UUID) -> HttpResponse:
    """Forget the frames taken so far, and begin anew or go back to the desk."""
    abandon_capture(capture_id, user=user_of(request))
    if request.POST.get("then") == "desk":
        return redirect("console:enrol")
    return start_at_desk(request, require_person(request.school, person_id), purpose)


def _find_template(request: PageRequest, person_id: UUID, purpose: str) -> Template | None:
    return templates_of(require_person(request.school, person_id)).filter(purpose=purpose).first()


def _to_enrolled(person_id: UUID, purpose: str) -> HttpResponse:
    return redirect("console:enrolled", person_id=person_id, purpose=purpose)


@uses_camera
@require_safe
@allow_roles(*OFFICE)
def enrolled(request: PageRequest, person_id: UUID, purpose: str) -> HttpResponse:
    """Say what is stored of an enrolled person, and what is not."""
    person = require_person(request.school, person_id)
    template = _find_template(request, person_id, purpose)
    if template is None:
        return redirect("console:person", person_id=person_id)
    is_of_card = template.holder == Template.Holder.CARD
    context = {
        "person": person,
        "template": template,
        "purpose_label": Purpose(purpose).label,
        "needs_card": template.mode == Template.Mode.VERIFY and not is_of_card,
        "is_of_card": is_of_card,
        "title": _("Done: %(name)s is enrolled") % {"name": person.given_name},
        "next": next_ready(request.school, purpose, person),
        "has_codes": has_codes(),
    }
    return show(request, "console/enrolled.html", context)
