"""The log is append-only for every writer, its tree and signatures with it; only personal text may be erased."""

from django.db import migrations

from willing.core.triggers import refuse_writes

ERASING_PERSONAL_TEXT = (
    "(NEW.sequence = OLD.sequence AND NEW.at = OLD.at AND NEW.event = OLD.event"
    " AND COALESCE(CAST(NEW.subject AS TEXT), '') = COALESCE(CAST(OLD.subject AS TEXT), '')"
    " AND NEW.hashed = OLD.hashed AND NEW.entry_hash = OLD.entry_hash AND NEW.chain_hash = OLD.chain_hash"
    " AND NEW.personal_json IS NULL AND NEW.personal_salt IS NULL"
    " AND COALESCE(NEW.actor_kind, '') = COALESCE(OLD.actor_kind, '')"
    " AND COALESCE(NEW.actor_id, '') = COALESCE(OLD.actor_id, ''))"
)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [
        refuse_writes("audit_entry", updates_unless=ERASING_PERSONAL_TEXT),
        refuse_writes("audit_node"),
        refuse_writes("audit_signedcheckpoint"),
        # The log's end only moves on.
        refuse_writes("audit_head", updates_unless="(NEW.id = OLD.id AND NEW.sequence > OLD.sequence)"),
    ]
