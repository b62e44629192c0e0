"""Accounts have a normal side, sales are divided, corrections name what they correct, and the database moves
the totals itself: each transfer both of its accounts, in the statement that writes it."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

from willing.core.triggers import Consequence, Trigger, create, set_aside

PENDING = "CASE {t}.kind WHEN 'hold' THEN {t}.amount_minor WHEN 'posted' THEN 0 ELSE -{t}.amount_minor END"
POSTED = "CASE WHEN {t}.kind IN ('posted', 'settle') THEN {t}.amount_minor ELSE 0 END"
TOTALS = [
    (f"{side}s_{total}", f"CASE WHEN {{t}}.{side}_id = {{account}} THEN {amount} ELSE 0 END")
    for side in ("debit", "credit")
    for total, amount in (("pending", PENDING), ("posted", POSTED))
]
MOVE = (
    "UPDATE ledger_account SET "  # noqa: S608  # made of the constants above
    + ", ".join(f"{total} = {total} + " + gain.format(t="NEW", account="id") for total, gain in TOTALS)
    + " WHERE id IN (NEW.debit_id, NEW.credit_id)"
)
MOVED = "(" + " OR ".join(f"NEW.{total} <> OLD.{total}" for total, _ in TOTALS) + ")"
# SQLite cannot say whether a trigger writes: what changes must be what the newest transfer moves.
AS_THE_NEWEST_SAYS = (
    "EXISTS (SELECT 1 FROM ledger_transfer t"  # noqa: S608  # likewise
    " WHERE t.rowid = (SELECT MAX(rowid) FROM ledger_transfer) AND "
    + " AND ".join(
        f"NEW.{total} - OLD.{total} = " + gain.format(t="t", account="NEW.id") for total, gain in TOTALS
    )
    + ")"
)
FILLED = " OR ".join(f"NEW.{total} <> 0" for total, _ in TOTALS)
ONE_SCHOOL = (
    "(SELECT a.school_id FROM ledger_account a WHERE a.id = NEW.debit_id)"
    " <> (SELECT a.school_id FROM ledger_account a WHERE a.id = NEW.credit_id)"
)
AS_HELD = (
    "NEW.hold_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ledger_transfer h WHERE h.id = NEW.hold_id"
    " AND h.kind = 'hold' AND h.debit_id = NEW.debit_id AND h.credit_id = NEW.credit_id"
    " AND h.amount_minor = NEW.amount_minor)"
)
# The other way round between accounts of the same kinds: one of them is the same, the other may be the wallet
# into which an earlier one was merged. A correction is never corrected: what is right again is a new transfer.
TAKES_BACK = (
    "EXISTS (SELECT 1 FROM ledger_transfer o"
    " JOIN ledger_account paid ON paid.id = o.debit_id JOIN ledger_account got ON got.id = o.credit_id"
    " JOIN ledger_account giver ON giver.id = NEW.debit_id JOIN ledger_account taker ON taker.id = NEW.credit_id"
    " WHERE o.id = NEW.corrects_id AND o.corrects_id IS NULL AND o.kind IN ('posted', 'settle')"
    " AND giver.kind = got.kind AND taker.kind = paid.kind AND giver.school_id = paid.school_id"
    " AND (giver.id = got.id OR taker.id = paid.id)"
    " AND NEW.amount_minor + (SELECT COALESCE(SUM(c.amount_minor), 0) FROM ledger_transfer c"
    " WHERE c.corrects_id = o.id) <= o.amount_minor)"
)
RULES = [
    Consequence("ledger_transfer", "moves", MOVE),
    Trigger(
        "ledger_account",
        "only_transfers_move",
        "UPDATE",
        f"{MOVED} AND NOT {AS_THE_NEWEST_SAYS}",
        "only a transfer moves the totals of an account",
        on_postgresql=f"{MOVED} AND pg_trigger_depth() < 2",
    ),
    Trigger("ledger_account", "begins_empty", "INSERT", FILLED, "an account begins empty"),
    Trigger("ledger_transfer", "in_one_school", "INSERT", ONE_SCHOOL, "a transfer stays in one school"),
    Trigger("ledger_transfer", "as_held", "INSERT", AS_HELD, "a hold is ended as it was made"),
    Trigger(
        "ledger_transfer",
        "takes_back",
        "INSERT",
        f"NEW.corrects_id IS NOT NULL AND NOT {TAKES_BACK}",
        "a correction takes back no more than is left of its transfer",
    ),
]


def name_sides(apps: Any, _editor: Any) -> None:
    """Give every account its side; what was sold before is of no category."""
    accounts = apps.get_model("ledger", "Account").objects
    accounts.filter(kind="topups").update(kind="cash")
    accounts.filter(kind__in=["cash", "meals"]).update(side="debit")
    accounts.filter(kind="sales").update(part="undivided")


def name_originals(_apps: Any, editor: Any) -> None:
    """Let every refund so far name what it took back: of its sale, what the same kind of account had paid."""
    editor.execute(
        "UPDATE ledger_transfer SET corrects_id = (SELECT o.id FROM ledger_transfer o"
        " JOIN ledger_account od ON od.id = o.debit_id, ledger_account nc"
        " WHERE nc.id = ledger_transfer.credit_id AND o.reference = ledger_transfer.reference"
        " AND o.reason = 'sale' AND od.kind = nc.kind) WHERE reason = 'refund'"
    )
    if editor.connection.vendor == "postgresql":
        editor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # or the table could not be altered below


ASIDE, BACK = set_aside("ledger_account", "ledger_transfer")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_merge_reason"), ("people", "0006_look")]

    operations = [
        ASIDE,
        migrations.AddField(
            model_name="account",
            name="side",
            field=models.CharField(
                choices=[("debit", "Debit"), ("credit", "Credit")], default="credit", max_length=6
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="account",
            name="part",
            field=models.CharField(blank=True, default="", max_length=36),
        ),
        migrations.AlterField(
            model_name="account",
            name="kind",
            field=models.CharField(
                choices=[
                    ("wallet", "Wallet"),
                    ("sales", "Sales"),
                    ("cash", "Cash"),
                    ("meals", "Meals"),
                    ("entitlements", "Entitlements"),
                ],
                max_length=12,
            ),
        ),
        migrations.RunPython(name_sides, migrations.RunPython.noop),
        migrations.RemoveConstraint(model_name="account", name="one_school_account_a_kind"),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(
                fields=["school", "kind", "part"],
                condition=Q(person__isnull=True),
                name="one_school_account_a_part",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=Q(side="credit", kind__in=["wallet", "sales"])
                | Q(side="debit", kind__in=["cash", "meals", "entitlements"]),
                name="account_side_of_its_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=(Q(kind="sales") & ~Q(part="")) | (~Q(kind="sales") & Q(part="")),
                name="only_sales_have_parts",
            ),
        ),
        migrations.AddField(
            model_name="transfer",
            name="corrects",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="corrections",
                to="ledger.transfer",
            ),
        ),
        migrations.RunPython(name_originals, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=Q(reason="refund", kind="posted", corrects__isnull=False)
                | (~Q(reason="refund") & Q(corrects__isnull=True)),
                name="refunds_correct_a_transfer",
            ),
        ),
        BACK,
        create(RULES),
    ]
