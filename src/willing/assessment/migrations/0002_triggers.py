"""What was signed, asked, locked and noted never changes. Risks do: the officer keeps them current."""

from django.db import migrations

from willing.core.triggers import refuse_writes

TABLES = ("signedassessment", "familiesasked", "handlock", "incident")


class Migration(migrations.Migration):
    dependencies = [("assessment", "0001_initial")]
    operations = [refuse_writes(f"assessment_{table}") for table in TABLES]
