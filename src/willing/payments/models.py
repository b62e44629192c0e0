"""The school's bank account, payment references, what its bank has booked, and what is paid out."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from willing.accounts.models import User
from willing.core.clock import now
from willing.core.ids import new_id
from willing.ledger.models import Transfer
from willing.people.models import Guardian, Person, School


class BankDetails(models.Model):
    """The school's own account. Families see it on letters and pages; here it lies sealed like any other."""

    class References(models.TextChoices):
        CREDITOR = (
            "creditor",
            _("RF and the digits (ISO 11649), for SEPA, Switzerland and most other countries"),
        )
        DIGITS = "digits", _("Ten digits, for the United Kingdom and wherever a bank takes no letters")

    school = models.OneToOneField(School, on_delete=models.PROTECT, primary_key=True, related_name="+")
    sealed = models.BinaryField()
    references = models.CharField(max_length=8, choices=References.choices)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=now)


class PaymentReference(models.Model):
    """What a family writes on a transfer: eight digits, for ever a person's own, and check digits."""

    person = models.OneToOneField(Person, on_delete=models.PROTECT, primary_key=True, related_name="+")
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    made_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school", "number"], name="payment_reference_once"),
            models.CheckConstraint(
                condition=Q(number__gte=10_000_000, number__lte=99_999_999), name="payment_reference_8_digits"
            ),
        ]


class StatementFormat(models.Model):
    """Which column of a bank's list means what. columns_digest: of the columns' names."""

    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="+")
    columns_digest = models.CharField(max_length=64)
    chosen = models.JSONField()
    chosen_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school", "columns_digest"], name="statement_format_once"),
        ]


class Statement(models.Model):
    """A file from the bank that was imported: how many bookings it brought, never the file itself."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    format = models.CharField(max_length=12)
    added = models.PositiveIntegerField()
    known = models.PositiveIntegerField()
    # Bookings that are not for lunch by their nature: debits, what is not booked yet, other currencies.
    left_out = models.PositiveIntegerField()
    # None where a command imported it.
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school", "number"], name="statement_numbered_once"),
        ]


class StatementLine(models.Model):
    """A booking of the bank: money that came, or money that the bank took back.

    Its id is the id of its key in the other database; payer, account and text are sealed under that key, and
    gone with it. What is left then is a date, a sum and the transfer: the school's books.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("To be assigned")
        BOOKED = "booked", _("Booked")
        ASIDE = "aside", _("Not for lunch")
        DETAILED = "detailed", _("Booked as its parts")

    id = models.UUIDField(primary_key=True, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="lines")
    # Which of the statement's bookings it is, from 1, in the order in which the bank lists them.
    number = models.PositiveIntegerField()
    # A digest of the bank's own number, or of what else tells this booking from all others.
    identity = models.CharField(max_length=64)
    # Of the whole booking, where this line is one of several that the bank booked as one sum; else "".
    batch_identity = models.CharField(max_length=64, blank=True, default="", db_index=True)
    booked_on = models.DateField()
    amount_minor = models.BigIntegerField()
    takes_back = models.BooleanField(help_text=_("Money that the bank has taken back"))
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    # Why it was not booked by itself: a key of `labels.CAUSES`.
    cause = models.CharField(max_length=24, blank=True, default="")
    sealed = models.BinaryField(null=True, blank=True)
    payer_digest = models.CharField(max_length=64, blank=True, default="", db_index=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    transfer = models.OneToOneField(
        Transfer, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    settled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school", "identity"], name="statement_line_once"),
            models.UniqueConstraint(fields=["statement", "number"], name="statement_line_numbered_once"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="statement_line_amount_positive"),
            models.CheckConstraint(
                condition=Q(state="booked", transfer__isnull=False, person__isnull=False)
                | (~Q(state="booked") & Q(transfer__isnull=True, person__isnull=True)),
                name="statement_line_booked_with_its_money",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["school", "state"], name="statement_line_by_state")]


class PayOutFile(models.Model):
    """A list of pay-outs for the bank, or for the office to pay in cash. It can be made anew at any time."""

    class Format(models.TextChoices):
        SEPA = "pain001", _("SEPA credit transfers (pain.001.001.09)")
        BACS = "bacs18", _("Bacs Standard 18")
        CSV = "csv", _("CSV")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    format = models.CharField(max_length=8, choices=Format.choices)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=now)
    pays_on = models.DateField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school", "number"], name="pay_out_file_numbered_once"),
        ]


class PayOut(models.Model):
    """A sum that a family wants back from a wallet, from the question to the bank.

    Its id is the id of its key; the payee's account is sealed under that. The money leaves the wallet when
    the office approves it, so that it is not spent before the bank has it.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("Asked for")
        APPROVED = "approved", _("Approved")
        FILED = "filed", _("In a file for the bank")
        PAID = "paid", _("Paid")
        RETURNED = "returned", _("Sent back")
        REFUSED = "refused", _("Refused")

    class Route(models.TextChoices):
        TRANSFER = "transfer", _("To an account")
        CASH = "cash", _("In cash, against a signature")

    id = models.UUIDField(primary_key=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="pay_outs")
    amount_minor = models.BigIntegerField()
    way = models.CharField(max_length=8, choices=Route.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.ASKED)
    sealed = models.BinaryField(null=True, blank=True)
    guardian = models.ForeignKey(Guardian, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField(default=now)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    # What the family reads of a refusal or a return.
    reason = models.CharField(max_length=200, blank=True, default="")
    file = models.ForeignKey(
        PayOutFile, on_delete=models.PROTECT, null=True, blank=True, related_name="pay_outs"
    )
    transfer = models.OneToOneField(
        Transfer, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="pay_out_amount_positive"),
            models.CheckConstraint(
                condition=Q(guardian__isnull=True) | Q(user__isnull=True),
                name="pay_out_asked_by_one_at_most",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["asked", "refused"], transfer__isnull=True)
                | (~Q(state__in=["asked", "refused"]) & Q(transfer__isnull=False)),
                name="pay_out_approved_with_its_money",
            ),
            models.CheckConstraint(
                condition=Q(file__isnull=True) | Q(way="transfer"), name="pay_out_in_cash_in_no_file"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["state", "asked_at"], name="pay_out_by_state")]
