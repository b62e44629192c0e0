"""A document as a PDF, by the template documents.typ."""

import base64
import struct
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from willing.documents.parts import Document, DocumentTable, Section
from willing.documents.qr_bill import bill_data
from willing.documents.typeset import require_font, typeset
from willing.people.look import Look
from willing.people.paper_rules import SheetSize


def to_pdf(document: Document, look: Look) -> bytes:
    """Return a document as a PDF on the school's paper, with its logo and its colour for headings.

    Raises Refused pdf_font_missing for Chinese without a font, document_not_made.
    """
    return letters_to_pdf([document], look)


def letters_to_pdf(documents: Sequence[Document], look: Look) -> bytes:
    """Return several documents as one PDF, each from a page of its own; they may be in several languages.

    Raises Refused pdf_font_missing for Chinese without a font, document_not_made.
    """
    for document in documents:
        require_font(document.language)
    return typeset("documents", documents_data(documents, look))


def documents_data(documents: Sequence[Document], look: Look) -> dict[str, Any]:
    """Return documents as their template takes them; the first gives the whole its title and language.

    With a Swiss bill among them they are on A4, whatever the school's printers hold: it is as wide as that.
    """
    if any(one.bill for one in documents):
        look = replace(look, sheet=SheetSize.A4)
    return {
        "title": documents[0].title,
        "language": documents[0].language,
        "documents": [_document_data(one) for one in documents],
        **look_data(look),
    }


def look_data(look: Look) -> dict[str, str]:
    """Return what every template takes of a school's look: its name, colour, logo (SVG) and paper."""
    return {
        "school": look.school,
        "colour": look.colour,
        "logo": logo_svg(look.logo),
        "sheet": look.sheet.value,
    }


def logo_svg(png: bytes) -> str:
    """Return a PNG within an SVG, which a template takes as text; "" for none."""
    if not png:
        return ""
    wide, high = struct.unpack_from(">II", png, 16)  # of the header, which is always first
    written = base64.b64encode(png).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}">'
        f'<image width="{wide}" height="{high}" href="data:image/png;base64,{written}"/></svg>'
    )


def _document_data(document: Document) -> dict[str, Any]:
    return {
        "language": document.language,
        "title": document.title,
        "subtitle": document.subtitle,
        "sections": [_section_data(one) for one in document.sections],
        "bill": bill_data(document.bill) if document.bill else None,
        "banner": {"word": document.banner.word, "edge": document.banner.edge} if document.banner else None,
    }


def _section_data(section: Section) -> dict[str, Any]:
    table, picture = section.table, section.picture
    return {
        "title": section.title,
        "paragraphs": section.paragraphs,
        "warning": section.warning,
        "is-whole": section.is_whole,
        "picture": {"drawn": picture.drawn, "alt": picture.alt} if picture else None,
        "table": {"headings": table.headings, "rows": table.rows, "widths": _widths(table)}
        if table
        else None,
    }


def _widths(table: DocumentTable) -> tuple[int, ...]:
    """Return the columns' shares: by their longest text, no column under a fifth of the widest."""
    longest = [
        max(min(len(cell), 60) for cell in column) for column in zip(table.headings, *table.rows, strict=True)
    ]
    return tuple(max(one, max(longest) // 4, 8) for one in longest)
