"""Legal profiles: what the law of a place asks for, as data."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True)
class Profile:
    """What must be true before a person's face may be used for a purpose."""

    name: str
    guardians_yes_at_least: int
    any_guardian_no_wins: bool
    own_yes_required: bool
    all_guardians_notified: bool
    engine_may_load: bool


@cache
def require_profile(name: str) -> Profile:
    """Return a profile by name. Raises LookupError where there is none of that name."""
    file = resources.files(__package__) / f"{name}.toml"
    if not name.isidentifier() or not file.is_file():
        raise LookupError(f"no legal profile named {name!r}")
    return Profile(**tomllib.loads(file.read_text(encoding="utf-8")))
