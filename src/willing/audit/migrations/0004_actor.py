"""Who did what an entry says, beside it, so that the log is searched by it."""

import json
from typing import Any

from django.db import migrations, models

from willing.core.triggers import Statements, Trigger, create, drop

AT_ONCE = 5_000
# As it was when this was written; `audit.actor_rules.actor_of` says it from here on.
GUARDIANS_OWN = {"complaint.raised", "low_balance.set"}
USERS_OWN = {"invitation.used", "passkey.clone_suspected"}
AT_SQLITE = "UPDATE audit_entry SET actor_kind = %s, actor_id = %s WHERE sequence = %s"
AT_POSTGRESQL = (
    "UPDATE audit_entry SET actor_kind = found.kind, actor_id = found.id"
    " FROM unnest(%s::text[], %s::text[], %s::bigint[]) AS found(kind, id, sequence)"
    " WHERE audit_entry.sequence = found.sequence"
)
SAME = (
    "NEW.sequence = OLD.sequence AND NEW.at = OLD.at AND NEW.event = OLD.event"
    " AND COALESCE(CAST(NEW.subject AS TEXT), '') = COALESCE(CAST(OLD.subject AS TEXT), '')"
    " AND NEW.hashed = OLD.hashed AND NEW.entry_hash = OLD.entry_hash AND NEW.chain_hash = OLD.chain_hash"
    " AND NEW.personal_json IS NULL AND NEW.personal_salt IS NULL"
)
SAME_ACTOR = (
    " AND COALESCE(NEW.actor_kind, '') = COALESCE(OLD.actor_kind, '')"
    " AND COALESCE(NEW.actor_id, '') = COALESCE(OLD.actor_id, '')"
)


def rule(allowed: str) -> list[Trigger]:
    message = "audit_entry rows are immutable"
    return [Trigger("audit_entry", "no_update", "UPDATE", f"NOT ({allowed})", message)]


def actor_of(event: str, facts: dict[str, Any]) -> tuple[str, str | None]:
    by = facts.get("by")
    named = (by, facts.get("cashier"), facts.get("user") if event in USERS_OWN else None)
    user = next((one for one in named if isinstance(one, int)), None)
    if user is not None:
        return "user", str(user)
    if by == "self" or (event == "complaint.raised" and facts.get("raised_by") == "pupil"):
        return "person", None
    guardian = facts.get("guardian") if "by" in facts or event in GUARDIANS_OWN else None
    if isinstance(by, str) or guardian:
        return "guardian", str(by or guardian)
    return ("till", str(facts["terminal"])) if facts.get("terminal") else ("system", None)


def fill(_apps: Any, schema_editor: Any) -> None:
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        last = 0
        while rows := _after(cursor, last):
            found = [
                (*actor_of(event, json.loads(bytes(hashed))["facts"]), sequence)
                for sequence, event, hashed in rows
            ]
            if connection.vendor == "postgresql":
                cursor.execute(AT_POSTGRESQL, [list(one) for one in zip(*found, strict=True)])
            else:
                cursor.executemany(AT_SQLITE, found)
            last = rows[-1][0]


def _after(cursor: Any, last: int) -> list[Any]:
    statement = (
        "SELECT sequence, event, hashed FROM audit_entry WHERE sequence > %s ORDER BY sequence LIMIT %s"
    )
    cursor.execute(statement, [last, AT_ONCE])
    rows: list[Any] = cursor.fetchall()
    return rows


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_witnesses")]
    operations = [
        drop(rule(f"({SAME})")),
        migrations.AddField("entry", "actor_kind", models.CharField(max_length=8, null=True)),
        migrations.AddField("entry", "actor_id", models.CharField(max_length=36, null=True)),
        Statements(fill, Statements.noop),
        migrations.AddIndex(
            "entry", models.Index(fields=["actor_kind", "sequence"], name="audit_entry_by_actor_kind")
        ),
        migrations.AddIndex(
            "entry",
            models.Index(
                fields=["actor_id", "sequence"],
                condition=models.Q(actor_id__isnull=False),
                name="audit_entry_by_actor",
            ),
        ),
        create(rule(f"({SAME}{SAME_ACTOR})")),
    ]
