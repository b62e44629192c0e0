"""Append to the log without end, telling each committed entry; killed by its test."""

import os
import sys

os.environ["DJANGO_SETTINGS_MODULE"] = "willing.config.settings"

import django

django.setup()

from django.db import transaction  # noqa: E402

from willing.audit.actions import NewEntry, record_many, sign_log  # noqa: E402

number = 0
while True:
    with transaction.atomic():
        record_many([NewEntry("test.killed", None, {"n": number, "of": one}, {"a": "b"}) for one in range(7)])
    number += 1
    if number % 5 == 0:
        sign_log()
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()
