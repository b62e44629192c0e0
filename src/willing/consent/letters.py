"""What becomes of letters that are lost: their code, and the links that it opened."""

from willing.accounts.models import User
from willing.accounts.sign_ins import revoke_invitation
from willing.core.transactions import atomic
from willing.people.guardians import renew_consent_links
from willing.people.models import Guardian


@atomic
def revoke_letters(guardian: Guardian, *, by: User) -> None:
    """Revoke a guardian's open code, and every link to their questions that a code opened before.

    Who found a letter may have entered its code already, so the one without the other leaves them a way in.
    """
    revoke_invitation(guardian, by=by)
    renew_consent_links(guardian)
