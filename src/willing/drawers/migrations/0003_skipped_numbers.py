"""Numbers that a restored copy does not know are skipped: the next Z is above them too, and they stay."""

import django.db.models.deletion
from django.db import migrations, models

import willing.core.clock
from willing.core.triggers import Trigger, create, drop, refuse_writes

HOLDS = "(SELECT a.debits_posted - a.credits_posted FROM ledger_account a JOIN drawers_drawer d ON d.account_id = a.id WHERE d.id = NEW.drawer_id)"
GIVEN = "SELECT s.z_number AS n FROM drawers_drawersession s WHERE s.drawer_id = NEW.drawer_id"
SKIPPED = "SELECT k.last AS n FROM drawers_skippednumbers k WHERE k.drawer_id = NEW.drawer_id"


def closes_with(numbers: str) -> Trigger:
    next_z = f"(SELECT COALESCE(MAX(z.n), 0) + 1 FROM ({numbers}) z)"  # noqa: S608  # constants
    return Trigger(
        "drawers_drawersession",
        "closes_with_the_next_z",
        "UPDATE",
        f"NEW.closed_at IS NOT NULL AND OLD.closed_at IS NULL AND (NEW.z_number <> {next_z} OR NEW.kept_minor <> {HOLDS})",
        "a session closes with the next number, and with what is in its drawer",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("drawers", "0002_triggers"),
        ("people", "0001_initial"),
    ]

    operations = [
        drop([closes_with(GIVEN)]),
        migrations.CreateModel(
            name="SkippedNumbers",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first", models.PositiveBigIntegerField()),
                ("last", models.PositiveBigIntegerField()),
                ("at", models.DateTimeField(default=willing.core.clock.now)),
                (
                    "drawer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="skipped",
                        to="drawers.drawer",
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.school"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("first__gte", 1), ("first__lte", models.F("last"))),
                        name="skipped_in_order",
                    )
                ],
            },
        ),
        create([closes_with(f"{GIVEN} UNION ALL {SKIPPED}")]),
        refuse_writes("drawers_skippednumbers"),
    ]
