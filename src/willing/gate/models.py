"""Doors, the lanes before them, and who went through: evidence for a week, then only counts.

No mark of a register is here, and none is made from it: a passage may stop a message about absence, and
nothing else. Where somebody goes is nobody's business: no read of this room joins two doors of one person.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from willing.accounts.models import User
from willing.core.ids import new_id
from willing.gate.door_models import DoorDevice  # noqa: F401  # so that Django finds them
from willing.gate.message_models import (  # noqa: F401  # Django finds a room's tables here
    MessageChoice,
    PassageMessage,
)
from willing.gate.rules import DOOR_NAME_CHARS_MAX, REASON_CHARS_MAX
from willing.people.models import Person, School
from willing.terminals.models import Terminal
from willing.visits.models import Visit


class Direction(models.TextChoices):
    """Which way somebody went. Unknown: the lane is used both ways, and the order does not tell."""

    IN = "in", _("In")
    OUT = "out", _("Out")
    UNKNOWN = "unknown", _("Direction not known")


class PassageWay(models.TextChoices):
    """How a person was known at a gate; "guard": a member of staff opened, whoever it was for."""

    CARD = "card", _("Card or code")
    PIN = "pin", _("PIN")
    FACE = "face", _("Face")
    STAFF = "staff", _("Looked up by staff")
    GUARD = "guard", _("Opened by staff")


class Door(models.Model):
    """A door of the school, with a lock that something opens or with none. Nothing here holds it shut."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="doors")
    name = models.CharField(max_length=DOOR_NAME_CHARS_MAX)
    # Its name carries the day since, so that a new door may have the old name.
    retired_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school", "name"], name="door_name_unique_in_school"),
        ]


class Lane(models.Model):
    """A terminal before a door: which door it opens, and which way people go there."""

    class Use(models.TextChoices):
        IN = "in", _("Way in")
        OUT = "out", _("Way out")
        BOTH = "both", _("Both ways")

    terminal = models.OneToOneField(Terminal, on_delete=models.PROTECT, primary_key=True, related_name="lane")
    door = models.ForeignKey(Door, on_delete=models.PROTECT, related_name="lanes")
    use = models.CharField(max_length=4, choices=Use.choices)
    # Not in use for now: its page sends people to another lane. The lock does not hear of it.
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(use__in=["in", "out", "both"]), name="lane_use_known"),
        ]


class Passage(models.Model):
    """One person went through one door, or a member of staff opened it. Kept for seven days.

    id: chosen where the way was pressed, so that what is sent twice is one passage.
    """

    class Doubt(models.TextChoices):
        # A controller that was offline let a card through that was revoked meanwhile.
        CARD_REVOKED = "card_revoked", _("The card had been revoked")
        # The device's clock is ahead of ours, or days behind: the time is when we heard of it.
        CLOCK = "clock", _("The device's clock is wrong")

    id = models.UUIDField(primary_key=True, editable=False)
    door = models.ForeignKey(Door, on_delete=models.PROTECT, related_name="passages")
    lane = models.ForeignKey(Lane, on_delete=models.PROTECT, null=True, related_name="passages")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="passages")
    # Of a visitor: whose badge it was.
    visit = models.ForeignKey(Visit, on_delete=models.SET_NULL, null=True, related_name="passages")
    direction = models.CharField(max_length=8, choices=Direction.choices)
    way = models.CharField(max_length=8, choices=PassageWay.choices)
    # As the device says it, and when it came to us; `at` is the one that is believed (rules.believe_time).
    device_time = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    at = models.DateTimeField()
    # The school's own day of `at`.
    day = models.DateField()
    doubt = models.CharField(max_length=12, choices=Doubt.choices, blank=True, default="")
    # The device's own number; numbers that begin anew are told apart by the device's reader (gate/doors).
    device_event_no = models.BigIntegerField(null=True)
    # Who looked the person up, or opened, and why it was opened.
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=REASON_CHARS_MAX, blank=True, default="")
    # From the press until it was known who it is, in tenths of a second; None where nobody can say.
    waited_tenths = models.PositiveIntegerField(null=True)
    # That the log says of this person and day that a gate was used, and by this way (gate.nightly).
    is_logged = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["day", "is_logged"], name="passages_of_a_day"),
            models.Index(fields=["person", "at"], name="passages_of_a_person"),
            models.Index(fields=["door", "-received_at"], name="passages_of_a_door"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["door", "device_event_no"],
                condition=Q(device_event_no__isnull=False),
                name="passage_once_a_number",
            ),
            models.CheckConstraint(
                condition=Q(direction__in=["in", "out", "unknown"]), name="passage_direction_known"
            ),
            models.CheckConstraint(
                condition=Q(way__in=["pin", "face", "staff"], person__isnull=False, reason="")
                | (Q(way="card", reason="") & (Q(person__isnull=True) | Q(visit__isnull=True)))
                | (Q(way="guard", person__isnull=True, by__isnull=False) & ~Q(reason="")),
                name="passage_of_a_person_or_opened_with_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(way="staff") | Q(by__isnull=False), name="passage_by_look_up_says_who"
            ),
        ]


class PassageCount(models.Model):
    """How many went through a door on a day, in and out; about nobody.

    Not by which way they were known: the log says who used a face that day, and where one did, a count of
    faces at a door would say where.
    """

    door = models.ForeignKey(Door, on_delete=models.PROTECT, related_name="counts")
    day = models.DateField()
    direction = models.CharField(max_length=8, choices=Direction.choices)
    count = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["door", "day", "direction"], name="passage_count_once"),
        ]


class PassageWaits(models.Model):
    """How long each way took on a day, at all doors together; about nobody."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    way = models.CharField(max_length=8, choices=PassageWay.choices)
    # How often each wait occurred, in tenths of a second: {"4": 312, ...}.
    waits = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school", "day", "way"], name="passage_waits_once"),
        ]


class GateLookUp(models.Model):
    """That staff at a gate were shown a name today; the log has it the night after, without a minute."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    day = models.DateField(db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "user", "day"], name="gate_look_up_once_a_day"),
        ]
