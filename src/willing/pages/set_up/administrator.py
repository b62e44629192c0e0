"""The first administrator: both factors are there before anything of them is saved."""

import base64
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.webauthn.internal import auth as webauthn
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from willing.accounts.actions import NewUser, prepare_first_administrator
from willing.accounts.attempts import require_few_attempts
from willing.accounts.models import User
from willing.accounts.passkeys import store_passkey
from willing.accounts.sign_ins import record_factor_change
from willing.core.errors import Refused
from willing.core.transactions import atomic
from willing.ops.new_school import make_administrator
from willing.pages.set_up.access import GRANT, with_code
from willing.pages.set_up.code import CODE
from willing.pages.set_up.forms import AdministratorForm, PasswordAndAppForm, names_a_place
from willing.pages.set_up.school import show
from willing.pages.set_up.steps import after
from willing.pages.sign_in.forms import NewPasskeyForm
from willing.people.models import School
from willing.people.requests import find_school_of

NO_CREDENTIAL = ("", "null")  # as the hidden field is sent that no passkey filled
FIELDS = {"name_taken": "username", "username_unfit": "username"}


@require_http_methods(["GET", "POST"])
@with_code
def administrator(request: HttpRequest) -> HttpResponseBase:
    """Ask for the administrator's name, and for a passkey or a password and an app."""
    school = find_school_of(request)
    if school is None:
        return redirect("set-up:school")
    asleep = prepare_first_administrator(school)
    asleep.display_name = request.POST.get("display_name") or _("Administrator")
    by_passkey = request.POST.get("credential", "") not in NO_CREDENTIAL
    form = _form(request, by_passkey=by_passkey)
    passkey = NewPasskeyForm(request.POST if by_passkey else None, user=asleep)
    if request.method == "POST":
        entered = _enter(request, school, form, passkey if by_passkey else None)
        if entered is not None:
            return entered
    return show(
        request, "administrator", _context(request, form, passkey, asleep), status=_status(form, passkey)
    )


def _form(request: HttpRequest, *, by_passkey: bool) -> AdministratorForm:
    kind = AdministratorForm if by_passkey else PasswordAndAppForm
    return kind(request.POST or None)


def _status(form: AdministratorForm, passkey: Any) -> int:
    return 422 if form.errors or passkey.errors else 200


def _context(request: HttpRequest, form: AdministratorForm, passkey: Any, asleep: User) -> dict[str, Any]:
    secret = totp.get_totp_secret(regenerate=False)
    if not isinstance(form, PasswordAndAppForm):  # the passkey did not work out: show all of it again
        form = PasswordAndAppForm(initial=form.data.dict() if hasattr(form.data, "dict") else {})
    svg = get_mfa_adapter().build_totp_svg(get_mfa_adapter().build_totp_url(asleep, secret))
    options = webauthn.begin_registration(asleep, passwordless=True)
    return {
        "form": form,
        "passkey": passkey,
        "secret": secret,
        "qr": f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}",
        "js_data": {"creation_options": options},
        # Browsers keep a passkey for a name, and only over an encrypted connection or on this machine.
        "keeps_passkeys": _keeps_passkeys(request),
        "by_name": f"http://localhost:{request.get_port()}{request.path}",
        "is_local": request.get_host().startswith(("127.", "[::1]")),
    }


def _keeps_passkeys(request: HttpRequest) -> bool:
    host = request.get_host()
    return names_a_place(host) and (request.is_secure() or host.partition(":")[0] == "localhost")


def _enter(
    request: HttpRequest, school: School, form: AdministratorForm, passkey: Any | None
) -> HttpResponseBase | None:
    """Make the administrator and sign them in; None where something is not right yet."""
    try:
        require_few_attempts(request, "set_up")
        if not form.is_valid() or (passkey is not None and not passkey.is_valid()):
            return None
        user, used = _make(school, form, passkey)
    except Refused as refused:
        if refused.code == "administrator_exists":
            raise Http404 from None
        form.add_error(FIELDS.get(refused.code), str(refused.message))
        return None
    _sign_in(request, user, used)
    return redirect(after("administrator"))


@atomic
def _make(school: School, form: AdministratorForm, passkey: Any | None) -> tuple[User, Any]:
    """Make the administrator with what they sign in with, all or nothing."""
    said = form.cleaned_data
    user = make_administrator(
        school, NewUser(said["username"], said.get("password"), said["display_name"], ())
    )
    if passkey is not None:
        made = webauthn.WebAuthn.add(user, "", passkey.cleaned_data["credential"])
        store_passkey(made.instance)
    else:
        made = totp.TOTP.activate(user, totp.get_totp_secret(regenerate=False))
    record_factor_change(user, event="added", kind=made.instance.type)
    return user, made.instance


def _sign_in(request: HttpRequest, user: User, used: Any) -> None:
    """Sign in with a new session key; the code and what it was exchanged for are void."""
    CODE.revoke()
    request.session.pop(GRANT, None)
    totp.clear_totp_secret(request)
    is_passkey = used.type == used.Type.WEBAUTHN
    if not is_passkey:
        record_authentication(request, user, "password")
    facts = {"passwordless": True} if is_passkey else {}
    record_authentication(request, user, "mfa", id=used.pk, type=used.type, **facts)
    get_adapter().login(request, user)
