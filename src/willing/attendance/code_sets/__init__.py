"""Codes of a register, as data: what each means, what it counts as, what may propose it."""

import tomllib
from functools import cache
from importlib import resources
from typing import Any

from willing.attendance.rules import Code, CodeSet, CountsAs, Group, Proposer

NAMES = ("england_2024", "us_minutes", "china", "free")


@cache
def require_code_set(name: str) -> CodeSet:
    """Return a set of codes by name. Raises LookupError where there is none of that name."""
    if name not in NAMES:
        raise LookupError(f"no set of codes named {name!r}")
    text = (resources.files(__package__) / f"{name}.toml").read_text(encoding="utf-8")
    found = tomllib.loads(text)
    codes = [_code(row) for row in found.pop("codes")]
    present = found.pop("present")
    return CodeSet(
        name=name,
        labels=found.pop("label"),
        codes={one.symbol: one for one in codes},
        present_am=present["am"],
        present_pm=present["pm"],
        **found,
    )


def _code(row: dict[str, Any]) -> Code:
    return Code(
        symbol=row.pop("symbol"),
        group=Group(row.pop("group")),
        counts=CountsAs(row.pop("counts")),
        proposed_from=frozenset(Proposer(one) for one in row.pop("from")),
        labels=row.pop("label"),
        **row,
    )
