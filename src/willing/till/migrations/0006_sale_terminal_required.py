import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    # Apart from the copying before it: PostgreSQL alters no table whose checks are still due.
    dependencies = [
        ("till", "0005_sale_terminal"),
    ]

    operations = [
        migrations.AlterField(
            model_name="sale",
            name="terminal",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="sales", to="till.terminal"
            ),
        ),
        migrations.AddIndex(
            model_name="sale",
            index=models.Index(fields=["terminal", "-held_at", "-id"], name="sales_of_a_terminal"),
        ),
    ]
