"""What Health says of the journal of refusals, and of what a restore left to do."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from willing.audit.journal import journal_state
from willing.biometrics.queries import unconfirmed_templates
from willing.core.clock import now
from willing.ops.condition import Condition
from willing.ops.restore import SET_ASIDE
from willing.people.models import School

SET_ASIDE_DAYS = 7


def journal_of_refusals(_school: School) -> Iterator[Condition]:
    """Say whether a restore could know every refusal."""
    state, label = journal_state(), gettext_lazy("Journal of refusals")
    if state.folder is None:
        detail = _(
            "None is kept. After a restore every stored face would stay suspended until "
            "the data protection officer confirms each one. The operator sets a folder on "
            "another disk: willing backup journal."
        )
        yield Condition("refusal_journal", True, label, detail)
    elif not state.is_writable:
        detail = _(
            "It cannot be written: its disk is full, read-only or not connected. Refusals "
            "still take effect and wait to be written (%(count)s now). The operator "
            "connects the disk."
        )
        yield Condition("refusal_journal", False, label, detail % {"count": state.waiting})
    elif state.waiting and state.oldest_at and now() - state.oldest_at > timedelta(minutes=5):
        detail = _(
            "Lines waiting to be written: %(count)s, the oldest since %(at)s UTC. The "
            "operator checks the disk."
        )
        at = f"{state.oldest_at:%Y-%m-%d %H:%M}"
        yield Condition("refusal_journal", False, label, detail % {"count": state.waiting, "at": at})
    else:
        yield Condition(
            "refusal_journal", True, label, _("Every refusal is also written outside the database.")
        )


def after_a_restore(school: School) -> Iterator[Condition]:
    """Say what a restore left to do."""
    waiting = unconfirmed_templates(school).count()
    if waiting:
        detail = ngettext(
            "%(count)s face is suspended since a restore, because nobody knows who said no. "
            "The data protection officer confirms it (Data protection, Faces after a restore).",
            "%(count)s faces are suspended since a restore, because nobody knows who said no. "
            "The data protection officer confirms each one (Data protection, Faces after a restore).",
            waiting,
        )
        label = gettext_lazy("Faces after a restore")
        yield Condition("unconfirmed_faces", False, label, detail % {"count": waiting})
    before = now() - timedelta(days=SET_ASIDE_DAYS)
    old = [
        path
        for path in settings.HOME.glob(f"{SET_ASIDE}*/")
        if datetime.fromtimestamp(path.stat().st_mtime, UTC) < before
    ]
    if old:
        detail = _(
            "Databases replaced by a restore have been kept for more than %(days)s days, "
            "with keys that may have been destroyed since. The operator deletes the "
            "folder %(folder)s."
        )
        facts = {"days": SET_ASIDE_DAYS, "folder": old[0].name}
        yield Condition("set_aside", False, gettext_lazy("Replaced databases"), detail % facts)
