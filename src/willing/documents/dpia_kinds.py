"""The section of the assessment that says who can open a stored face, and what that leaves open."""

from collections.abc import Sequence

from django.utils.translation import gettext, gettext_lazy

from willing.biometrics.models import Template
from willing.biometrics.rules import REFRESH_DAYS_MIN, REFRESH_SECONDS, WAITING_DAYS_MAX
from willing.documents.parts import DocumentTable, Section, fix

OPENS = {
    Template.Holder.CENTRAL.value: gettext_lazy(
        "The school alone: template and key lie in two databases of the school. A person who has both and "
        "the master key opens all of them."
    ),
    Template.Holder.CARD.value: gettext_lazy(
        "Only together with the pupil's card: half of the key is in the card's QR code and nowhere else. A "
        "copied, stolen or seized computer opens no such face, and a card that was found opens none."
    ),
}
# Of faces that only cards open: the risk, and what is done about it or would reveal it.
RISKS = (
    (
        gettext_lazy("The operator alters the server so that it learns cards' secrets while they are shown"),
        gettext_lazy(
            "Not prevented. Revealed by comparing the installed program with the signed release, and by "
            "the log, whose checkpoints witnesses outside the school have countersigned; during a sale the "
            "unaltered server learns none"
        ),
    ),
    (
        gettext_lazy("A card is lost"),
        gettext_lazy(
            "It opens nothing without the school's half, and no face but its owner's is confirmed with it. "
            "Ending the card deletes the template and the school's half at once; without a card the other "
            "ways pay"
        ),
    ),
    (
        gettext_lazy("Two people look alike, and one holds the other's card"),
        gettext_lazy(
            "Found: brothers and sisters of one age, whom the desk asks for and compares while both cards "
            "are there; both pay by card and PIN, and what was stored is deleted after %(days)s days. Not "
            "found: look-alikes of different families. The cashier sees name and class"
        ),
    ),
)


REFRESHING = gettext_lazy(
    "After a sale with card and face the till may offer its owner to refresh a stored face, at most "
    "every %(days)s days. Only with that press one frame of the match becomes a reference, which has to "
    "match those of the desk and replaces none of them; otherwise it is gone within %(seconds)s seconds. "
    "Nothing is offered to anyone whose notice did not say so, or who looks like another person."
)


def kinds_section(kinds: Sequence[str]) -> Section:
    """Return it for the kinds of template that are enrolled, of Template.Holder."""
    refreshing = str(REFRESHING) % {"days": REFRESH_DAYS_MIN, "seconds": REFRESH_SECONDS}
    opens = [*(str(OPENS[kind]) for kind in kinds), refreshing]
    if Template.Holder.CARD not in kinds:
        return Section(gettext("Who can open a stored face"), tuple(opens))
    rows = [(str(risk), str(answer) % {"days": WAITING_DAYS_MAX}) for risk, answer in RISKS]
    return Section(
        gettext("Who can open a stored face"),
        tuple(opens),
        table=DocumentTable((gettext("Risk"), gettext("What is done, and what would reveal it")), fix(rows)),
    )
