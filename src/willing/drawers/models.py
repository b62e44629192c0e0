"""Drawers, their sessions from float to Z, what moved in each, and receipts of pay-ins."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from willing.accounts.models import User
from willing.core.clock import now
from willing.core.ids import new_id
from willing.ledger.models import Account, Transfer
from willing.people.models import School
from willing.terminals.models import NAME_LENGTH_MAX, Terminal


class Drawer(models.Model):
    """A place for cash: the office's, or one under a till. What is in it, its account in the ledger says."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="drawers")
    account = models.OneToOneField(Account, on_delete=models.PROTECT, related_name="drawer")
    name = models.CharField(max_length=NAME_LENGTH_MAX)
    # The till that it is under; None: it is the office's, and takes pay-ins.
    terminal = models.OneToOneField(Terminal, on_delete=models.PROTECT, null=True, related_name="drawer")

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school", "name"], name="drawer_name_once_in_school"),
        ]


class DifferenceCause(models.TextChoices):
    """Why a count differs, as far as anyone knows. No free text: it would name people."""

    CHANGE = "change", _("Wrong change was given")
    FORGOTTEN = "forgotten", _("A sale or pay-in was not entered")
    FLOAT = "float", _("The float was not what was entered")
    COIN = "coin", _("A coin or note that is not money here")
    STOLEN = "stolen", _("Money was lost or stolen")
    UNKNOWN = "unknown", _("Nobody knows")


class DrawerSession(models.Model):
    """A drawer's day: opened with a float, counted without knowing what should be there, closed with a Z.

    The database gives it what moves (DrawerEntry), refuses money while none is open, and keeps closed ones.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    drawer = models.ForeignKey(Drawer, on_delete=models.PROTECT, related_name="sessions")
    # The school's day on which it was opened; it stays that, however late it is closed.
    day = models.DateField()
    opened_at = models.DateTimeField(default=now)
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    # What had stayed in the drawer.
    opening_minor = models.BigIntegerField()
    # The last blind count, what should have been there then, and who counted; money that moves makes it void.
    counted_minor = models.BigIntegerField(null=True)
    expected_minor = models.BigIntegerField(null=True)
    counted_at = models.DateTimeField(null=True)
    counted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    # 1, 2, 3 and so on for each drawer.
    z_number = models.PositiveIntegerField(null=True)
    # What stays in the drawer for the next session.
    kept_minor = models.BigIntegerField(null=True)
    why = models.CharField(max_length=12, choices=DifferenceCause.choices, blank=True, default="")

    class Meta:
        ordering: ClassVar = ["-opened_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["drawer"], condition=Q(closed_at__isnull=True), name="one_open_session_a_drawer"
            ),
            models.UniqueConstraint(fields=["drawer", "z_number"], name="z_number_once_a_drawer"),
            models.CheckConstraint(
                condition=Q(counted_minor__isnull=True, expected_minor__isnull=True, counted_at__isnull=True)
                | Q(counted_minor__gte=0, expected_minor__isnull=False, counted_at__isnull=False),
                name="drawer_count_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, z_number__isnull=True, kept_minor__isnull=True, why="")
                | Q(
                    closed_at__isnull=False,
                    z_number__isnull=False,
                    counted_minor__isnull=False,
                    kept_minor__gte=0,
                    kept_minor__lte=F("counted_minor"),
                ),
                name="drawer_closes_with_a_count",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True)
                | (Q(why="") & Q(expected_minor=F("counted_minor")))
                | (~Q(why="") & ~Q(expected_minor=F("counted_minor"))),
                name="drawer_difference_has_a_reason",
            ),
        ]

    @property
    def difference_minor(self) -> int | None:
        """What was too much, or below zero missing; None before a count."""
        if self.expected_minor is None or self.counted_minor is None:
            return None
        return self.counted_minor - self.expected_minor


class DrawerEntry(models.Model):
    """A transfer that moved cash in a session; the database makes it with the transfer (migration 0002)."""

    session = models.ForeignKey(DrawerSession, on_delete=models.PROTECT, related_name="entries")
    transfer = models.OneToOneField(Transfer, on_delete=models.PROTECT, related_name="drawer_entry")

    class Meta:
        ordering: ClassVar = ["id"]


class Method(models.TextChoices):
    """How a family paid in at the office."""

    CASH = "cash", _("Cash")
    CHEQUE = "cheque", _("Cheque")


class PayInCounter(models.Model):
    """The last number of a school's pay-in receipts; locked by each, so that numbers have no gaps."""

    school = models.OneToOneField(School, on_delete=models.PROTECT, primary_key=True)
    last = models.PositiveBigIntegerField(default=0)


class PayIn(models.Model):
    """The receipt of money that the office took. The wallet that it went to is the transfer's."""

    transfer = models.OneToOneField(
        Transfer, on_delete=models.PROTECT, primary_key=True, related_name="pay_in"
    )
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="pay_ins")
    session = models.ForeignKey(DrawerSession, on_delete=models.PROTECT, related_name="pay_ins")
    method = models.CharField(max_length=8, choices=Method.choices)
    number = models.PositiveBigIntegerField()
    received_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school", "number"], name="pay_in_number_once"),
        ]


class SkippedNumbers(models.Model):
    """Numbers that were given out after the copy that was restored: others hold them, so nobody gets them."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    # Whose Zs they are; None for the school's receipts of pay-ins.
    drawer = models.ForeignKey(Drawer, on_delete=models.PROTECT, null=True, related_name="skipped")
    first = models.PositiveBigIntegerField()
    last = models.PositiveBigIntegerField()
    at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(first__gte=1, first__lte=F("last")), name="skipped_in_order"),
        ]
