"""A PDF as its readers get it: its words, what it says of itself, and what a screen reader goes by."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pypdf
import pypdfium2


@dataclass(frozen=True)
class Part:
    """A tagged part of a paper. kind: as H1 or TH; language, alt: "" where it has none of its own."""

    kind: str
    language: str
    alt: str


@dataclass(frozen=True)
class Paper:
    """What a PDF says of itself."""

    title: str
    author: str
    language: str
    is_tagged: bool
    shows_title: bool
    metadata: str
    parts: tuple[Part, ...]
    fonts_left_out: tuple[str, ...]

    @property
    def kinds(self) -> set[str]:
        """The kinds of tagged parts that it has."""
        return {one.kind for one in self.parts}


def pages_of(pdf: bytes) -> list[str]:
    """Return the words on each page."""
    paper = pypdfium2.PdfDocument(pdf)
    try:
        return [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in paper]
    finally:
        paper.close()


def sheets_of(pdf: bytes) -> set[tuple[float, float]]:
    """Return the sizes of its pages, in points: a sheet of US Letter is (612, 792), one of A4 (595, 842)."""
    boxes = [page.mediabox for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]
    return {(round(float(box.width)), round(float(box.height))) for box in boxes}


def words_of(pdf: bytes) -> str:
    """Return the words of a PDF, its lines joined by spaces."""
    return " ".join(" ".join(pages_of(pdf)).split())


def read_paper(pdf: bytes) -> Paper:
    """Return what a PDF says of itself."""
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    root: Any = reader.trailer["/Root"]
    about: Any = reader.metadata or {}
    fonts = [
        font.get_object()
        for page in reader.pages
        for one in page.get("/Resources", {}).get("/Font", {}).values()
        for font in one.get_object()["/DescendantFonts"]
    ]
    return Paper(
        title=str(about.get("/Title", "")),
        author=str(about.get("/Author", "")),
        language=str(root.get("/Lang", "")),
        is_tagged=bool(root.get("/MarkInfo", {}).get("/Marked")) and "/StructTreeRoot" in root,
        shows_title=bool(root.get("/ViewerPreferences", {}).get("/DisplayDocTitle")),
        metadata=root["/Metadata"].get_object().get_data().decode() if "/Metadata" in root else "",
        parts=tuple(_parts(root.get("/StructTreeRoot"))),
        fonts_left_out=tuple(str(one["/BaseFont"]) for one in fonts if not _is_embedded(one)),
    )


def _is_embedded(font: Any) -> bool:
    return any(name.startswith("/FontFile") for name in font["/FontDescriptor"].get_object())


def _parts(node: Any) -> Iterator[Part]:
    node = node.get_object() if node is not None else None
    if not isinstance(node, dict):
        return
    if "/S" in node:
        yield Part(str(node["/S"])[1:], str(node.get("/Lang", "")), str(node.get("/Alt", "")))
    inside = node.get("/K")
    for one in inside if isinstance(inside, list) else [inside]:
        if one is not None and not isinstance(one, int):
            yield from _parts(one)


def check_paper(pdf: bytes, language: str) -> Paper:
    """Assert what each paper of the program keeps (PDF/UA-1). language: as "en" or "zh-hans"."""
    paper = read_paper(pdf)
    assert paper.is_tagged
    assert paper.title
    assert paper.shows_title
    assert paper.language == {"en": "en", "zh-hans": "zh-CN"}[language]
    assert "<pdfuaid:part>1</pdfuaid:part>" in paper.metadata
    assert "<pdfaid:part>2</pdfaid:part>" in paper.metadata
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in paper.metadata
    assert paper.fonts_left_out == ()
    assert "H1" in paper.kinds
    assert all(one.alt for one in paper.parts if one.kind == "Figure")
    return paper
