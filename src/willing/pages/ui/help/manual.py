"""The manual as it ships with the program: its pages, their parts, and these as HTML.

Its Markdown is ours, and rendered all the same as if it were not: HTML in it is written out, links lead to
the manual itself or nowhere, and there are no pictures.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.token import Token

import willing

# In the wheel (hatch_build.py); in a checkout the documents themselves.
SHIPPED = Path(willing.__file__).with_name("manual")
CHECKOUT = Path(willing.__file__).parents[2] / "docs"
FOLDERS = ("start", "how-to", "operate")

_markdown = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


@dataclass(frozen=True)
class ManualPart:
    """A part of a page of the manual: from a heading to the next of its level, with those below it."""

    anchor: str
    title: str
    tokens: tuple[Token, ...]


@cache
def names() -> tuple[str, ...]:
    """Return the pages of the manual as folder/page, in the order in which they are listed."""
    return tuple(
        f"{folder}/{path.stem}" for folder in FOLDERS for path in sorted((_root() / folder).glob("*.md"))
    )


def _root() -> Path:
    return SHIPPED if SHIPPED.is_dir() else CHECKOUT


def anchor_of(title: str) -> str:
    """Return the anchor of a heading, as the manual's links and its web pages write it."""
    kept = re.sub(r"[^\w\s-]", "", title).strip().lower()
    return re.sub(r"[-\s]+", "-", kept)


@cache
def _tokens(name: str) -> tuple[Token, ...]:
    if name not in names():
        raise LookupError(name)
    text = (_root() / f"{name}.md").read_text(encoding="utf-8")
    # Boxes of the web manual are paragraphs here.
    return tuple(_markdown.parse(re.sub(r"^!!! note \"(.+?)\"\n    ", r"**\1.** ", text, flags=re.MULTILINE)))


@cache
def parts_of(name: str) -> tuple[ManualPart, ...]:
    """Return the parts of a page, the whole of it first, then its introduction, then each heading's.

    Raises LookupError where there is no such page.
    """
    tokens = _tokens(name)
    found = [_part(tokens, at) for at, one in enumerate(tokens) if one.type == "heading_open"]
    whole, *below = found
    first = next((at for at, one in enumerate(tokens) if one.type == "heading_open" and at), len(tokens))
    return (whole, ManualPart("", whole.title, tokens[:first]), *below)


def _part(tokens: tuple[Token, ...], begin: int) -> ManualPart:
    title = _plain(tokens[begin + 1])
    level = tokens[begin].tag
    after = (
        at
        for at in range(begin + 1, len(tokens))
        if tokens[at].type == "heading_open" and tokens[at].tag <= level
    )
    end = next(after, len(tokens))
    return ManualPart(anchor_of(title), title, tokens[begin:end])


def find_part(manual: str) -> ManualPart:
    """Return the part that `folder/page`, `folder/page#` (its introduction) or `folder/page#anchor` names.

    Raises LookupError.
    """
    name, mark, anchor = manual.partition("#")
    whole, *parts = parts_of(name)
    if not mark:
        return whole
    found = next((one for one in parts if one.anchor == anchor), None)
    if found is None:
        raise LookupError(manual)
    return found


def to_html(part: ManualPart, name: str, link: Callable[[str, str], str], *, heading: int) -> SafeString:
    """Return a part as HTML, its own heading left out, which the page shows as <h{heading}>.

    link: what gives the address of another page of the manual, from its name and an anchor.
    """
    lower = heading - int(part.tokens[0].tag[1:])
    tokens = [_copy(one, lower, name, link) for one in part.tokens[3:]]
    # The renderer escapes every character of the text; the tags are its own, the addresses are ours.
    return SafeString(_markdown.renderer.render(_headed(tokens), _markdown.options, {}))


def _copy(token: Token, lower: int, name: str, link: Callable[[str, str], str]) -> Token:
    copied = token.copy()
    if token.type in {"heading_open", "heading_close"}:
        copied.tag = f"h{min(int(token.tag[1:]) + lower, 6)}"
    if token.type == "inline":
        copied.children = [one for child in token.children or () for one in _child(child, name, link)]
    return copied


def _headed(tokens: list[Token]) -> list[Token]:
    """Give each heading its anchor."""
    for at, one in enumerate(tokens):
        if one.type == "heading_open":
            one.attrSet("id", anchor_of(_plain(tokens[at + 1])))
    return tokens


def _child(token: Token, name: str, link: Callable[[str, str], str]) -> list[Token]:
    if token.type != "link_open":
        return [token.copy()]
    copied = token.copy()
    copied.attrSet("href", _target(str(token.attrGet("href")), name, link))
    return [copied]


def _target(href: str, name: str, link: Callable[[str, str], str]) -> str:
    """Return where a link of the manual leads: a page that is here, else back to this one."""
    path, _, anchor = href.partition("#")
    if not path:
        return link(name, anchor)
    resolved = PurePosixPath("/", name).parent / path
    steps: list[str] = []
    for step in resolved.parts[1:]:
        steps = steps[:-1] if step == ".." else [*steps, step]
    other = "/".join(steps).removesuffix(".md")
    return link(other, anchor) if other in names() else link(name, "")


def _plain(inline: Token) -> str:
    return "".join(one.content for one in inline.children or ())
