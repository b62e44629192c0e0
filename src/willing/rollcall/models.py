"""Assembly points, wardens, roll calls and the ticks in them.

A tick is never changed and only one more is ever added, so the ticks of several phones are put together
without a server. Who a tick is about is deleted with it after a month; how many there were stays.
"""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from willing.accounts.models import User
from willing.core.clock import now
from willing.core.ids import new_id
from willing.people.models import Person, School, YearGroup
from willing.rollcall.rules import (
    MEDICAL_CHARS_MAX,
    NAME_CHARS_MAX,
    PRINT_QUEUE_CHARS_MAX,
    REASON_CHARS_MAX,
    RED_AFTER_MINUTES,
    RED_AFTER_MINUTES_MAX,
)


class RollCallSettings(models.Model):
    """How a school calls the roll, where it decided otherwise than the defaults."""

    school = models.OneToOneField(
        School, on_delete=models.CASCADE, primary_key=True, related_name="roll_call_settings"
    )
    # So many minutes after the start who is not there yet is shown in red.
    red_after_minutes = models.PositiveSmallIntegerField(default=RED_AFTER_MINUTES)
    # The queue of the computer's printing system that the sheets go to; "": they are printed by hand.
    print_queue = models.CharField(max_length=PRINT_QUEUE_CHARS_MAX, blank=True, default="")
    # Which close of a register the latest sheets hold, when they were sent, and why they were not.
    printed_for = models.DateTimeField(null=True)
    printed_at = models.DateTimeField(null=True)
    print_fault = models.CharField(max_length=20, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(red_after_minutes__gte=1, red_after_minutes__lte=RED_AFTER_MINUTES_MAX),
                name="roll_call_turns_red_within_the_hour",
            ),
        ]


class AssemblyPoint(models.Model):
    """Where people gather outside."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="assembly_points")
    name = models.CharField(max_length=NAME_CHARS_MAX)
    position = models.PositiveSmallIntegerField(default=0)
    # Where staff and visitors gather; at most one point each.
    is_for_staff = models.BooleanField(default=False)
    is_for_visitors = models.BooleanField(default=False)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["position", "name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["school", "name"], condition=Q(retired_at=None), name="assembly_point_name_once"
            ),
            models.UniqueConstraint(
                fields=["school"],
                condition=Q(is_for_staff=True, retired_at=None),
                name="staff_gather_at_one_point",
            ),
            models.UniqueConstraint(
                fields=["school"],
                condition=Q(is_for_visitors=True, retired_at=None),
                name="visitors_gather_at_one_point",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="assembly_point_has_a_name"),
        ]


class PointClass(models.Model):
    """Which class gathers at which point: one."""

    point = models.ForeignKey(AssemblyPoint, on_delete=models.CASCADE, related_name="classes")
    year_group = models.OneToOneField(YearGroup, on_delete=models.CASCADE, related_name="assembly_point")


class Warden(models.Model):
    """A member of staff who holds the list and ticks people off."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="warden")
    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="wardens")
    # The point that their phone shows first; None: all of them.
    point = models.ForeignKey(AssemblyPoint, on_delete=models.SET_NULL, null=True, related_name="wardens")
    named_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    named_at = models.DateTimeField(default=now)


class WardenDevice(models.Model):
    """A phone that holds today's list, and since when. The phone chooses its id."""

    id = models.UUIDField(primary_key=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="warden_devices")
    refreshed_at = models.DateTimeField(default=now)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["refreshed_at"], name="warden_devices_by_time")]


class MedicalWords(models.Model):
    """What helpers must know of a person outside, in words: "needs an adrenaline pen". About health."""

    class Basis(models.TextChoices):
        CONSENT = "consent", _("The family, or the adult, agreed")
        VITAL = "vital", _("Without it a life is in danger, and nobody could be asked")

    person = models.OneToOneField(
        Person, on_delete=models.PROTECT, primary_key=True, related_name="medical_words"
    )
    text = models.CharField(max_length=MEDICAL_CHARS_MAX)
    basis = models.CharField(max_length=8, choices=Basis.choices)
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(text=""), name="medical_words_are_words"),
            models.CheckConstraint(condition=Q(basis__in=["consent", "vital"]), name="medical_basis_known"),
        ]


