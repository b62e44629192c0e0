"""Help beside each page: which part of the manual concerns it, and what of that is said in Chinese."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from django.http import HttpRequest
from django.urls import reverse


@dataclass(frozen=True)
class HelpTopic:
    """What is shown beside some pages. manual: `folder/page#heading` below the manual; chinese: Markdown."""

    key: str
    manual: str
    title: str
    chinese: str
    pages: frozenset[str]
    modules: frozenset[str]


@cache
def topics() -> Mapping[str, HelpTopic]:
    """Return every topic by its key, in the order of the file."""
    text = files(__name__).joinpath("topics.toml").read_text(encoding="utf-8")
    return {
        key: HelpTopic(
            key,
            one["manual"],
            one["title"],
            one["chinese"],
            frozenset(one.get("pages", ())),
            frozenset(one.get("modules", ())),
        )
        for key, one in tomllib.loads(text).items()
    }


@cache
def find_topic(page: str, module: str) -> HelpTopic | None:
    """Return the topic of the address called `page`, whose view is in `module`; None without help."""
    own = module.removeprefix("willing.pages.")
    named = next((one for one in topics().values() if page in one.pages), None)
    return named or next((one for one in topics().values() if own in one.modules), None)


def help_of_page(request: HttpRequest) -> dict[str, str]:
    """Give every template `help_url`: the help for the page that it shows, or nothing."""
    match = request.resolver_match
    found = find_topic(match.view_name, match.func.__module__) if match else None
    return {"help_url": reverse("help", args=[found.key]) if found else ""}
