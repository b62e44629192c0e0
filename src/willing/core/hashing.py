"""How passwords and PINs are hashed: Argon2id, so many at a time and no more."""

import threading

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from willing.core.comparison import prepare_password

# Four at once take 256 MiB; a class that types its PINs in one second waits a moment longer instead.
AT_ONCE_MAX = 4
_slots = threading.BoundedSemaphore(AT_ONCE_MAX)


class BoundedArgon2(Argon2PasswordHasher):
    """Argon2id with 64 MiB, three passes and four lanes (RFC 9106, section 4, for less memory)."""

    time_cost = 3
    memory_cost = 64 * 1024  # KiB
    parallelism = 4

    def encode(self, password: str, salt: str) -> str:
        """Hash a password when its turn comes. Raises ValueError for one that `VisiblePassword` refuses."""
        with _slots:
            return super().encode(prepare_password(password), salt)

    def verify(self, password: str, encoded: str) -> bool:
        """Compare a password with its hash when its turn comes."""
        try:
            prepared = prepare_password(password)
        except ValueError:
            prepared = password  # nobody's, and comparing it takes as long as any other
        with _slots:
            return super().verify(prepared, encoded)


class PinArgon2(BoundedArgon2):
    """Argon2id at the least cost that OWASP names (19 MiB, two passes, one lane), for keyed digests of PINs.

    The key is what protects a PIN in a copied database (docs/decisions/0003).
    """

    algorithm = "argon2_pin"
    time_cost = 2
    memory_cost = 19 * 1024  # KiB
    parallelism = 1


class VisiblePassword:
    """Refuses a new password with characters that nobody can see, or that have no meaning (RFC 8265)."""

    def validate(self, password: str, user: object = None) -> None:  # noqa: ARG002  # Django's signature
        """Raise ValidationError."""
        try:
            prepare_password(password)
        except ValueError:
            text = _(
                "This password holds a character that cannot be seen. Please type it instead of pasting it."
            )
            raise ValidationError(text, code="password_not_visible") from None

    def get_help_text(self) -> str:
        """Say what is asked of a password before one is chosen."""
        return _("Your password can't hold characters that nobody can see.")
