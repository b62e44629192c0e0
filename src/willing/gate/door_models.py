"""What is wired to doors: devices, which output lets which lock go, and the numbers of cards there."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from willing.accounts.models import User
from willing.core.clock import now
from willing.core.ids import new_id
from willing.credentials.models import Card
from willing.gate.device_rules import ADDRESS_CHARS_MAX, OPEN_SECONDS
from willing.people.models import School


class DeviceKind(models.TextChoices):
    """What kind of device it is: `device_rules.Driver`, in words."""

    UHPPOTE = "uhppote", _("UHPPOTE controller")
    OSDP = "osdp", _("OSDP reader")
    SHELLY = "shelly", _("Shelly relay")
    MODBUS = "modbus", _("Modbus relay board")
    TYPING = "typing", _("Reader that types")


class DoorDevice(models.Model):
    """A controller, a reader or a relay. Its password or key is sealed with the master key.

    seen_at, fault, drift_seconds: of the last time it was asked. list_…: of a controller's list of cards.
    epoch, last_event, last_mark: how far its events were read; newest_event: how many it had then.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="door_devices")
    kind = models.CharField(max_length=8, choices=DeviceKind.choices)
    address = models.CharField(max_length=ADDRESS_CHARS_MAX)
    unit = models.BigIntegerField(default=0)
    mode = models.CharField(max_length=20, blank=True, default="")
    baud = models.PositiveIntegerField(default=9600)
    sealed_secret = models.TextField(blank=True, default="")
    # Where its reader is, for one that lets a computer decide: at this lane.
    lane = models.ForeignKey(
        "gate.Lane", on_delete=models.SET_NULL, null=True, blank=True, related_name="readers"
    )
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=now)
    looked_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    fault = models.CharField(max_length=16, blank=True, default="")
    fault_detail = models.CharField(max_length=40, blank=True, default="")
    drift_seconds = models.IntegerField(null=True, blank=True)
    list_digest = models.CharField(max_length=64, blank=True, default="")
    list_cards = models.PositiveIntegerField(null=True, blank=True)
    # When the list was last known to be as it should, and when it was last read whole.
    list_right_at = models.DateTimeField(null=True, blank=True)
    list_compared_at = models.DateTimeField(null=True, blank=True)
    # When the controller last had fewer cards than were written into it.
    list_forgotten_at = models.DateTimeField(null=True, blank=True)
    epoch = models.PositiveIntegerField(default=0)
    last_event = models.BigIntegerField(default=0)
    last_mark = models.CharField(max_length=32, blank=True, default="")
    newest_event = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["address", "unit", "kind"], name="door_device_once"),
        ]

    @property
    def place(self) -> str:
        """Where it is, as a person tells it from another: its address, and which one it is there."""
        has_unit = self.kind in (DeviceKind.UHPPOTE, DeviceKind.OSDP, DeviceKind.MODBUS)
        return f"{self.address} ({self.unit})" if has_unit else self.address


class DoorWiring(models.Model):
    """Which output of which device lets the lock of a door go, and which contacts tell of the door."""

    door = models.OneToOneField(
        "gate.Door", on_delete=models.CASCADE, primary_key=True, related_name="wiring"
    )
    device = models.ForeignKey(DoorDevice, on_delete=models.CASCADE, related_name="wirings")
    output = models.PositiveSmallIntegerField()
    open_seconds = models.PositiveSmallIntegerField(default=OPEN_SECONDS)
    contact_input = models.PositiveSmallIntegerField(null=True, blank=True)
    alarm_input = models.PositiveSmallIntegerField(null=True, blank=True)
    # As they were read last; None: not wired, or not known.
    is_open = models.BooleanField(null=True, blank=True)
    is_alarm = models.BooleanField(null=True, blank=True)
    # When the contact was first read as reporting alarm, of those readings that have all said so since.
    alarm_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["device", "output"], name="door_output_once"),
            models.CheckConstraint(
                condition=Q(open_seconds__gte=1, open_seconds__lte=10), name="door_open_ten_seconds_at_most"
            ),
        ]


class DoorOpening(models.Model):
    """That a lock was let go for a passage: at most once. id: the passage's own. Deleted after a day."""

    id = models.UUIDField(primary_key=True, editable=False)
    door = models.ForeignKey("gate.Door", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=now, db_index=True)
    # Empty while the device is asked and once it has done it; else why it did not.
    fault = models.CharField(max_length=16, blank=True, default="")


class DoorCardNumber(models.Model):
    """The number by which readers at doors know a card, sealed; the digest is what it is found by."""

    card = models.OneToOneField(Card, on_delete=models.CASCADE, primary_key=True, related_name="door_number")
    digest = models.CharField(max_length=64, unique=True)
    sealed = models.TextField()
    entered_at = models.DateTimeField(default=now)
