"""A class that a page names has a style or a script: else what it stood for has gone, and nobody saw it."""

import re
from pathlib import Path

from tests.architecture.source import ROOT

# By these the tests find what has no style of its own.
FOUND_BY_TESTS = {"cash", "look-up-answers", "paid"}
NAMED = re.compile(r'class="([^"]*)"')
DECIDED = re.compile(r"\{%.*?%\}|\{\{.*?\}\}")


def _names(template: Path) -> set[str]:
    """Return the class names that stand in a template as they are; what is composed is left out."""
    text = DECIDED.sub("\0", template.read_text(encoding="utf-8"))
    return {name for found in NAMED.findall(text) for name in found.split() if "\0" not in name}


def test_each_class_that_a_page_names_is_styled_or_used_by_a_script() -> None:
    files = [*ROOT.rglob("*.css"), *ROOT.rglob("*.js")]
    known = set(re.findall(r"[\w-]+", " ".join(one.read_text(encoding="utf-8") for one in files)))
    unknown = {
        name: template.name
        for template in ROOT.rglob("*.html")
        for name in _names(template) - known - FOUND_BY_TESTS
    }
    assert unknown == {}
