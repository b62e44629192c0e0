"""Live through many lunch hours: python -m tests.simulator --hours 10000 --seed 7.

A part is a hundred hours from a fresh school on; parts follow from the seed and their number alone. What is
done is kept beside, so that the same command goes on where it was broken off, as long as the code is the
same. At the first fault it ends with 1 and prints the command that lives through that part again.
"""

import hashlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

PART = 100
ROOT = Path(__file__).resolve().parents[2]
KEPT = Path(".cache") / "simulator"
TOLD = (
    *(
        "hours",
        "baskets",
        "sales",
        "cash_sales",
        "voids",
        "refunds",
        "duplicates",
        "pay_ins",
        "reversals",
        "siblings",
        "pay_outs",
    ),
    *("bookings", "closes", "kills", "lost_answers", "seconds"),
)


def _build(home: Path) -> Callable[[], Any]:
    """Build the cast in an installation of its own. Return a function that lends a fresh copy of it."""
    os.umask(0o077)
    os.environ |= {"WILLING_HOME": str(home), "DJANGO_SETTINGS_MODULE": "willing.config.settings"}
    import django

    django.setup()
    from django.db import connections
    from tests.support.school import Cast, build

    from willing.keys.set_up import set_up

    for alias in connections:
        # Who dies here dies by an exception: the disk need not be waited for.
        options = connections[alias].settings_dict["OPTIONS"]
        options["init_command"] = options["init_command"].replace("synchronous=FULL", "synchronous=OFF")
    set_up()
    known = build()
    connections.close_all()
    files = [Path(str(connections[alias].settings_dict["NAME"])) for alias in connections]
    kept = home / "template"
    kept.mkdir()
    for file in files:
        shutil.copy(file, kept / file.name)

    def fresh() -> Cast:
        connections.close_all()
        for file in files:
            for ending in ("-wal", "-shm"):
                file.with_name(file.name + ending).unlink(missing_ok=True)
            shutil.copy(kept / file.name, file)
        return Cast(*known)

    return fresh


def _run_part(fresh: Callable[[], Any], seed: int, part: int, hours: int) -> dict[str, Any]:
    from tests.simulator.world import World

    began = time.monotonic()
    world = World(fresh(), f"{seed}/{part}")
    try:
        for _ in range(hours):
            world.run_hour()
    finally:
        world.leave()
    seconds = round(time.monotonic() - began, 1)
    refused = dict(world.counts.refused)
    counts = {name: one for name, one in vars(world.counts).items() if name != "refused"}
    return {**counts, "refused": refused, "digest": world.digest, "seconds": seconds}


def _line(parts: list[dict[str, Any]]) -> str:
    total = Counter[str]()
    for part in parts:
        total.update({name: part[name] for name in TOLD})
        total["refused"] += sum(part["refused"].values())
    return ", ".join(f"{count:,.0f} {name.replace('_', ' ')}" for name, count in total.items())


def _sources() -> str:
    """Return a name of the code as it is: hours that other code lived through prove nothing of this one."""
    said = hashlib.sha256()
    for folder in ("src/willing", "tests/simulator", "tests/support"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".py", ".toml", ".json"}:
                said.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return said.hexdigest()[:16]


@click.command()
@click.option("--hours", default=300, show_default=True)
@click.option("--seed", default=1, show_default=True)
@click.option("--part", "only", type=int, help="Live through this part only, again.")
def main(hours: int, seed: int, only: int | None) -> None:
    """Live through lunch hours, a part of a hundred at a time."""
    KEPT.mkdir(parents=True, exist_ok=True)
    path = KEPT / f"{seed}-{_sources()}.json"
    done: dict[str, Any] = json.loads(path.read_text()) if only is None and path.is_file() else {}
    parts = [only] if only is not None else range(-(-hours // PART))
    with tempfile.TemporaryDirectory(prefix="willing-simulator-") as folder:
        fresh = _build(Path(folder))
        for part in parts:
            wanted = PART if only is not None else min(PART, hours - part * PART)
            if done.get(str(part), {}).get("hours", 0) >= wanted:
                continue
            try:
                done[str(part)] = _run_part(fresh, seed, part, wanted)
            except Exception as error:  # noqa: BLE001  # whatever it is, it was not promised
                click.echo(f"seed {seed} part {part}: {type(error).__name__}: {error}")
                click.echo(f"replay: {sys.executable} -m tests.simulator --seed {seed} --part {part}")
                sys.exit(1)
            if only is None:
                path.write_text(json.dumps(done, indent=1))
            click.echo(f"seed {seed} part {part}: {_line([done[str(part)]])}")
    click.echo(f"seed {seed}: {_line(list(done.values()))}; every promise held")


if __name__ == "__main__":
    main()
