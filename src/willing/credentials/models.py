"""Cards, PINs, and attempts with them that failed."""

from django.db import models

from willing.accounts.models import User
from willing.core.clock import now
from willing.core.ids import new_id
from willing.credentials.print_models import PrintedItem, PrintRun  # noqa: F401  # so that Django finds them
from willing.people.models import Person
from willing.terminals.models import Terminal, Way


def owner_of_staff_pin(user_id: int) -> str:
    """Return what the digest of a user's PIN is bound to; no person's id reads like it."""
    return f"user-{user_id}"


class Card(models.Model):
    """A card's (or a phone picture's) random code, kept as a keyed digest. Ending it is one press."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="cards")
    digest = models.CharField(max_length=64, unique=True)
    issued_at = models.DateTimeField(default=now)
    revoked_at = models.DateTimeField(null=True, blank=True)
    # Reported lost, and revoked by it: until its owner has another card, the office sees that they need one.
    lost_at = models.DateTimeField(null=True, blank=True)
    # Its holder has asked for a new PIN; a new PIN settles it.
    pin_asked_at = models.DateTimeField(null=True, blank=True)
    # A card that the school had already, known by its number: it pays, and holds no share.
    is_foreign = models.BooleanField(default=False)


class Pin(models.Model):
    """A person's PIN, hashed. How often it was tried, `PinTries` says."""

    person = models.OneToOneField(Person, on_delete=models.PROTECT, primary_key=True, related_name="pin")
    hashed = models.CharField(max_length=200)
    # How many digits it has (0: not known); where all of a school's have as many, the last one is enough.
    digits = models.PositiveSmallIntegerField(default=0)

    @property
    def owner(self) -> str:
        """What the digest of a PIN is bound to, so that the same digits of two people give two digests."""
        return str(self.person_id)


class StaffPin(models.Model):
    """With which a cashier signs on at a till, hashed as a `Pin` is. It opens no page and no record."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="staff_pin")
    hashed = models.CharField(max_length=200)
    digits = models.PositiveSmallIntegerField()
    # Given by an administrator, who has read it: its owner is asked to choose their own.
    is_given = models.BooleanField(default=False)

    @property
    def owner(self) -> str:
        """Likewise."""
        return owner_of_staff_pin(self.user_id)


class PinAttempts(models.Model):
    """Tries of a PIN, by a keyed digest of the number or card that was typed, whether there is one or not."""

    key = models.CharField(max_length=64, primary_key=True)
    wrong_attempts = models.PositiveSmallIntegerField(default=0)
    # Counted already, not compared yet: released where the server stops in between.
    unfinished = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True, blank=True)
    at = models.DateTimeField(default=now, db_index=True)


class FailedAttempt(models.Model):
    """A try at a way that did not identify anyone: which way, where, when. Never who."""

    terminal = models.ForeignKey(Terminal, on_delete=models.PROTECT, related_name="failed_attempts")
    way = models.CharField(max_length=8, choices=Way.choices)
    code = models.CharField(max_length=32)
    at = models.DateTimeField(default=now, db_index=True)
