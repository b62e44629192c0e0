"""What Health says about signing in."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy, ngettext

from willing.accounts.models import Passkey
from willing.ops.condition import Condition
from willing.people.models import School


def copied_passkeys(_school: School) -> Iterator[Condition]:
    """Say whether a passkey was used whose counter did not go up: two devices may hold it."""
    copied = Passkey.objects.exclude(clone_seen_at=None).count()
    if copied:
        detail = ngettext(
            "%(count)s passkey. Its owner sees it under My sign-in, removes it and makes a new one.",
            "%(count)s passkeys. Their owners see it under My sign-in, remove them and make new ones.",
            copied,
        )
        label = gettext_lazy("A passkey may have been copied.")
        yield Condition("passkeys_copied", False, label, detail % {"count": copied})
