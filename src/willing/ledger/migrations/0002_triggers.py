"""A transfer, once written, is never changed; a correction is a new transfer."""

from django.db import migrations

from willing.core.triggers import refuse_writes


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [refuse_writes("ledger_transfer")]
