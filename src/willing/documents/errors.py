"""Refusals of this room."""

from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused


def pdf_font_missing() -> Refused:
    """No font with Chinese characters is installed on the school's computer."""
    return Refused(
        "pdf_font_missing",
        _("This computer has no font for Chinese PDF files. Please print the page from the browser instead."),
    )


def document_not_made() -> Refused:
    """The process that sets a paper in type failed, or took too long."""
    return Refused(
        "document_not_made",
        _("The PDF could not be made. Please try again, or print the page from the browser."),
    )


def unknown_erasure() -> Refused:
    """The log has no such erasure."""
    return Refused("unknown_erasure", _("The log has no such entry."))


def card_not_printed() -> Refused:
    """The process that makes a card's page failed; no card was made."""
    return Refused("card_not_printed", _("The card could not be made. Please try again."))
