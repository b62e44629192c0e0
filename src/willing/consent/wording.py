"""Turn a shipped notice into the text that is published: fill in who decides, how long, whom to ask. Pure.

A shipped notice is Markdown behind a front matter of `key: value` lines. `material: false` says that this
wording means what the one before it meant, so nobody is asked again; without it a change is material.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from string import Template
from typing import Any

from willing.consent.profiles import Profile
from willing.consent.rules import ANSWER_AGAIN_DAYS

FENCE = "---\n"
# Of a notice that says so: a press at the till may put a later reference behind those of the desk.
REFRESHED_BY_PRESS = "refreshed_by_press"
REFRESHING = "${refreshing}"
MATERIAL = {"": True, "material: true\n": True, "material: false\n": False}


@dataclass(frozen=True)
class ShippedNotice:
    """A shipped notice: its text with ${places} to be filled, and whether a change to it asks again."""

    text: str
    is_material: bool


def read_draft(source: str) -> ShippedNotice:
    """Read a shipped notice. Raises ValueError for a front matter that is not closed or not understood."""
    if not source.startswith(FENCE):
        return ShippedNotice(source, is_material=True)
    head, fence, text = source.removeprefix(FENCE).partition(FENCE)
    if not fence or head not in MATERIAL:
        raise ValueError("a notice's front matter is `material: true` or `material: false` between two ---")
    return ShippedNotice(text, is_material=MATERIAL[head])


def terms_of(profile: Profile, draft: ShippedNotice | None = None) -> dict[str, Any]:
    """Return what notices say of a school's rules and times, as facts. Another fact is a material change.

    draft: the notice, where it may say more than every notice does.
    """
    refreshes = draft is not None and REFRESHING in draft.text
    return {
        **({REFRESHED_BY_PRESS: True} if refreshes else {}),
        "profile": profile.name,
        "guardians_decide_below_age": profile.guardians_decide_below_age,
        "guardians_yes_at_least": profile.guardians_yes_at_least,
        "own_yes_from_age": profile.own_yes_from_age,
        "guardians_told_below_age": profile.guardians_told_below_age,
        "keep_days": profile.keep_days_max,
        "unused_days": profile.unused_days_max,
        "answer_again_days": ANSWER_AGAIN_DAYS,
        "may_store_centrally": profile.may_store_centrally,
    }


def authority_name(profile: Profile, language: str) -> str:
    """Return what notices call the authority to which one complains under a legal profile."""
    name: str = _table("rights")[profile.name][language]["authority"]
    return name


def write_notice(draft: ShippedNotice, profile: Profile, reader: str, language: str) -> str:
    """Return the text to publish. Raises KeyError for a place that nobody knows how to fill."""
    facts = terms_of(profile)
    said = {key: text.format(**facts) for key, text in _table("paragraphs")[language][reader].items()}
    places = {
        "who_must_agree": _who_must_agree(said, profile),
        "ending": said["ending"],
        "opening": said["opening"] if profile.may_store_centrally else said["opening_by_card"],
        "keeping": said["keeping"],
        "refreshing": said["refreshing"],
        **_table("rights")[profile.name][language],
    }
    return Template(draft.text).substitute(places)


def _who_must_agree(lines_of: dict[str, str], profile: Profile) -> str:
    own = lines_of["own_from"] if profile.own_yes_from_age else lines_of["own_always"]
    lines = [lines_of["guardians"], own, lines_of["own_no"], lines_of["told"]]
    return "\n".join(line for line in lines if line)


@cache
def _table(name: str) -> dict[str, dict[str, dict[str, str]]]:
    file = resources.files("willing.consent.notices") / f"{name}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))
