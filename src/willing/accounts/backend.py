"""Checking a username and a password, where case and width of the username do not count."""

from allauth.account.auth_backends import AuthenticationBackend

from willing.accounts.models import User
from willing.accounts.usernames import find_user


class UsernameBackend(AuthenticationBackend):  # type: ignore[misc]
    """allauth's own, with our way of finding a user."""

    def _authenticate_by_username(self, username: str, password: str) -> User | None:
        """Return the user whose name and password these are, or None."""
        found: User | None = self._check_password(find_user(username), password)
        return found
