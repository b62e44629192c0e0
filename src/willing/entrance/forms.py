"""Forms of the entrance. They turn text into values; whether it is right, the deed says."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Plain(forms.Form):
    """A form whose labels end without a colon."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Set what Django would otherwise choose."""
        super().__init__(*args, **{"label_suffix": "", **kwargs})


class CodeForm(Plain):
    """The code of the letter."""

    code = forms.CharField(
        label=_("Code on the letter"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "characters"}),
    )


class PasswordForm(Plain):
    """A name and a password of the guardian's own."""

    username = forms.CharField(
        label=_("Name to sign in with"),
        max_length=60,
        validators=[UnicodeUsernameValidator()],
        help_text=_("Yours to choose, without spaces."),
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
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    pin = forms.CharField(
        label=_("Your PIN"),
        max_length=6,
        help_text=_("The one that you type at the till."),
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
