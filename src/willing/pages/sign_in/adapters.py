"""How allauth behaves here: nobody signs up, secrets are sealed, and every sign-in is in the log."""

from typing import Any, NoReturn

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from willing.accounts.models import User
from willing.accounts.queries import find_user_by_email
from willing.accounts.sign_ins import record_failed_sign_in, record_signed_in
from willing.accounts.usernames import find_user
from willing.core.comparison import fold_username
from willing.pages.sign_in.sealed import open_sealed, seal
from willing.people.requests import find_school_of

HOW = {"card": "card", "password": "password", "socialaccount": "openid", "mfa": "passkey"}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Signing in and out."""

    error_messages = {  # noqa: RUF012  (allauth's own type)
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _("Wrong username or password."),
        "too_many_login_attempts": _("Too many failed attempts. Please wait five minutes and try again."),
        "incorrect_password": _("Wrong password."),
        "enter_current_password": _("This is not your current password."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Let nobody sign up: the office and the operator add people."""
        return False

    def is_reauthentication_required(self, **_kwargs: Any) -> bool:
        """Ask nothing here: `entrance.views.own` asks for a recent sign-in, second factor included."""
        return False

    def login(self, request: HttpRequest, user: User) -> None:
        """Sign in and note how."""
        records = get_authentication_records(request, user)
        super().login(request, user)
        record_signed_in(user, how=HOW.get(records[0]["method"], "") if records else "code")

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count attempts for a name together, however it is written: no spelling gets five of its own."""
        folded = {**credentials, "username": fold_username(str(credentials.get("username", "")).strip())}
        key: str = super()._get_login_attempts_cache_key(request, **folded)
        return key

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:  # noqa: ARG002
        """Note for whom it was tried; never what was typed."""
        record_failed_sign_in(find_user(str(credentials.get("username", ""))), how="password")

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Return the first page of the person who signed in."""
        assert isinstance(request.user, User)
        if request.user.guardian_id:
            return resolve_url("portal:family")
        return resolve_url("portal:me" if request.user.person_id else "home")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002
        """Return the page about one's own sign-in."""
        return resolve_url("mfa_index")

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:  # noqa: ARG002
        """Say the same as for a wrong password, as far as one can."""
        messages.error(request, gettext("This sign-in is disabled. Please contact the school office."))
        return redirect("account_login")

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing in allauth's words; our pages show what was done."""

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Send no mail; the log and the page of one's own sign-in tell of it."""


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors."""

    error_messages = {  # noqa: RUF012  (allauth's own type)
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("That code did not work. Please try again with a new one."),
    }

    def encrypt(self, text: str) -> str:
        """Seal a secret under the master key, so that a stolen database gives no codes."""
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Open what `encrypt` sealed."""
        return open_sealed(encrypted_text)

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002
        """Return the name of a passkey that nobody named."""
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return gettext("Passkey %(number)s") % {"number": number}

    def get_totp_issuer(self) -> str:
        """Return what the authenticator app shows above the code."""
        return _school_name()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Return the name of the site, as the phone shows it."""
        return {"id": context.request.get_host().partition(":")[0], "name": _school_name()}

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, Any]:
        """Return the user as their own phone shows them."""
        shown = {"display_name": user.get_full_name(), "name": user.get_full_name()}
        return {**super().get_public_key_credential_user_entity(user), **shown}


def _school_name() -> str:
    school = find_school_of(context.request)
    return school.name if school else "Willing"


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Signing in through the school's own provider: for whom the school added, and for nobody else."""

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Find the user by the linked subject, or, the first time, by an address that was verified."""
        if sociallogin.is_existing:
            return
        addresses = [one.email for one in sociallogin.email_addresses if one.verified is True]
        user = find_user_by_email(addresses[0]) if len(addresses) == 1 else None
        if user is None or SocialAccount.objects.filter(user=user).exists():
            self._refuse(request, gettext("You have not been added here yet. Please ask the school office."))
        sociallogin.connect(request, user)

    def on_authentication_error(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> None:
        """Say so on the sign-in page, whatever it was."""
        self._refuse(request, gettext("Signing in with your school account did not work. Please try again."))

    def _refuse(self, request: HttpRequest, text: str) -> NoReturn:
        record_failed_sign_in(None, how="openid")
        messages.error(request, text)
        raise ImmediateHttpResponse(redirect("account_login"))

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:  # noqa: ARG002
        """Let nobody sign up."""
        return False
