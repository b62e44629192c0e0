"""Whether a text keeps to one language: names, codes and the titles of laws may be in another."""

import re
from html.parser import HTMLParser

# Three words in a row are a sentence; a name or a code is shorter.
ENGLISH = re.compile(r"[A-Za-z]{2,}(?: [A-Za-z]{2,}){2,}")
CHINESE = re.compile(r"[\u4e00-\u9fff]+")
NOT_READ = ("script", "style", "template")


def foreign_in(text: str, language: str, *, names: tuple[str, ...] = ()) -> list[str]:
    """Return what is in the other language. names: what may be, as people and laws are called."""
    for name in names:
        text = text.replace(name, "")
    return (ENGLISH if language == "zh-hans" else CHINESE).findall(text)


class _Inside(HTMLParser):
    """Collects the words of the elements of a class."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name, self.depth = name, 0
        self.words: list[str] = []
        self._skipped = 0

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if self.depth == 0 and self.name not in (given.get("class") or "").split():
            return
        if self.depth and given.get("alt"):
            self.words.append(given["alt"])
        if tag in ("img", "br", "input", "hr", "use", "path"):
            return
        self._skipped += tag in NOT_READ
        self.depth += 1

    def handle_endtag(self, tag):
        if self.depth and tag not in ("img", "br", "input", "hr", "use", "path"):
            self.depth -= 1
            self._skipped -= tag in NOT_READ

    def handle_data(self, data):
        if self.depth and not self._skipped:
            self.words.append(data)


def words_inside(page: str, name: str) -> str:
    """Return the words within the elements of a class, one line for each, with the alt of pictures."""
    found = _Inside(name)
    found.feed(page)
    return "\n".join(" ".join(one.split()) for one in found.words if one.strip())
