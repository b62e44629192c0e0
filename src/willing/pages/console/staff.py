"""The administrator's page about staff: who signs in, with which roles; invited, disabled, reset, deleted."""

import segno
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from willing.accounts import staff as actions
from willing.accounts.access import PageRequest, allow_roles
from willing.accounts.models import User
from willing.accounts.queries import former_staff, require_staff, staff_member, staff_members
from willing.accounts.rules import STAFF_INVITATION_DAYS
from willing.accounts.sign_ins import invite_user
from willing.core.codes import show_code
from willing.core.errors import Refused
from willing.credentials.queries import staff_pin_of
from willing.credentials.staff_leavers import delete_staff
from willing.credentials.staff_pins import give_pin, remove_pin
from willing.pages.console.helpers import show, user_of
from willing.pages.console.roles import ADMINISTERS
from willing.pages.console.staff_forms import InviteForm, RolesForm
from willing.pages.ui.links import public_url
from willing.terminals.rules import TILL_ROLES


@require_http_methods(["GET", "POST"])
@allow_roles(*ADMINISTERS)
def staff(request: PageRequest) -> HttpResponse:
    """List everybody who signs in as staff; invite a colleague and show their link, this once."""
    form = InviteForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            said = form.cleaned_data
            new = actions.NewStaff(said["key"], said["name"], tuple(said["roles"]), said["email"])
            try:
                return _show_link(request, *actions.invite_staff(request.school, new, by=user_of(request)))
            except Refused as refused:
                form.add_error("roles", str(refused.message))
                status = 409
    context = {"members": staff_members(request.school), "former": former_staff(), "form": form}
    return show(request, "console/staff.html", context, status=status)


def _show_link(request: PageRequest, user: User, code: str) -> HttpResponse:
    shown = show_code(code)
    # Behind the "#", which browsers keep to themselves: no server and no proxy writes the code down.
    address = f"{public_url(request, reverse('invitation'))}#{shown}"
    context = {
        "name": user.get_full_name(),
        "code": shown,
        "address": address,
        "qr": segno.make_qr(address).svg_data_uri(scale=4, border=2),
        "days": STAFF_INVITATION_DAYS,
    }
    return show(request, "console/staff_link.html", context)


@require_safe
@allow_roles(*ADMINISTERS)
def member(request: PageRequest, user_id: int) -> HttpResponse:
    """Show one member of staff: what they may do, how they sign in, and what can be changed."""
    return _show_member(request, user_id)


def _show_member(
    request: PageRequest, user_id: int, form: RolesForm | None = None, *, status: int = 200
) -> HttpResponse:
    found = staff_member(request.school, user_id)
    form = form or RolesForm(initial={"roles": [kind.value for kind in found.roles]})
    context = {
        "member": found,
        "form": form,
        "is_self": found.user.pk == user_of(request).pk,
        "works_at_tills": not TILL_ROLES.isdisjoint(found.roles),
        "till_pin": staff_pin_of(found.user),
    }
    return show(request, "console/staff_member.html", context, status=status)


def _back(user_id: int) -> HttpResponse:
    return redirect("console:staff-member", user_id=user_id)


@require_POST
@allow_roles(*ADMINISTERS)
def roles(request: PageRequest, user_id: int) -> HttpResponse:
    """Give a member of staff these roles and no others. Changing one's own keeps this session."""
    form = RolesForm(request.POST)
    if not form.is_valid():
        return _show_member(request, user_id, form, status=422)
    try:
        user = actions.change_roles(request.school, user_id, form.cleaned_data["roles"], by=user_of(request))
    except Refused as refused:
        form.add_error("roles", str(refused.message))
        return _show_member(request, user_id, form, status=409)
    messages.success(request, _("The roles are saved."))
    if user.pk != user_of(request).pk:
        return _back(user_id)
    update_session_auth_hash(request, user)
    return redirect("home")


@require_http_methods(["GET", "POST"])
@allow_roles(*ADMINISTERS)
def disable(request: PageRequest, user_id: int) -> HttpResponse:
    """Ask once, then sign a member of staff out everywhere and let them sign in no more."""
    if request.method == "POST":
        try:
            user = actions.disable_user(request.school, user_id, by=user_of(request))
        except Refused as refused:
            return _ask(request, "disable", user_id, refused)
        messages.success(
            request, _("%(name)s is disabled and signed out everywhere.") % {"name": user.get_full_name()}
        )
        return _back(user_id)
    return _ask(request, "disable", user_id)


@require_http_methods(["GET", "POST"])
@allow_roles(*ADMINISTERS)
def delete(request: PageRequest, user_id: int) -> HttpResponse:
    """Ask once, then delete the sign-in of a colleague who has left; what they did stays in the log."""
    if request.method == "POST":
        try:
            user = delete_staff(request.school, user_id, by=user_of(request))
        except Refused as refused:
            return _ask(request, "delete", user_id, refused)
        messages.success(request, _("The sign-in of %(name)s is deleted.") % {"name": user.get_full_name()})
        return redirect("console:staff")
    return _ask(request, "delete", user_id)


@require_POST
@allow_roles(*ADMINISTERS)
def enable(request: PageRequest, user_id: int) -> HttpResponse:
    """Let a member of staff sign in again."""
    user = actions.enable_user(request.school, user_id, by=user_of(request))
    messages.success(request, _("%(name)s can sign in again.") % {"name": user.get_full_name()})
    return _back(user_id)


@require_http_methods(["GET", "POST"])
@allow_roles(*ADMINISTERS)
def reset(request: PageRequest, user_id: int) -> HttpResponse:
    """Ask once, then remove password, passkeys and second factors, and show a new link, this once."""
    if request.method == "POST":
        try:
            user, code = actions.reset_sign_in(request.school, user_id, by=user_of(request))
        except Refused as refused:
            return _ask(request, "reset", user_id, refused)
        return _show_link(request, user, code)
    return _ask(request, "reset", user_id)


def _ask(request: PageRequest, deed: str, user_id: int, refused: Refused | None = None) -> HttpResponse:
    context = {"member": staff_member(request.school, user_id), "deed": deed, "refused": refused}
    return show(request, "console/staff_confirm.html", context, status=409 if refused else 200)


@require_POST
@allow_roles(*ADMINISTERS)
def pin(request: PageRequest, user_id: int) -> HttpResponse:
    """Give a colleague a PIN for the till and show it, this once; or take theirs away."""
    if "remove" in request.POST:
        remove_pin(user_id, by=user_of(request))
        messages.success(request, _("The PIN is removed."))
        return _back(user_id)
    given = give_pin(user_id, by=user_of(request))
    context = {"member": staff_member(request.school, user_id), "pin": given}
    return show(request, "console/staff_pin.html", context)


@require_POST
@allow_roles(*ADMINISTERS)
def link(request: PageRequest, user_id: int) -> HttpResponse:
    """Make a new link for a colleague who has not used theirs, and show it once; the old one is cancelled."""
    user = require_staff(user_id)
    if staff_member(request.school, user_id).state in ("active", "disabled"):
        return _back(user_id)
    return _show_link(request, user, invite_user(user, by=user_of(request)))
