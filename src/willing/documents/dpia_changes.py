"""What changed in the assessment since it was signed."""

from dataclasses import dataclass

from willing.documents.parts import Document, Section


@dataclass(frozen=True)
class Difference:
    """What one section says now and what it said when it was signed, row by row."""

    title: str
    gone: tuple[str, ...]
    new: tuple[str, ...]


def differences(signed: Document, live: Document) -> list[Difference]:
    """Return what changed since the signature, statistics left aside: those change by themselves."""
    found = []
    signed_sections = {section.title: section for section in signed.sections}
    for after in live.sections:
        before = signed_sections.get(after.title, Section(after.title))
        was, is_now = _lines(before), _lines(after)
        gone = tuple(line for line in was if line not in is_now)
        new = tuple(line for line in is_now if line not in was)
        if not after.is_statistics and (gone or new):
            found.append(Difference(after.title, gone, new))
    return found


def _lines(section: Section) -> list[str]:
    rows = section.table.rows if section.table else ()
    return [*section.paragraphs, *(" · ".join(cell for cell in row if cell) for row in rows)]
