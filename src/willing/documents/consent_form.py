"""A consent form to print and sign: the notice, two equal boxes, a line to sign, the notice's mark."""

from django.utils import translation
from django.utils.translation import gettext
from markdown_it import MarkdownIt

from willing.consent.models import Notice
from willing.documents.parts import BOX, Document, DocumentTable, Section
from willing.people.models import Guardian, Person, School

_markdown = MarkdownIt("commonmark")
ROOM = "\n "  # to write by hand


def consent_form(school: School, person: Person, guardian: Guardian | None, notice: Notice) -> Document:
    """Return the form for one reader, in the notice's language. guardian: None is the person themselves."""
    with translation.override(notice.language):
        title, sections = sections_of(notice.text)
        year = person.year_group.name if person.year_group else ""
        about = (school.name, year, person.full_name, guardian.name if guardian else "")
        mark = gettext("Version %(version)s, mark %(mark)s") % {
            "version": notice.version,
            "mark": notice.sha256[:8],
        }
        rows = (
            (gettext("Yes"), BOX),
            (gettext("No"), BOX),
            (gettext("Your name"), ROOM),
            (gettext("Day"), ROOM),
            (gettext("Sign here"), ROOM),
        )
        # Whole, and with the name: what is signed on the second sheet of two says itself for whom it is.
        answer = Section(
            gettext("Both answers are fine. Please tick one and sign."),
            table=DocumentTable((" · ".join(one for one in about[1:] if one), mark), rows),
            is_whole=True,
        )
        return Document(title, " · ".join(one for one in about if one), (*sections, answer))


def sections_of(markdown: str) -> tuple[str, tuple[Section, ...]]:
    """Return a notice's title, and its text in sections; a point of a list is a paragraph with a dot."""
    title, parts = "", [("", [])]  # type: tuple[str, list[tuple[str, list[str]]]]
    kind, in_list = "", False
    for token in _markdown.parse(markdown):
        if token.type == "heading_open":
            kind = token.tag
        elif token.type == "heading_close":
            kind = ""
        elif token.type in ("list_item_open", "list_item_close"):
            in_list = token.type == "list_item_open"
        elif token.type == "inline":
            text = "".join(one.content if one.type != "softbreak" else " " for one in token.children or ())
            if kind == "h1" and not title:
                title = text
            elif kind:
                parts.append((text, []))
            else:
                parts[-1][1].append(f"• {text}" if in_list else text)
    return title, tuple(Section(name, tuple(texts)) for name, texts in parts if name or texts)
