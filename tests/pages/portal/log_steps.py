"""What happens at the school between two visits of a guardian, each in a process of its own.

`session`: a guardian signs in; print the session. `grow`: an entry is logged, the log signed. `restored`: a
copy was put back and the log says so, as `willing restore` does.
"""

import os
import sys
from uuid import uuid4

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "willing.config.settings")
django.setup()

from django.db import transaction  # noqa: E402
from tests.journeys.seed import sign_in  # noqa: E402

from willing.accounts.sign_ins import accept_invitation, invite_guardian  # noqa: E402
from willing.audit.actions import finish_opening, record, sign_log  # noqa: E402
from willing.audit.origins import LastKnown, open_origin  # noqa: E402
from willing.audit.verify_database import head_of  # noqa: E402
from willing.people.models import Guardian  # noqa: E402

LOST = 1234


def session() -> str:
    """Sign Ana's guardian in."""
    return sign_in(accept_invitation(invite_guardian(Guardian.objects.get(name="Ana's parent"), by=None)))


def grow() -> str:
    """Let the school go on, and sign its log."""
    with transaction.atomic():
        record("test.more", subject=None, facts={}, personal={})
    return str(sign_log().size)


def restored() -> str:
    """Open the origin that goes on after a copy."""
    open_origin(uuid4(), LastKnown(head_of().sequence + LOST, "00" * 32), by={"journal": True})
    finish_opening()
    return str(head_of().sequence)


if __name__ == "__main__":
    sys.stdout.write({"session": session, "grow": grow, "restored": restored}[sys.argv[1]]())
