"""A transfer, once written, is never changed; the database moves the totals of its two accounts itself, in the
statement that writes it; a correction takes back no more than is left; no wallet is debited beyond its grace."""

from django.db import migrations

from willing.core.triggers import Consequence, Trigger, create, refuse_writes

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
# A wallet that a higher grace of last week left below today's may be filled, never drawn on.
BEYOND_GRACE = (
    "NEW.kind = 'wallet' AND NEW.debits_posted + NEW.debits_pending > {before}"
    " AND NEW.credits_posted - NEW.debits_posted - NEW.debits_pending"
    " < -(SELECT s.grace_minor FROM people_school s WHERE s.id = NEW.school_id)"
)
MESSAGE = "no wallet is debited beyond the grace of its school"
WITHIN_GRACE = [
    Trigger(
        "ledger_account", f"within_grace_{event.lower()}", event, BEYOND_GRACE.format(before=before), MESSAGE
    )
    for event, before in (("INSERT", "0"), ("UPDATE", "OLD.debits_posted + OLD.debits_pending"))
]


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial"), ("people", "0001_initial")]
    operations = [refuse_writes("ledger_transfer"), create(WITHIN_GRACE), create(RULES)]
