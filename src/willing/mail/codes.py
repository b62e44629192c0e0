"""The writers of what is secret in a mail that waits: the code of an invitation, sealed until it is sent."""

import base64
from datetime import datetime
from uuid import UUID

from willing.accounts.sign_ins import require_invitation
from willing.audit.clock_state import recorded_before
from willing.core.errors import Refused
from willing.core.transactions import atomic
from willing.keys.master import unwrap, wrap
from willing.mail.models import Mail, SealedCode


@atomic
def keep_code(mail: Mail, code: str) -> None:
    """Keep the code of an invitation until its mail is sent, readable with the master key only."""
    SealedCode.objects.create(
        mail=mail, sealed=base64.b64encode(wrap(code.encode(), _bound_to(mail.pk))).decode()
    )


def open_code(mail: Mail) -> str:
    """Return the code that a mail carries; "" where it carries none, or one that opens nothing any more."""
    row = SealedCode.objects.filter(mail=mail).first()
    if row is None:
        return ""
    code = unwrap(base64.b64decode(row.sealed), _bound_to(mail.pk)).decode()
    try:
        require_invitation(code)
    except Refused:
        return ""
    return code


def forget_code(mail_id: UUID) -> None:
    """Delete the code that a mail carries, where it carries one."""
    SealedCode.objects.filter(pk=mail_id).delete()


@atomic
def purge_codes(made_before: datetime, limit: int) -> int:
    """Delete codes made before then, whose mails could not be sent. Return how many."""
    rows = SealedCode.objects.filter(recorded_before("made_at", made_before))
    ids = list(rows.order_by("made_at", "pk").values_list("pk", flat=True)[:limit])
    SealedCode.objects.filter(pk__in=ids).delete()
    return len(ids)


def _bound_to(mail_id: UUID) -> str:
    return f"code of mail {mail_id}"
