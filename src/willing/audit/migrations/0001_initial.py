"""The log."""

from django.db import migrations, models

import willing.core.clock


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="JournalLine",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=64)),
                ("entry", models.PositiveBigIntegerField(null=True)),
                ("facts", models.JSONField()),
                ("at", models.DateTimeField(default=willing.core.clock.now)),
            ],
        ),
        migrations.CreateModel(
            name="Node",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "level", "index", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("level", models.PositiveSmallIntegerField()),
                ("index", models.PositiveBigIntegerField()),
                ("hash", models.BinaryField(max_length=32)),
            ],
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("sequence", models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField(db_index=True)),
                ("event", models.CharField(db_index=True, max_length=64)),
                ("subject", models.UUIDField(db_index=True, null=True)),
                ("hashed", models.BinaryField()),
                ("entry_hash", models.BinaryField(max_length=32)),
                ("chain_hash", models.BinaryField(max_length=32, unique=True)),
                ("personal_json", models.TextField(null=True)),
                ("personal_salt", models.BinaryField(max_length=32, null=True)),
            ],
            options={
                "ordering": ["sequence"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("sequence__gte", 1)), name="entry_sequence_from_one"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Head",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("sequence", models.PositiveBigIntegerField(default=0)),
                ("chain_hash", models.BinaryField(max_length=32)),
                ("peaks", models.BinaryField(default=bytes, max_length=2048)),
                ("newest_at", models.DateTimeField(null=True)),
                ("found_behind_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="audit_head_is_one_row")
                ],
            },
        ),
        migrations.CreateModel(
            name="LogCheck",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                (
                    "state",
                    models.CharField(
                        choices=[("running", "Running"), ("done", "Done"), ("failed", "Failed")],
                        max_length=16,
                    ),
                ),
                ("error", models.CharField(blank=True, max_length=16)),
                ("started_at", models.DateTimeField()),
                ("entries_done", models.PositiveBigIntegerField(default=0)),
                ("entries_total", models.PositiveBigIntegerField(default=0)),
                ("result", models.JSONField(null=True)),
                ("result_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="audit_log_check_is_one_row")
                ],
            },
        ),
        migrations.CreateModel(
            name="SignedCheckpoint",
            fields=[
                ("number", models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ("size", models.PositiveBigIntegerField(db_index=True)),
                ("root", models.BinaryField(max_length=32)),
                ("at", models.DateTimeField()),
                ("note", models.TextField()),
            ],
            options={
                "ordering": ["number"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("number__gte", 1)), name="checkpoint_number_from_one"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("size__gte", 1)), name="checkpoint_of_some_entries"
                    ),
                ],
            },
        ),
    ]
