"""Wrapped keys, in a database of their own."""

from django.db import migrations, models

import willing.core.clock
import willing.core.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="PendingWipe",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=willing.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("since", models.DateTimeField(default=willing.core.clock.now)),
            ],
        ),
        migrations.CreateModel(
            name="PersonKey",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=willing.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("person_id", models.UUIDField(db_index=True)),
                ("wrapped", models.BinaryField(max_length=64)),
                ("created_at", models.DateTimeField(default=willing.core.clock.now)),
            ],
        ),
        migrations.CreateModel(
            name="GallerySecret",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=willing.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("school_id", models.UUIDField(db_index=True)),
                ("number", models.PositiveIntegerField()),
                ("wrapped", models.BinaryField(max_length=64)),
                ("created_at", models.DateTimeField(default=willing.core.clock.now)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("school_id", "number"), name="gallery_secret_numbered_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("number__gte", 1)), name="gallery_secret_number_from_one"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="KeysInstallation",
            fields=[
                ("number", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("installation_id", models.UUIDField()),
                ("master_check", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField(default=willing.core.clock.now)),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("number", 1)), name="keys_one_installation_a_database"
                    )
                ],
            },
        ),
    ]
