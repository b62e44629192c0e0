"""Open a test's databases in a process of its own: what another server process would see."""

import os
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")


def open_school(folder: str) -> tuple[Any, Any]:
    """Return the school in the SQLite files of `folder`, and its data protection officer."""
    django.setup()
    from django.db import connections

    for alias in ("default", "keys"):
        name = str(Path(folder) / f"{alias}.sqlite3")
        connections.settings[alias]["NAME"] = name
        connections[alias].settings_dict["NAME"] = name
    from willing.accounts.models import User
    from willing.people.models import School

    return School.objects.get(), User.objects.get(username="dpo")
