"""One table of everything that is held and how long (retention.toml). Pure.

The retention job, the record of processing, the assessment and the public policy read it,
and a test holds the notices' days to it, so that none of them can say something else than what is done.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from willing.consent.profiles import Profile

LANGUAGES = ("en", "zh-hans")
# What `days` counts from.
SINCE = (
    "left",
    "ended",
    "closed",
    "made",
    "written",
    "expired",
    "enrolled",
    "answered",
    "last_day",
    "day",
    "night",
    "",
)


@dataclass(frozen=True)
class Words:
    """One kind of data in one language: its name, what it holds, its legal basis, when it is deleted."""

    name: str
    holds: str
    legal_basis: str
    deleted_when: str


@dataclass(frozen=True)
class RetainedKind:
    """One kind of data.

    models: its tables ("app.Model"). where: database, memory, paper, copies. days: the longest keeping in
    days from `since`; None where `profile` names the fields of the legal profile that say it, where it is
    kept `together_with` another kind, or `for_ever`.
    """

    key: str
    words: Mapping[str, Words]
    models: tuple[str, ...] = ()
    where: str = "database"
    days: int | None = None
    since: str = ""
    profile: tuple[str, ...] = ()
    together_with: str = ""
    for_ever: bool = False

    def limits(self, profile: Profile) -> dict[str, int]:
        """Return the longest keepings in days, by what they count from or the profile's field."""
        if self.days is not None:
            return {self.since: self.days}
        return {field: getattr(profile, field) for field in self.profile}

    def in_language(self, language: str) -> Words:
        """Return the words in a language, in English where there are none."""
        return self.words.get(language, self.words["en"])


@cache
def kinds() -> tuple[RetainedKind, ...]:
    """Return the whole table, in the order of the file."""
    text = (resources.files(__package__) / "retention.toml").read_text(encoding="utf-8")
    return tuple(_kind(key, entry) for key, entry in tomllib.loads(text).items())


def _kind(key: str, entry: dict[str, Any]) -> RetainedKind:
    words = {language: Words(**entry.pop(language)) for language in LANGUAGES}
    return RetainedKind(
        key=key,
        words=words,
        models=tuple(entry.pop("models", ())),
        profile=tuple(entry.pop("profile", ())),
        together_with=entry.pop("with", ""),
        **entry,
    )


def require_kind(key: str) -> RetainedKind:
    """Return a kind by its key. Raises LookupError."""
    for kind in kinds():
        if kind.key == key:
            return kind
    raise LookupError(f"no kind of data named {key!r}")


_DAYS = {
    "en": {
        "keep_days_max": "{days} days after enrolment",
        "unused_days_max": "{days} days after the last use",
        "left": "{days} days after leaving",
        "ended": "{days} days after it was revoked",
        "closed": "{days} days after it was closed",
        "made": "{days} days",
        "written": "{days} days",
        "expired": "{days} days after it expired",
        "answered": "{days} days after it was answered",
        "last_day": "{days} days after the last day",
        "day": "{days} days after the day",
        "night": "Until the night after the day",
        "": "Never kept",
    },
    "zh-hans": {
        "keep_days_max": "登记后 {days} 天",
        "unused_days_max": "最后一次使用后 {days} 天",
        "left": "离校后 {days} 天",
        "ended": "停用后 {days} 天",
        "closed": "关闭后 {days} 天",
        "made": "{days} 天",
        "written": "{days} 天",
        "expired": "到期后 {days} 天",
        "answered": "答复后 {days} 天",
        "last_day": "最后一天后 {days} 天",
        "day": "当天之后 {days} 天",
        "night": "至次日夜间",
        "": "不保存",
    },
}
_OTHERWISE = {
    "en": {
        "or": ", or ",
        "first": ", whichever comes first",
        "with": "Same as: {name}",
        "ever": "Permanently",
    },
    "zh-hans": {
        "or": "，或",
        "first": "，以先到者为准",
        "with": "与“{name}”相同",
        "ever": "长期保存",
    },
}


def how_long(kind: RetainedKind, profile: Profile, language: str) -> str:
    """Return how long a kind is kept under `profile`, as a phrase in a language."""
    said = _OTHERWISE.get(language, _OTHERWISE["en"])
    limits = kind.limits(profile)
    if limits:
        days = _DAYS.get(language, _DAYS["en"])
        phrases = [days[since].format(days=count) for since, count in limits.items()]
        return said["or"].join(phrases) + (said["first"] if len(phrases) > 1 else "")
    if not kind.together_with:
        return said["ever"]
    return said["with"].format(name=require_kind(kind.together_with).in_language(language).name)
