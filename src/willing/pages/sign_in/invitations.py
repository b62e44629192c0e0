"""The pages that a code opens: a guardian or a colleague makes their own sign-in."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.core import ratelimit
from allauth.mfa.webauthn.internal import auth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from willing.accounts.access import allow_anyone
from willing.accounts.models import User
from willing.accounts.passkeys import store_passkey
from willing.accounts.queries import chosen_username
from willing.accounts.sessions import close_session
from willing.accounts.sign_ins import (
    accept_waiting_invitation,
    record_factor_change,
    record_failed_sign_in,
    require_invitation,
    require_waiting_invitation,
    user_for,
)
from willing.consent.links import sign_link
from willing.core.errors import Refused
from willing.core.transactions import atomic
from willing.pages.sign_in.forms import CodeForm, NewPasskeyForm, PasswordForm
from willing.people.requests import require_school_of
from willing.terminals.queries import asked_purposes

# The code's digest waits in the session between the pages, so that a reader of the table of sessions learns
# no code; and no address holds one.
WAITING = "invitation"
REASON = "the code of the letter is the key"


@allow_anyone(REASON)
@never_cache
@require_http_methods(["GET", "POST"])
def enter_code(request: HttpRequest) -> HttpResponse:
    """Take the code, typed or from the letter's square; opening the address uses nothing up."""
    if request.method != "POST":
        return render(request, "sign_in/code.html", {"form": CodeForm()})
    if not ratelimit.consume(request, action="login"):
        return cast("HttpResponse", ratelimit.respond_429(request))
    form = CodeForm(request.POST)
    if form.is_valid():
        try:
            invitation = require_invitation(form.cleaned_data["code"])
        except Refused as refused:
            record_failed_sign_in(None, how="code")
            form.add_error("code", str(refused.message))
        else:
            close_session(request, why="pressed")  # the person signed in here before is someone else
            request.session[WAITING] = invitation.digest
            return redirect("invitation-passkey")
    return render(request, "sign_in/code.html", {"form": form}, status=422)


def _with_code(
    view: Callable[[HttpRequest, str], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Open a page with the digest of the code that was entered before; without one, ask for the code."""

    @wraps(view)
    def opened(request: HttpRequest) -> HttpResponse:
        waiting = str(request.session.get(WAITING, ""))
        return view(request, waiting) if waiting else redirect("invitation")

    return opened


@allow_anyone(REASON)
@never_cache
@require_safe
@_with_code
def answer(request: HttpRequest, waiting: str) -> HttpResponse:  # noqa: ARG001  # the digest is the key
    """Lead a guardian to the questions about faces, without a sign-in; the code is not used up."""
    guardian = require_waiting_invitation(waiting).guardian
    if guardian is None:
        return redirect("invitation-passkey")
    return redirect("portal:consent", token=sign_link(guardian))


def _may_answer(request: HttpRequest, user: User) -> bool:
    return user.guardian_id is not None and bool(asked_purposes(require_school_of(request)))


@allow_anyone(REASON)
@never_cache
@require_http_methods(["GET", "POST"])
@_with_code
def make_passkey(request: HttpRequest, waiting: str) -> HttpResponse:
    """Offer a passkey and store it; the code is used up with it, in one transaction."""
    user = user_for(require_waiting_invitation(waiting))
    form = NewPasskeyForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        try:
            user, made = _accept_with_passkey(waiting, form.cleaned_data)
        except Refused as refused:
            if refused.code != "passkey_known":
                raise
            form.add_error(None, str(refused.message))
        else:
            facts = {"id": made.instance.pk, "type": made.instance.type, "passwordless": True}
            return _enter(request, user, "mfa", **facts)
    options = auth.begin_registration(user, passwordless=True)
    options["publicKey"].pop("excludeCredentials", None)  # a new code replaces the passkey of this very phone
    context = {
        "form": form,
        "js_data": {"creation_options": options},
        "name": user.get_full_name(),
        "school": require_school_of(request),
        "may_answer": _may_answer(request, user),
    }
    return render(request, "sign_in/make_passkey.html", context, status=422 if form.errors else 200)


@atomic
def _accept_with_passkey(waiting: str, values: dict[str, Any]) -> tuple[User, auth.WebAuthn]:
    user = accept_waiting_invitation(waiting)
    made = auth.WebAuthn.add(user, values["name"], values["credential"])
    store_passkey(made.instance)
    record_factor_change(user, event="added", kind=made.instance.type)
    return user, made


@allow_anyone(REASON)
@never_cache
@require_http_methods(["GET", "POST"])
@_with_code
def make_password(request: HttpRequest, waiting: str) -> HttpResponse:
    """Let a person choose a name and a password; a colleague whose sign-in was reset finds their old name."""
    user = user_for(require_waiting_invitation(waiting))
    form = PasswordForm(request.POST or None, initial={"username": chosen_username(user)})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            user = accept_waiting_invitation(
                waiting, username=values["username"], password=values["password"]
            )
        except Refused as refused:
            if refused.code not in ("name_taken", "username_unfit"):
                raise
            form.add_error("username", str(refused.message))
        else:
            return _enter(request, user, "password")
    context = {"form": form, "name": user.get_full_name(), "school": require_school_of(request)}
    return render(request, "sign_in/make_password.html", context, status=422 if form.errors else 200)


def _enter(request: HttpRequest, user: User, method: str, **facts: object) -> HttpResponse:
    """Sign in the person who has just set up their sign-in."""
    request.session.pop(WAITING, None)
    record_authentication(request, user, method, **facts)
    get_adapter().login(request, user)
    return redirect("portal:family" if user.guardian_id else "home")
