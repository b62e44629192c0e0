"""What no writer may do: cash never moves in a drawer that is closed, each transfer that moves
it belongs to the open session, a closed session stays as it is, and Zs are numbered 1, 2, 3 for each drawer.
"""

from django.db import migrations

from willing.core.triggers import Consequence, Trigger, create, refuse_writes

HOLDS = "(SELECT a.debits_posted - a.credits_posted FROM ledger_account a JOIN drawers_drawer d ON d.account_id = a.id WHERE d.id = NEW.drawer_id)"
OPEN = "SELECT 1 FROM drawers_drawersession s WHERE s.drawer_id = d.id AND s.closed_at IS NULL"
OF_TRANSFER = "FROM drawers_drawer d WHERE d.account_id IN (NEW.debit_id, NEW.credit_id)"
SAME = " AND ".join(
    f"NEW.{column} = OLD.{column}" for column in ("id", "drawer_id", "day", "opened_at", "opening_minor")
)
IN_ITS_DRAWER = (
    "EXISTS (SELECT 1 FROM drawers_drawersession s JOIN drawers_drawer d ON d.id = s.drawer_id"
    " JOIN ledger_transfer t ON d.account_id IN (t.debit_id, t.credit_id)"
    " WHERE s.id = NEW.session_id AND s.closed_at IS NULL AND t.id = NEW.transfer_id)"
)
# Numbers that a restored copy does not know are skipped: the next one is above them too, and they stay.
GIVEN = "SELECT s.z_number AS n FROM drawers_drawersession s WHERE s.drawer_id = NEW.drawer_id"
SKIPPED = "SELECT k.last AS n FROM drawers_skippednumbers k WHERE k.drawer_id = NEW.drawer_id"
NEXT_Z = f"(SELECT COALESCE(MAX(z.n), 0) + 1 FROM ({GIVEN} UNION ALL {SKIPPED}) z)"  # noqa: S608  # constants
RULES = [
    Trigger(
        "ledger_transfer",
        "drawer_is_open",
        "INSERT",
        f"EXISTS (SELECT 1 {OF_TRANSFER} AND NOT EXISTS ({OPEN}))",
        "a closed drawer takes and gives no money",
    ),
    Consequence(
        "ledger_transfer",
        "enters_a_session",
        "INSERT INTO drawers_drawerentry (session_id, transfer_id) SELECT s.id, NEW.id FROM drawers_drawersession s"
        " JOIN drawers_drawer d ON d.id = s.drawer_id"
        " WHERE s.closed_at IS NULL AND d.account_id IN (NEW.debit_id, NEW.credit_id)",
    ),
    Trigger(
        "drawers_drawerentry",
        "in_its_drawer",
        "INSERT",
        f"NOT {IN_ITS_DRAWER}",
        "a transfer belongs to the open session of its drawer",
    ),
    Trigger(
        "drawers_drawersession",
        "begins_open",
        "INSERT",
        f"NEW.closed_at IS NOT NULL OR NEW.opening_minor <> {HOLDS}",
        "a session begins open, with what is in its drawer",
    ),
    Trigger(
        "drawers_drawersession",
        "closes_with_the_next_z",
        "UPDATE",
        f"NEW.closed_at IS NOT NULL AND OLD.closed_at IS NULL AND (NEW.z_number <> {NEXT_Z} OR NEW.kept_minor <> {HOLDS})",
        "a session closes with the next number, and with what is in its drawer",
    ),
]


class Migration(migrations.Migration):
    dependencies = [("drawers", "0001_initial"), ("ledger", "0002_triggers")]

    operations = [
        create(RULES),
        refuse_writes("drawers_drawersession", updates_unless=f"OLD.closed_at IS NULL AND {SAME}"),
        refuse_writes("drawers_drawerentry"),
        refuse_writes("drawers_payin"),
        refuse_writes("drawers_skippednumbers"),
    ]
