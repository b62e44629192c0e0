"""Open a template as nobody can who has not both: the school's keys, and the card's share (standard input).

Writes the references, each in hexadecimal, so that a test can look for them in memory. In a process of its
own, with $WILLING_HOME of the journeys.
"""

import os
import sys
from typing import Any, cast
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "willing.config.settings")
django.setup()

from willing.biometrics.card_sessions import context_of  # noqa: E402  (Django must be set up first)
from willing.biometrics.models import Template  # noqa: E402
from willing.face.card_seal import Halves, open_with_card  # noqa: E402
from willing.face.protect import SealContext  # noqa: E402
from willing.keys.actions import open_person_key  # noqa: E402

if __name__ == "__main__":
    row = Template.objects.select_related("person").get(person_id=UUID(sys.argv[1]))
    halves = Halves(open_person_key(row.key_id), bytes.fromhex(sys.stdin.read()))
    context = SealContext(**cast("dict[str, Any]", context_of(row)))
    for reference in open_with_card(bytes(row.sealed), halves, context):
        sys.stdout.write(f"{reference.tobytes().hex()}\n")
