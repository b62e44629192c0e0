"""Forms of the entrance. They turn text into values; whether it is right, the deed says."""

from typing import Any

from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm, SignupWebAuthnForm
from allauth.mfa.webauthn.internal import auth
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from willing.credentials.shares import PLAIN_CHARS_MAX
from willing.pages.sign_in import passkeys

# Nothing that a device sends is longer; more is read by nobody.
CREDENTIAL_LENGTH_MAX = 40_000
PASSKEY_NAME_LENGTH_MAX = 100


class Plain(forms.Form):
    """A form whose labels end without a colon."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Set what Django would otherwise choose."""
        super().__init__(*args, **{"label_suffix": "", **kwargs})


class CodeForm(Plain):
    """The code of the letter."""

    code = forms.CharField(
        label=_("Code from the letter"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "characters"}),
    )


class PasswordForm(Plain):
    """A name and a password of the guardian's own."""

    username = forms.CharField(
        label=_("Username"),
        max_length=60,
        validators=[UnicodeUsernameValidator()],
        help_text=_("Choose your own. No spaces."),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label=pgettext_lazy("signing in", "Password"),
        help_text=_("At least 12 characters, for example four words."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_password(self) -> str:
        """Refuse what is quickly guessed."""
        password = str(self.cleaned_data["password"])
        validate_password(password)
        return password


class CardForm(Plain):
    """What a pupil has and knows."""

    card = forms.CharField(
        label=_("Code on your card"),
        # Not the field's own limit, for which a browser gives room: a share begins after PLAIN_CHARS_MAX.
        validators=[MaxLengthValidator(200)],
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "characters",
                "maxlength": PLAIN_CHARS_MAX,
                "data-takes-card": True,
            }
        ),
    )
    pin = forms.CharField(
        label=_("Your PIN"),
        max_length=12,
        help_text=_("The one you use at the till."),
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


class TillPinForm(Plain):
    """With which a cashier signs on at a till."""

    pin = forms.CharField(
        label=_("New PIN"),
        max_length=12,
        help_text=_("Four to six digits that nobody guesses at once."),
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


def _call_code(form: forms.Form, label: Any) -> None:
    """Label allauth's field in our words, which no placeholder repeats."""
    form.label_suffix = ""
    form.fields["code"].label = label
    form.fields["code"].widget.attrs.pop("placeholder", None)


class SecondFactorForm(AuthenticateForm):  # type: ignore[misc]
    """What an authenticator app shows, or a recovery code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Set what allauth would otherwise choose."""
        super().__init__(*args, **kwargs)
        _call_code(self, _("Six digits, or a recovery code"))


class NewAppForm(ActivateTOTPForm):  # type: ignore[misc]
    """The first code of an authenticator app, which shows that it has the secret."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Set what allauth would otherwise choose."""
        super().__init__(*args, **kwargs)
        _call_code(self, _("Six digits from the app"))


class Credential(forms.JSONField):
    """What a device sent, as JSON."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        """Read it, where it is not longer or deeper than any device's."""
        if isinstance(value, str) and len(value) > CREDENTIAL_LENGTH_MAX:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        try:
            return super().to_python(value)
        except RecursionError:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None

    def bound_data(self, data: Any, initial: Any) -> Any:  # noqa: ARG002
        """Show nothing again of what was sent: the next try has a challenge of its own."""
        return initial


class NewPasskeyForm(SignupWebAuthnForm):  # type: ignore[misc]
    """A passkey to be stored. Every key here checks who holds it, so that it is enough alone."""

    name = forms.CharField(required=False, max_length=PASSKEY_NAME_LENGTH_MAX)
    credential = Credential()

    def clean(self) -> dict[str, Any]:
        """Check it against the challenge that waits in the session, once."""
        values: dict[str, Any] = forms.Form.clean(self) or {}
        if "credential" in values:
            values["credential"] = passkeys.complete_registration(auth.get_state(), values["credential"])
            auth.clear_state()
        return values


class PasskeyAloneForm(AuthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey in place of name and password."""

    passwordless = True
    credential = Credential()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Accept the user whom the passkey names."""
        super().__init__(*args, user=None, **kwargs)

    def clean_credential(self) -> Authenticator:
        """Check it against the challenge that this browser was given."""
        state = passkeys.consume_challenge(context.request)
        return passkeys.complete_authentication(state, self.cleaned_data["credential"], None)


class SecondPasskeyForm(AuthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey after a right password."""

    credential = Credential()

    def clean_credential(self) -> Authenticator:
        """Check it against the challenge that waits in the session, once."""
        clear_rate = check_rate_limit(self.user)
        state = auth.get_state()
        used = passkeys.complete_authentication(state, self.cleaned_data["credential"], self.user)
        auth.clear_state()
        clear_rate()
        return used
