"""How many digits a PIN has, so that a till whose school has one length needs no key after the last."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("credentials", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="pin", name="digits", field=models.PositiveSmallIntegerField(default=0)
        )
    ]
