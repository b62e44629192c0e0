"""Terminals: what they take, where they are, and the device that is paired with each."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from willing.accounts.models import User
from willing.consent.models import Purpose
from willing.core.clock import now
from willing.core.ids import new_id
from willing.core.prepared_rows import PreparedModel
from willing.people.models import School

NAME_LENGTH_MAX = 60


class Way(models.TextChoices):
    """How a person says who they are at a terminal. A code is what a card carries, shown or typed."""

    CARD = "card", _("Card or code")
    PIN = "pin", _("PIN")
    FACE = "face", _("Face")
    STAFF = "staff", _("Staff look-up")


class Location(models.TextChoices):
    """Where a terminal is; where people sleep or undress there is no camera (terminals.rules)."""

    CANTEEN = "canteen", _("Canteen")
    SHOP = "shop", _("Shop")
    GATE = "gate", _("Gate or entrance")
    LIBRARY = "library", _("Library")
    CORRIDOR = "corridor", _("Corridor or hall")
    OTHER = "other", _("Somewhere else")
    TOILET = "toilet", _("Toilet or washroom")
    CHANGING_ROOM = "changing_room", _("Changing room")
    DORMITORY = "dormitory", _("Dormitory room")


class Device(models.TextChoices):
    """What acts as a till: a browser with the till's page, or a till of another maker over the HTTP API."""

    KIOSK = "kiosk", _("The till's page in a browser")
    API = "api", _("Third-party till")


class ReaderLayout(models.TextChoices):
    """The keyboard layout that a card or bar-code reader is set to (terminals.keyboards.Layout)."""

    TYPED = "typed", _("As this computer reads it")
    US = "us", _("US")
    GERMAN = "de", _("German")
    FRENCH = "fr", _("French")


class ReaderSuffix(models.TextChoices):
    """What a reader types after each scan."""

    ENTER = "enter", _("Enter")
    TAB = "tab", _("Tab")
    NONE = "none", _("Nothing")


class Characters(models.TextChoices):
    """Which characters a receipt printer has (terminals.printer_rules.TABLES)."""

    WEST = "west", _("Western European (CP858)")
    WINDOWS = "windows", _("Western European (Windows 1252)")
    CENTRAL = "central", _("Central European (CP852)")
    CYRILLIC = "cyrillic", _("Cyrillic (CP866)")
    CHINESE = "chinese", _("Chinese (GB18030)")


