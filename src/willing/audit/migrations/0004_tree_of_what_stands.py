"""Build the tree over the entries that were logged before there was one, then refuse changes of it."""

from typing import Any

from django.db import migrations

from willing.audit.verify.merkle import CompactRange
from willing.core.triggers import refuse_writes

STORED_EVERY = 4  # frozen here; a later change of the stored levels needs a migration of its own


def build(apps: Any, schema_editor: Any) -> None:
    using = schema_editor.connection.alias
    entries, heads, nodes = (
        apps.get_model("audit", name).objects.using(using) for name in ("Entry", "Head", "Node")
    )
    head = heads.filter(id=1).first()
    if head is None:
        return
    edge = CompactRange()
    leaves = entries.filter(sequence__lte=head.sequence).order_by("sequence")
    for leaf in leaves.values_list("entry_hash", flat=True).iterator(chunk_size=2000):
        for node in edge.append(bytes(leaf)):
            if node.level % STORED_EVERY == 0:
                nodes.create(level=node.level, index=node.index, hash=node.hash)
    head.peaks = edge.to_bytes()
    head.save(update_fields=["peaks"])


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_tree")]
    operations = [
        migrations.RunPython(build, migrations.RunPython.noop),
        refuse_writes("audit_node"),
        refuse_writes("audit_signedcheckpoint"),
        # The log's end only moves on.
        refuse_writes("audit_head", updates_unless="(NEW.id = OLD.id AND NEW.sequence > OLD.sequence)"),
    ]
