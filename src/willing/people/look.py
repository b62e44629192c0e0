"""How a school looks: its colour and its logo, held to what everyone can read. The writers of both."""

import hashlib
import io
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

from willing.audit.actions import record
from willing.core.clock import now
from willing.core.transactions import atomic
from willing.people import errors
from willing.people.models import School, SchoolLogo
from willing.people.paper_rules import SheetSize, sheet_in
from willing.people.rules import is_readable_colour

LOGO_BYTES_MAX = 2 * 1024 * 1024
LOGO_PIXELS_MAX = 16_000_000
LOGO_SIZE_PX = (480, 96)
FORMATS = ("PNG", "JPEG", "WEBP")  # no SVG: it is a program


@atomic
def set_colour(school: School, colour: str, *, by: int | None = None) -> None:
    """Set the school's colour, as "#0b5a47"; "" for Willing's own. Raises Refused colour_unreadable."""
    colour = colour.strip().lower()
    if colour and not is_readable_colour(colour):
        raise errors.colour_unreadable()
    if School.objects.filter(pk=school.pk).exclude(colour=colour).update(colour=colour):
        facts = {"fields": ["colour"], "by": by}
        record("school.changed", subject=school.id, facts=facts, personal={})
    school.colour = colour


@atomic
def set_logo(school: School, picture: bytes, *, by: int | None = None) -> SchoolLogo:
    """Keep a logo, drawn anew as a small PNG: nothing of the file itself is kept.

    Raises Refused logo_unreadable for what is no PNG, JPEG or WebP, or too large.
    """
    drawn = redraw(picture)
    digest = hashlib.sha256(drawn).hexdigest()
    logo, _ = SchoolLogo.objects.update_or_create(school=school, defaults={"png": drawn, "set_at": now()})
    School.objects.filter(pk=school.pk).update(logo_sha256=digest)
    school.logo_sha256 = digest
    record("school.logo_set", subject=school.id, facts={"sha256": digest, "by": by}, personal={})
    return logo


@atomic
def remove_logo(school: School, *, by: int | None = None) -> None:
    """Show no logo any more; twice changes nothing."""
    if SchoolLogo.objects.filter(school=school).delete()[0]:
        School.objects.filter(pk=school.pk).update(logo_sha256="")
        record("school.logo_removed", subject=school.id, facts={"by": by}, personal={})
    school.logo_sha256 = ""


def find_logo(school: School) -> SchoolLogo | None:
    """Return the school's logo, or None."""
    return SchoolLogo.objects.filter(school=school).first()


def redraw(picture: bytes) -> bytes:
    """Return a picture as a PNG of at most 480x96 pixels. Raises Refused logo_unreadable."""
    if len(picture) > LOGO_BYTES_MAX:
        raise errors.logo_unreadable()
    try:
        with Image.open(io.BytesIO(picture), formats=FORMATS) as opened:
            if opened.width * opened.height > LOGO_PIXELS_MAX:  # known from the header, before any is decoded
                raise errors.logo_unreadable()
            drawn = opened.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise errors.logo_unreadable() from None
    drawn.thumbnail(LOGO_SIZE_PX)
    out = io.BytesIO()
    drawn.save(out, "PNG", optimize=True)
    return out.getvalue()


@dataclass(frozen=True)
class Look:
    """How a school looks on paper, its name, and the sheet that its printers hold.

    colour: as "#0b5a47", readable on white, or "". logo: a PNG, or b"".
    """

    colour: str = ""
    logo: bytes = b""
    school: str = ""
    sheet: SheetSize = SheetSize.A4


def look_of(school: School) -> Look:
    """Return how a school looks; a colour that is not readable on white counts for nothing."""
    logo = find_logo(school)
    colour = school.colour if is_readable_colour(school.colour) else ""
    return Look(colour, bytes(logo.png) if logo else b"", school.name, sheet_in(school.country))
