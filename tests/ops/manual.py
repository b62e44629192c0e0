"""The commands of the manual's chapters, as they are printed."""

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "operate" / "operate.md"


def commands(chapter: str, until: str = "") -> list[str]:
    """Return the commands in the blocks of a chapter, in their order; a remark after them is left out.

    until: the bold words that begin the part of another kind of installation, whose commands are left out.
    """
    text = PAGE.read_text(encoding="utf-8")
    begin = text.index(f"\n## {chapter}\n")
    part = text[begin : text.find("\n## ", begin + 1)]
    if until:
        part = part[: part.index(f"\n**{until}**")]
    blocks = re.findall(r"^```\n(.*?)^```$", part, re.MULTILINE | re.DOTALL)
    lines = "".join(blocks).replace("\\\n", "").splitlines()
    return [line.partition(" #")[0].strip() for line in lines if line.strip()]
