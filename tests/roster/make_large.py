"""Write a large OneRoster 1.2 bundle to measure: python -m tests.roster.make_large FOLDER USERS [PADDING]."""

import sys
from pathlib import Path

from tests.roster.bundles import Bundle, enrol, school, user


def large(users, *, padding=0):
    """A school of `users` people: 7 pupils to 6 guardians, 5 % staff. padding: bytes a row."""
    bundle = school(Bundle("1.2"))
    staff = users // 20
    pupils = (users - staff) * 7 // 13
    guardians = users - staff - pupils
    for number in range(pupils):
        agents = f"g{number % guardians},g{(number * 7 + 1) % guardians}"
        user(
            bundle, f"u{number}", f"Given{number}", f"Family{number % 997}", agents=agents,
            grades=f"{7 + number % 6:02}", identifier="x" * padding,
        )  # fmt: skip
        enrol(bundle, f"u{number}", ("7A", "8B")[number % 2])
    for number in range(guardians):
        user(
            bundle, f"g{number}", f"Parent{number}", f"Family{number % 997}", role="parent",
            email=f"p{number}@example.org", identifier="x" * padding,
        )  # fmt: skip
    for number in range(staff):
        user(bundle, f"t{number}", f"Teacher{number}", "Staff", role="teacher", identifier="x" * padding)
    return bundle


if __name__ == "__main__":
    folder, users, *padding = sys.argv[1:]
    large(int(users), padding=int(padding[0]) if padding else 0).folder(Path(folder))
