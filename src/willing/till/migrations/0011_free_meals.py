"""What the school pays is an entitlement with a source and a time; an allowance of before is a sum of its own."""

from typing import Any

from django.db import migrations, models

from willing.core.ids import new_id
from willing.core.triggers import set_aside


def copy_allowances(apps: Any, _editor: Any) -> None:
    """Let each allowance go on as a sum a day on the school's own account."""
    made = apps.get_model("entitlements", "Entitlement").objects
    for one in apps.get_model("till", "MealAllowance").objects.all():
        first = one.set_at.date()
        if one.last_day is None or one.last_day >= first:
            made.create(
                id=new_id(),
                person_id=one.person_id,
                kind="sum",
                source="school",
                daily_minor=one.daily_minor,
                first_day=first,
                last_day=one.last_day,
                user_id=one.user_id,
                set_at=one.set_at,
            )


ASIDE, BACK = set_aside("till_sale")


class Migration(migrations.Migration):
    dependencies = [("till", "0010_parts_of_refunds"), ("entitlements", "0001_initial")]

    operations = [
        migrations.RunPython(copy_allowances, migrations.RunPython.noop),
        migrations.DeleteModel(name="MealAllowance"),
        ASIDE,
        migrations.AddField(
            model_name="sale", name="free_meal_minor", field=models.PositiveIntegerField(default=0)
        ),
        migrations.AddConstraint(
            model_name="sale",
            constraint=models.CheckConstraint(
                condition=models.Q(("free_meal_minor__lte", models.F("entitled_minor"))),
                name="sale_free_meal_is_entitled",
            ),
        ),
        BACK,
    ]
