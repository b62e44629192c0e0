"""Hurt a school until the time is over: python -m tests.faults --for 30m --seed 7.

At the first promise that does not hold it ends with 1 and prints the command that runs that scenario with
the same seed again.
"""

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

import click
from tests.faults import (
    clocks,
    connections,
    disks,
    entries,
    kills,
    pages,
    races,
    restores,
    standbys,
    statements,
)
from tests.faults.plan import plan, seconds_of
from tests.faults.scenario import SCENARIOS, Case, NotPossible
from tests.faults.school import School, build

MODULES = (
    clocks,
    connections,
    disks,
    entries,
    kills,
    pages,
    races,
    restores,
    standbys,
    statements,
)  # importing them lists their scenarios


def _run(name: str, seed: int, template: School, folder: Path) -> str:
    """Run one scenario on a fresh copy. Return what it did; raises what it raises."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=f"{name}-") as scratch:
        school = template.copy(Path(scratch) / "home")
        return SCENARIOS[name](Case(seed, Random(f"{seed}:{name}"), school, Path(scratch)))


class _Told:
    """What is printed, and what is counted for the last line."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.passed: Counter[str] = Counter()
        self.impossible: dict[str, str] = {}

    def try_one(self, name: str, seed: int, template: School, folder: Path) -> bool:
        """Run one scenario and print its line. Return whether every promise held."""
        started = time.monotonic()
        try:
            line = f"ok    {_run(name, seed, template, folder)}"
            self.passed[name] += 1
        except NotPossible as error:
            line = f"--    not possible here: {error}"
            self.impossible[name] = str(error)
        except Exception as error:  # noqa: BLE001  # whatever it is, it was not promised
            click.echo(f"seed {seed:<9} {name:<22} FAILED {type(error).__name__}: {error}")
            click.echo(f"replay: {sys.executable} -m tests.faults --seed {seed} --scenario {name}")
            return False
        click.echo(f"seed {seed:<9} {name:<22} {time.monotonic() - started:5.1f} s  {line}")
        return True

    def close(self, seed: int, *, is_whole: bool) -> None:
        """Print the last line."""
        minutes = (time.monotonic() - self.began) / 60
        counts = ", ".join(f"{name} {count}" for name, count in sorted(self.passed.items()))
        for name, why in self.impossible.items():
            click.echo(f"not tried: {name}: {why}")
        end = "every promise held" if is_whole else "A PROMISE DID NOT HOLD"
        click.echo(
            f"faults: seed {seed}, {sum(self.passed.values())} runs in {minutes:.1f} min ({counts}): {end}"
        )


@click.command()
@click.option("--for", "duration", default="30m", show_default=True, help="90s, 30m, 1h.")
@click.option("--seed", type=int, default=None, help="The same seed makes the same choices.")
@click.option("--scenario", "name", type=click.Choice(sorted(SCENARIOS)), help="Run only this one, once.")
def main(duration: str, seed: int | None, name: str | None) -> None:
    """Hurt a school in every way that is known here; it must lose no promise, and sell again."""
    seed = int(time.time()) if seed is None else seed
    try:
        seconds = seconds_of(duration)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    with tempfile.TemporaryDirectory(prefix="willing-faults-") as scratch:
        folder = Path(scratch)
        template = build(folder / "template")
        told = _Told()
        is_whole = True
        for one, own in [(name, seed)] if name else plan(seed, list(SCENARIOS)):
            is_whole = told.try_one(one, own, template, folder)
            if not is_whole or time.monotonic() - told.began > seconds:
                break
        told.close(seed, is_whole=is_whole)
    sys.exit(0 if is_whole else 1)


if __name__ == "__main__":
    main()
