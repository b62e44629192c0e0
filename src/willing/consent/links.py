"""Signed links to a guardian's consent page."""

from datetime import UTC, datetime, timedelta

from django.core import signing

from willing.audit.clock_state import believed
from willing.consent import errors
from willing.core.clock import now
from willing.people.models import Guardian

LINK_SALT = "willing.consent.link.v1"


LINK_DAYS = 60


def sign_link(guardian: Guardian) -> str:
    """Return the token of a guardian's consent link, valid for LINK_DAYS or until a newer link version."""
    return signing.dumps([str(guardian.id), guardian.link_version], salt=LINK_SALT)


def open_link(token: str) -> Guardian:
    """Return the guardian whom a link was made for. Raises Refused link_not_valid."""
    try:
        guardian_id, version = signing.loads(token, salt=LINK_SALT, max_age=LINK_DAYS * 24 * 3600)
    except signing.BadSignature:
        raise errors.link_not_valid() from None
    if now() - believed(_signed_at(token)) > timedelta(days=LINK_DAYS):
        raise errors.link_not_valid()
    guardian = (
        Guardian.objects.filter(pk=guardian_id, link_version=version).select_related("merged_into").first()
    )
    if guardian is None:
        raise errors.link_not_valid()
    return guardian.merged_into or guardian


def _signed_at(token: str) -> datetime:
    """Return when a token whose signature is right was made; Django's own check takes any time ahead."""
    made_at = signing.b62_decode(token.rsplit(":", 2)[1])
    return datetime.fromtimestamp(made_at, UTC)
