"""A day's sales and refunds are found without reading those of the years before."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("till", "0012_repeats")]
    operations = [
        migrations.AddIndex(
            model_name="sale",
            index=models.Index(fields=["school", "-settled_at"], name="sales_of_a_school"),
        ),
        migrations.AddIndex(model_name="refund", index=models.Index(fields=["at"], name="refunds_by_time")),
    ]
