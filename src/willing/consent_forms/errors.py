"""Refusals of this room."""

from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused


def form_gone() -> Refused:
    """The scan of a signed form was erased with its time, or its key was destroyed."""
    return Refused("paper_gone", _("This consent form is no longer kept. The decision on it still applies."))


def form_not_readable() -> Refused:
    """The scan of a signed form is no PDF, JPEG or PNG."""
    return Refused(
        "paper_not_readable", _("Please choose a PDF, a JPEG or a PNG of the signed consent form.")
    )


def form_too_large() -> Refused:
    """The scan of a signed form is larger than 12 MB."""
    return Refused("paper_too_large", _("This scan is too large. The limit is 12 MB."))


def keys_unavailable() -> Refused:
    """The database of the keys is out of reach, so no scan of a signed form can be sealed or opened."""
    return Refused(
        "keys_unavailable",
        _("Consent forms can't be saved or shown at the moment. A refusal can be recorded without the form."),
    )
