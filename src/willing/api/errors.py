"""Refusals of the HTTP API itself."""

from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused


def idempotency_key_missing() -> Refused:
    """A write without an Idempotency-Key of 1 to 200 printable ASCII characters."""
    return Refused("idempotency_key_missing", _("Every write needs the header Idempotency-Key."))


def frame_too_large() -> Refused:
    """A frame of more bytes than a 640x480 JPEG can have."""
    return Refused("frame_too_large", _("This picture is too large."))


def cursor_not_valid() -> Refused:
    """A cursor that no page returned."""
    return Refused("cursor_not_valid", _("This page does not exist. Please start again from the first page."))
