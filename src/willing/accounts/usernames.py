"""Usernames as they are kept: readable, and under a key that finds them however they are typed."""

import unicodedata

from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError

from willing.accounts.errors import username_unfit
from willing.accounts.models import User
from willing.core.comparison import fold_username

USERNAME_LENGTH_MAX = 150


def read_username(text: str) -> str:
    """Return a chosen username as it is kept. Raises Refused username_unfit."""
    username = unicodedata.normalize("NFKC", text.strip())
    try:
        UnicodeUsernameValidator()(username)
    except ValidationError:
        raise username_unfit() from None
    if len(username) > USERNAME_LENGTH_MAX:
        raise username_unfit()
    return username


def find_user(username: str) -> User | None:
    """Return whose username that is, however it is written, or None."""
    return User.objects.filter(username_key=fold_username(username.strip())).first()