class Terminal(models.Model):
    """A till, a gate. It cannot exist without a card, a code or a PIN (promise 2)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="terminals")
    name = models.CharField(max_length=NAME_LENGTH_MAX)
    purpose = models.CharField(max_length=16, choices=Purpose.choices, default=Purpose.CANTEEN)
    location = models.CharField(max_length=16, choices=Location.choices, default=Location.CANTEEN)
    takes_card = models.BooleanField(default=True)
    takes_pin = models.BooleanField(default=True)
    takes_face = models.BooleanField(default=False)
    # Which faces it takes, where it takes any: those that the school alone can open, those of a card.
    takes_central = models.BooleanField(default=True)
    takes_card_held = models.BooleanField(default=True)
    takes_staff = models.BooleanField(default=True)
    pairing_digest = models.CharField(max_length=64, blank=True)
    pairing_expires_at = models.DateTimeField(null=True, blank=True)
    token_digest = models.CharField(max_length=64, blank=True, db_index=True)
    # A browser's token opens the till's page and nothing else, a token of the API nothing but the API.
    device = models.CharField(max_length=8, choices=Device.choices, blank=True)
    # The signed-in session in which a browser is this till now; no second one beside it.
    session_key = models.CharField(max_length=40, blank=True)
    # Given by the office to the device that is paired now; it ends with the pairing.
    may_refund = models.BooleanField(default=False)
    # Likewise: to look people up by name for the cashier at it.
    may_look_up = models.BooleanField(default=False)
    paired_at = models.DateTimeField(null=True, blank=True)
    # Written sparingly (terminals.presence). A terminal with a new device keeps it.
    last_seen_at = models.DateTimeField(null=True, blank=True)
    # How its card reader types, as a test scan has shown it (terminals.keyboards).
    reader_layout = models.CharField(max_length=8, choices=ReaderLayout.choices, default=ReaderLayout.TYPED)
    reader_suffix = models.CharField(max_length=8, choices=ReaderSuffix.choices, default=ReaderSuffix.ENTER)
    reader_prefix = models.CharField(max_length=8, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(takes_card=True) | Q(takes_pin=True), name="terminal_has_a_way_without_face"
            ),
            models.CheckConstraint(
                condition=Q(purpose__in=["canteen", "shop", "gate", "library"]), name="terminal_purpose_known"
            ),
            models.CheckConstraint(
                condition=Q(takes_face=False)
                | Q(location__in=["canteen", "shop", "gate", "library", "corridor", "other"]),
                name="terminal_no_face_where_people_sleep_or_undress",
            ),
            models.CheckConstraint(
                condition=Q(takes_face=False) | Q(takes_central=True) | Q(takes_card_held=True),
                name="terminal_takes_a_kind_of_face",
            ),
            models.UniqueConstraint(fields=["school", "name"], name="terminal_name_unique_in_school"),
            models.CheckConstraint(
                condition=Q(may_refund=False) | Q(device="api"), name="terminal_refunds_over_the_api_only"
            ),
            models.CheckConstraint(
                condition=Q(may_look_up=False) | Q(device="api"), name="terminal_looks_up_over_the_api_only"
            ),
        ]

    @property
    def scopes(self) -> tuple[str, ...]:
        """What the paired device may do over the HTTP API: sell, and what the office allows beside it."""
        if self.device != Device.API:
            return ()
        given = {"sell": True, "refund": self.may_refund, "look_up": self.may_look_up}
        return tuple(scope for scope, is_given in given.items() if is_given)

    @property
    def face_kinds(self) -> tuple[str, ...]:
        """Which faces it takes, by who can open them: central, card."""
        taken = {"central": self.takes_central, "card": self.takes_card_held}
        return tuple(kind for kind, is_taken in taken.items() if is_taken)

    @property
    def ways(self) -> tuple[str, ...]:
        """The ways that this terminal takes, the face last among them."""
        taken = {
            Way.CARD: self.takes_card,
            Way.PIN: self.takes_pin,
            Way.STAFF: self.takes_staff,
            Way.FACE: self.takes_face,
        }
        return tuple(way.value for way, is_taken in taken.items() if is_taken)


class Printer(models.Model):
    """The receipt printer of a till: an address of the school's network, or a queue of this computer's CUPS.

    A till without one prints nothing. fault: a word of PRINTER_FAULTS, of the last attempt; empty
    where the printer took it, and before the first.
    """

    terminal = models.OneToOneField(
        Terminal, on_delete=models.CASCADE, primary_key=True, related_name="printer"
    )
    address = models.GenericIPAddressField(null=True, blank=True)
    port = models.PositiveIntegerField(null=True, blank=True)
    queue = models.CharField(max_length=127, blank=True)
    # How many characters a line of its paper has.
    columns = models.PositiveSmallIntegerField()
    characters = models.CharField(max_length=8, choices=Characters.choices, default=Characters.WEST)
    # Each sale of this till is printed, and not only those for which a person presses.
    prints_always = models.BooleanField(default=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=now)
    tried_at = models.DateTimeField(null=True, blank=True)
    worked_at = models.DateTimeField(null=True, blank=True)
    fault = models.CharField(max_length=12, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(queue="", address__isnull=False, port__gte=9100, port__lte=9109)
                | (~Q(queue="") & Q(address__isnull=True, port__isnull=True)),
                name="printer_address_or_queue",
            ),
            models.CheckConstraint(condition=Q(columns__in=[32, 42, 48]), name="printer_columns_known"),
        ]


class SignOn(models.Model):
    """Which cashier is on at a terminal, from their PIN until they sign off (terminals.sign_ons).

    A person is at one terminal at a time. session_version: the user's at the time; what signs them out
    everywhere raises it, and then they are not on any more.
    """

    terminal = models.OneToOneField(
        Terminal, on_delete=models.CASCADE, primary_key=True, related_name="sign_on"
    )
    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="sign_on")
    session_version = models.PositiveIntegerField()
    signed_on_at = models.DateTimeField(default=now)
    # The last press at the terminal, to the minute; left alone, it is over.
    seen_at = models.DateTimeField(default=now)


class SecondScreen(models.Model):
    """The pupil's own screen of a till: another device, or a second window, that shows one half of it.

    It may do there what that half lets a pupil do, and only while a person is signed in at the till. Made
    when the cashier asks for a code; deleted when it is unpaired, or the till gets another device.
    """

    terminal = models.OneToOneField(
        Terminal, on_delete=models.CASCADE, primary_key=True, related_name="second_screen"
    )
    pairing_digest = models.CharField(max_length=64, blank=True)
    pairing_expires_at = models.DateTimeField(null=True, blank=True)
    # Empty until a device has used the code.
    token_digest = models.CharField(max_length=64, blank=True, db_index=True)
    paired_at = models.DateTimeField(null=True, blank=True)
    # Written sparingly (terminals.presence).
    last_seen_at = models.DateTimeField(null=True, blank=True)


class RequestKey(PreparedModel):
    """An Idempotency-Key that a till sent: which request it stands for, and what came of that.

    Both digests are keyed with the master key, for a request may hold a PIN. outcome: the id of the basket,
    sale, session or refund that the request led to, or a log entry's number; None while it led to nothing.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    terminal = models.ForeignKey(Terminal, on_delete=models.CASCADE, related_name="request_keys")
    key_digest = models.CharField(max_length=64)
    request_digest = models.CharField(max_length=64)
    outcome = models.UUIDField(null=True)
    created_at = models.DateTimeField(default=now, db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["terminal", "key_digest"], name="request_key_once_a_terminal"),
        ]
