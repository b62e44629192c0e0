"""The writers of many guardians' one-time codes at once, for letters that are printed in one go."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from willing.accounts.models import Invitation, User
from willing.accounts.rules import INVITATION_DAYS, INVITATION_LENGTH
from willing.accounts.sign_ins import invitation_digest
from willing.audit.actions import NewEntry, record_many
from willing.core.clock import now
from willing.core.codes import new_code
from willing.core.transactions import atomic, lock
from willing.people.models import Guardian


def draw_codes(guardians: Sequence[Guardian]) -> dict[UUID, str]:
    """Return a code for each guardian, by id; nothing is stored."""
    return {one.id: new_code(INVITATION_LENGTH) for one in guardians}


@atomic
def invite_guardians(codes: Mapping[UUID, str], *, by: User) -> None:
    """Let codes work that were just printed. Earlier open ones of the same guardians are cancelled."""
    list(lock(Guardian.objects).filter(pk__in=codes).order_by("pk"))
    _revoke(list(codes))
    expires_at = now() + timedelta(days=INVITATION_DAYS)
    Invitation.objects.bulk_create(
        [
            Invitation(
                guardian_id=guardian, digest=invitation_digest(code), expires_at=expires_at, created_by=by
            )
            for guardian, code in codes.items()
        ]
    )
    record_many([NewEntry("invitation.issued", guardian, {"by": by.pk}, {}) for guardian in codes])


@atomic
def revoke_invitations(guardians: Sequence[UUID], *, by: User) -> int:
    """End the open codes of guardians. Return of how many."""
    revoked = _revoke(guardians)
    record_many([NewEntry("invitation.revoked", guardian, {"by": by.pk}, {}) for guardian in revoked])
    return len(revoked)


def _revoke(guardians: Sequence[UUID]) -> list[UUID]:
    live = Invitation.objects.filter(guardian_id__in=guardians, used_at=None, revoked_at=None)
    found = [one for one in live.values_list("guardian_id", flat=True) if one is not None]
    live.update(revoked_at=now())
    return found
