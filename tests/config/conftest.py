"""What the tests that walk through every page share."""

import pytest
from django.utils.translation import get_language

from willing.documents.parts import Document
from willing.documents.pdf import to_pdf
from willing.pages.console import document_pages
from willing.people.look import Look

_drawn: dict[tuple[str, str, str | None], bytes] = {}


@pytest.fixture
def documents_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lay out a document once for all who open it: to lay it out takes longer than any page does."""

    def draw(document: Document, look: Look) -> bytes:
        key = repr(document), repr(look), get_language()
        if key not in _drawn:
            _drawn[key] = to_pdf(document, look)
        return _drawn[key]

    monkeypatch.setattr(document_pages, "to_pdf", draw)