class RollCall(models.Model):
    """A roll call: a drill, a live one, or a test of the phones. How many there were stays for ever."""

    class Kind(models.TextChoices):
        DRILL = "drill", _("Drill")
        LIVE = "live", _("Live")
        TEST = "test", _("Test")

    # Chosen by the page or the phone, so that a start that is sent twice is one.
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="roll_calls")
    kind = models.CharField(max_length=5, choices=Kind.choices)
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    # How many ticks were received: the number of the latest one.
    ticks_received = models.PositiveIntegerField(default=0)
    # Counted at the end, and anew with each tick that arrives later; they stay when the list is deleted.
    expected = models.PositiveIntegerField(null=True)
    safe = models.PositiveIntegerField(null=True)
    found = models.PositiveIntegerField(null=True)
    list_deleted_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["school", "started_at"], name="roll_calls_by_time")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["school"], condition=Q(ended_at=None), name="one_roll_call_at_a_time"
            ),
            models.CheckConstraint(condition=Q(kind__in=["drill", "live", "test"]), name="roll_call_kind"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__gte=F("started_at"), ended_by__isnull=False),
                name="roll_call_is_ended_by_someone",
            ),
        ]


class Listed(models.Model):
    """Who is on the list of a roll call, and why they were expected when it was started, or not."""

    roll_call = models.ForeignKey(RollCall, on_delete=models.CASCADE, related_name="listed")
    # What phones call them by; derived where it is a member of staff who is known by their sign-in only.
    subject = models.UUIDField()
    # One of these: a person; a member of staff by their sign-in; or else a visit of the room `visits`.
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="roll_calls")
    staff = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    point = models.ForeignKey(AssemblyPoint, on_delete=models.SET_NULL, null=True, related_name="+")
    is_expected = models.BooleanField()
    why = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["roll_call", "subject"], name="listed_once"),
            models.CheckConstraint(
                condition=Q(person__isnull=True) | Q(staff__isnull=True), name="listed_is_one_of_them"
            ),
        ]


class Tick(models.Model):
    """What a warden saw: a person is safe, is there unexpectedly, or was ticked by mistake. Never changed."""

    class State(models.TextChoices):
        SAFE = "safe", _("Seen, safe")
        FOUND = "found", _("Here, though not expected")
        MISSING = "missing", _("Not here after all")

    # Derived from roll call, subject, state, second and device: the same tick from two phones is one.
    id = models.UUIDField(primary_key=True, editable=False)
    listed = models.ForeignKey(Listed, on_delete=models.CASCADE, related_name="ticks")
    roll_call = models.ForeignKey(RollCall, on_delete=models.CASCADE, related_name="ticks")
    # In the order in which the server received them, from 1.
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=7, choices=State.choices)
    # What the device says, in whole seconds; and the same within the roll call, by which the latest counts.
    device_at = models.DateTimeField()
    at = models.DateTimeField()
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    device = models.UUIDField()
    received_at = models.DateTimeField(default=now)
    # Another warden's phone may have brought it.
    received_from = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["roll_call", "number"], name="tick_number_once"),
            models.CheckConstraint(
                condition=Q(state__in=["safe", "found", "missing"]), name="tick_state_known"
            ),
        ]


class LastSeen(models.Model):
    """Where a person was last seen, opened under break-glass in a roll call; deleted after 24 hours.

    The sole exception to the rule that nothing here says who was where.
    """

    class Source(models.TextChoices):
        NOTHING = "nothing", _("Nothing of today is known")
        MARK = "mark", _("Mark in a register")
        GATE = "gate", _("Came or went at a gate")
        SALE = "sale", _("Paid at a till")
        OUT = "out", _("Signed out at the desk")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    roll_call = models.ForeignKey(RollCall, on_delete=models.CASCADE, related_name="openings")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="last_seen")
    reason = models.CharField(max_length=REASON_CHARS_MAX)
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(default=now)
    source = models.CharField(max_length=7, choices=Source.choices)
    seen_at = models.DateTimeField(null=True)
    # Which class's register, which door, which till.
    where = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["opened_at"], name="last_seen_by_time")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(reason=""), name="last_seen_has_a_reason"),
            models.CheckConstraint(
                condition=Q(source="nothing", seen_at__isnull=True) | Q(seen_at__isnull=False),
                name="last_seen_has_a_time",
            ),
        ]
