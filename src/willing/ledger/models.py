"""Double entry in whole minor units. Accounts carry totals; transfers never change."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from willing.core.clock import now
from willing.core.ids import new_id
from willing.core.prepared_rows import PreparedModel
from willing.people.models import Person, School


class Side(models.TextChoices):
    """The side on which an account grows."""

    DEBIT = "debit"
    CREDIT = "credit"


class Account(models.Model):
    """An account. Only a new transfer moves its totals, and the database does that itself (migration 0002).

    available = credits_posted - debits_posted - debits_pending. A debit takes a wallet no further below zero
    than the school's grace at that moment; the database holds to that too (migration 0002).
    """

    class Kind(models.TextChoices):
        WALLET = "wallet"  # what a person has paid in and not yet spent: the school owes it
        SALES = "sales"  # what the school has sold, by category of the menu
        DRAWER = "drawer"  # the cash in each drawer of the office and the tills
        SAFE = "safe"  # the school's cash outside its drawers
        CHEQUES = "cheques"  # cheques that no bank has paid yet
        BANK = "bank"  # what came by the bank, or left by it
        MEALS = "meals"  # what the school carries for main meals that a wallet could not
        ENTITLEMENTS = "entitlements"  # what the school pays for meals that are free or reduced
        WRITE_OFF = "write_off"  # debts of wallets that the school has given up
        ROUNDING = "rounding"  # what rounding cash to coins that exist has cost, or brought
        DIFFERENCES = "differences"  # what was missing from counted drawers, or too much in them
        GIFTS = "gifts"  # what families have left to the school's meals

    # A new kind grows on one of the two sides, and says here on which.
    SIDES: ClassVar = {
        Kind.WALLET: Side.CREDIT,
        Kind.SALES: Side.CREDIT,
        Kind.DRAWER: Side.DEBIT,
        Kind.SAFE: Side.DEBIT,
        Kind.CHEQUES: Side.DEBIT,
        Kind.BANK: Side.DEBIT,
        Kind.MEALS: Side.DEBIT,
        Kind.ENTITLEMENTS: Side.DEBIT,
        Kind.WRITE_OFF: Side.DEBIT,
        Kind.ROUNDING: Side.DEBIT,
        Kind.DIFFERENCES: Side.DEBIT,
        Kind.GIFTS: Side.CREDIT,
    }
    # Kinds of which a school has several accounts, told apart by `part`.
    DIVIDED: ClassVar = (Kind.SALES, Kind.DRAWER)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="accounts")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    side = models.CharField(max_length=6, choices=Side.choices)
    # Which of its kind: a category of the menu, the id of a drawer. Empty where there is only one.
    part = models.CharField(max_length=36, blank=True, default="")
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="accounts"
    )
    debits_pending = models.BigIntegerField(default=0)
    debits_posted = models.BigIntegerField(default=0)
    credits_pending = models.BigIntegerField(default=0)
    credits_posted = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "kind"], condition=Q(person__isnull=False), name="one_wallet_a_person"
            ),
            models.UniqueConstraint(
                fields=["school", "kind", "part"],
                condition=Q(person__isnull=True),
                name="one_school_account_a_part",
            ),
            models.CheckConstraint(
                condition=Q(kind="wallet", person__isnull=False)
                | (~Q(kind="wallet") & Q(person__isnull=True)),
                name="wallets_belong_to_persons",
            ),
            models.CheckConstraint(
                condition=Q(side="credit", kind__in=["wallet", "sales", "gifts"])
                | Q(
                    side="debit",
                    kind__in=[
                        "drawer",
                        "safe",
                        "cheques",
                        "bank",
                        "meals",
                        "entitlements",
                        "write_off",
                        "rounding",
                        "differences",
                    ],
                ),
                name="account_side_of_its_kind",
            ),
            models.CheckConstraint(
                condition=(Q(kind__in=["sales", "drawer"]) & ~Q(part=""))
                | (~Q(kind__in=["sales", "drawer"]) & Q(part="")),
                name="divided_kinds_have_parts",
            ),
            models.CheckConstraint(
                condition=Q(
                    debits_pending__gte=0,
                    debits_posted__gte=0,
                    credits_pending__gte=0,
                    credits_posted__gte=0,
                ),
                name="account_totals_not_negative",
            ),
        ]

    @property
    def available_minor(self) -> int:
        """What can be spent now, in minor units; below zero inside the school's grace."""
        return self.credits_posted - self.debits_posted - self.debits_pending

    @property
    def balance_minor(self) -> int:
        """What is posted, in minor units, counted from the side on which the account grows."""
        more_credits = self.credits_posted - self.debits_posted
        return more_credits if self.side == Side.CREDIT else -more_credits


class Transfer(PreparedModel):
    """One debit and one credit of the same amount. Its id follows from the caller's key."""

    class Kind(models.TextChoices):
        POSTED = "posted"
        HOLD = "hold"
        SETTLE = "settle"
        VOID = "void"

    class Reason(models.TextChoices):
        TOPUP = "topup"
        SALE = "sale"
        REFUND = "refund"  # of what a sale took; it corrects that transfer
        REVERSAL = "reversal"  # of what should not have moved; it corrects that transfer
        PAY_OUT = "pay_out"  # from a wallet back to the family
        SIBLING = "sibling"  # between the wallets of one family
        GIFT = "gift"  # from a wallet to the school's meals
        WRITE_OFF = "write_off"  # of a debt
        MERGE = "merge"  # between two wallets of one person who had two records
        FLOAT = "float"  # between the safe and a drawer
        BANKING = "banking"  # of cash and cheques, to the bank
        DIFFERENCE = "difference"  # of a drawer that was counted
        ROUNDING = "rounding"

    # Reasons that take back what an earlier transfer moved, and name it.
    CORRECTING: ClassVar = (Reason.REFUND, Reason.REVERSAL)

    id = models.UUIDField(primary_key=True, editable=False)
    debit = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="debits")
    credit = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="credits")
    amount_minor = models.BigIntegerField()
    kind = models.CharField(max_length=6, choices=Kind.choices)
    hold = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="end")
    # The transfer of which this one takes something back. What may correct what: migration 0002.
    corrects = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrections"
    )
    reason = models.CharField(max_length=12, choices=Reason.choices)
    reference = models.UUIDField(db_index=True, help_text="What it is about: a sale, a payment")
    at = models.DateTimeField(default=now, db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="transfer_amount_positive"),
            models.CheckConstraint(condition=~Q(debit=F("credit")), name="transfer_between_two_accounts"),
            models.CheckConstraint(
                condition=Q(kind__in=["posted", "hold"], hold__isnull=True)
                | Q(kind__in=["settle", "void"], hold__isnull=False),
                name="only_ends_name_a_hold",
            ),
            models.CheckConstraint(
                condition=Q(reason__in=["refund", "reversal"], kind="posted", corrects__isnull=False)
                | (~Q(reason__in=["refund", "reversal"]) & Q(corrects__isnull=True)),
                name="corrections_name_a_transfer",
            ),
        ]
