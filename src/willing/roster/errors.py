"""Refusals of this room."""

from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused


def roster_faulty(faults: int) -> Refused:
    """The file cannot be read as a whole; nothing of it is imported."""
    return Refused(
        "roster_faulty", _("This file can't be read as a whole, so nothing was imported."), {"faults": faults}
    )


def roster_changed() -> Refused:
    """Between preview and import the people changed, so the preview no longer tells what will happen."""
    return Refused(
        "roster_changed", _("The people here have changed since the preview. Please check the preview again.")
    )


def too_many_leavers(leaving: int, present: int) -> Refused:
    """The roster would let more people leave than a roster does by accident."""
    return Refused(
        "too_many_leavers",
        _("This file would remove an unusual number of people. If that is correct, enter how many."),
        {"leaving": leaving, "present": present},
    )


def too_many_unlinked(unlinked: int, links: int) -> Refused:
    """The roster would unlink more guardians than a roster does by accident."""
    return Refused(
        "too_many_unlinked",
        _("This file would remove an unusual number of guardians. If that is correct, enter how many."),
        {"ending": unlinked, "links": links},
    )


def no_import_to_undo() -> Refused:
    """No import was made, or the last one is undone, or more than a day old."""
    return Refused(
        "no_import_to_undo", _("There is no import to undo. The last one can be undone for 24 hours, once.")
    )


def undo_not_last() -> Refused:
    """Another list was imported since the page was opened."""
    return Refused(
        "undo_not_last",
        _("Another list was imported since. Only the last import can be undone; please check it first."),
    )


def upload_gone() -> Refused:
    """An uploaded list was imported, cancelled, or deleted an hour after it came."""
    return Refused("upload_gone", _("This file is no longer here. Please choose it again."))


def upload_too_large() -> Refused:
    """A list is larger than the page takes."""
    return Refused(
        "upload_too_large",
        _("This file is too large. The limit is 12 MB; for a larger one use “willing roster import”."),
    )
