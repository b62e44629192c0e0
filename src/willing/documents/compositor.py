"""Set a paper in type, in a process that lives for it: an order as JSON comes in, a PDF goes out.

Run as `python -m willing.documents.compositor`. Without Django, so that it starts quickly and knows none of
the installation's secrets; what the typesetter keeps in memory (half a gigabyte for a school's letters) goes
with it. Each PDF is tagged, with language and title: PDF/UA-1 and PDF/A-2a, or none is made
(docs/decisions/0040).

Texts reach a template as values and never as its source, so no name is ever a command.
"""

import json
import resource
import sys
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from willing.documents.typefaces import FOLDER, OWN, characters_of, find_font

TEMPLATES = Path(__file__).with_name("templates")


def compose(template: str, data: Mapping[str, Any]) -> bytes:
    """Return what a template (templates/NAME.typ) makes of the data, as a PDF.

    data: what JSON can hold, with `title`, `language` and `school`, which the PDF says of itself. A character
    that no font here has is a question mark.
    """
    import typst  # only where a paper is made: 84 MB

    written = json.dumps(_shown(data))
    chinese = find_font() if _needs_chinese(json.dumps(data, ensure_ascii=False)) else None
    folders = [str(FOLDER), *([str(chinese.path.parent)] if chinese else [])]
    made = typst.compile(
        str(TEMPLATES / f"{template}.typ"),
        root=str(TEMPLATES),
        font_paths=typst.Fonts(include_system_fonts=False, font_paths=folders),
        sys_inputs={"data": written, "chinese": chinese.family if chinese else ""},
        pdf_standards=["ua-1", "a-2a"],
    )
    assert isinstance(made, bytes), "one file"
    return made


def _needs_chinese(text: str) -> bool:
    return not text.isascii() and any(ord(one) not in characters_of(OWN) for one in set(text))


def _shown(value: Any) -> Any:
    """Return data with all its texts as the fonts can show them."""
    if isinstance(value, str):
        return value if value.isascii() and value.isprintable() else "".join(map(_sign, _composed(value)))
    if isinstance(value, Mapping):
        return {key: _shown(one) for key, one in value.items()}
    return [_shown(one) for one in value] if isinstance(value, list | tuple) else value


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n"))


@lru_cache(maxsize=20_000)
def _sign(one: str) -> str:
    """Return a character, or what is set in its place: marks without a shape of their own are left out."""
    kind = unicodedata.category(one)
    if one == "\n":
        return one
    if kind == "Cc":
        return " "
    if kind == "Cf" or "\ufe00" <= one <= "\ufe0f":
        return ""
    font = find_font()
    is_there = ord(one) in characters_of(OWN) or (font is not None and ord(one) in characters_of(font))
    return one if is_there and not kind.startswith("C") else "?"


def read_order() -> Any:
    """Return the order that this process got. None of its memory is written to a file when it crashes."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return json.load(sys.stdin)


def main() -> None:
    """Read an order, write the paper."""
    order = read_order()
    sys.stdout.buffer.write(compose(order["template"], order["data"]))


if __name__ == "__main__":
    main()
