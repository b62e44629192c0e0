"""A month that was closed is never changed."""

from django.db import migrations

from willing.core.triggers import refuse_writes


class Migration(migrations.Migration):
    dependencies = [("books", "0001_initial")]
    operations = [refuse_writes("books_monthend")]
