"""One thing that Health and the doctor checked."""

from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True)
class Condition:
    """One thing that was checked.

    code: a stable word. label: what was checked. detail: how it is and, where that is not as it should be,
    what follows and what to do; in the language that is active.
    """

    code: str
    is_ok: bool
    label: str | Promise
    detail: str
