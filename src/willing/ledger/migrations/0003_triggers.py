"""A transfer, once written, stands for ever; a correction is a new transfer."""

from django.db import migrations

from willing.core.triggers import refuse_writes


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_initial")]
    operations = [refuse_writes("ledger_transfer")]
