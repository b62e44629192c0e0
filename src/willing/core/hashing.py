"""How passwords and PINs are hashed: Argon2id by RFC 9106's second choice, so many at a time and no more."""

import threading

from django.contrib.auth.hashers import Argon2PasswordHasher

# Four at once take 256 MiB; a class that types its PINs in one second waits a moment longer instead.
AT_ONCE_MAX = 4
_slots = threading.BoundedSemaphore(AT_ONCE_MAX)


class BoundedArgon2(Argon2PasswordHasher):
    """Argon2id with 64 MiB, three passes and four lanes (RFC 9106, section 4, for less memory)."""

    time_cost = 3
    memory_cost = 64 * 1024  # KiB
    parallelism = 4

    def encode(self, password: str, salt: str) -> str:
        """Hash a password when its turn comes."""
        with _slots:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        """Compare a password with its hash when its turn comes."""
        with _slots:
            return super().verify(password, encoded)
