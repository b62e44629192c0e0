"""Change the rules in every small way, one at a time, and see whether their tests notice: make mutants.

Each change is made in memory, in a process of its own that is forked from one in which everything is loaded
already; no file is ever changed. The tests of a room's rules are tests/<room>/test_rules.py. A change that
nothing notices is a survivor: docs/develop/mutants.md lists those that may live, each with its reason.
"""

import ast
import importlib
import os
import re
import signal
import sys
import types
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
import click
import django
import hypothesis  # loaded once, before the forks
import pytest
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

# A busy computer draws its examples slowly; that must not pass for a change that was noticed.
hypothesis.settings.register_profile(
    "mutants", deadline=None, suppress_health_check=list(hypothesis.HealthCheck)
)
hypothesis.settings.load_profile("mutants")

ROOT = Path(__file__).resolve().parents[2]
LIST = ROOT / "docs" / "develop" / "mutants.md"
SECONDS_MAX = 30  # of the processor: a busy computer is no change that was noticed
KILLED_PERCENT_MIN = 95
# Pure rules need no plugin, no settings of the suite and no database: one change takes a tenth of a second.
PYTEST = ("-q", "-x", "--noconftest", "-p", "no:cacheprovider", "-c", os.devnull, "--import-mode=importlib")


@dataclass(frozen=True)
class Mutant:
    """One changed version of a room's rules. line: where, as it was and as it is."""

    room: str
    code: str
    line: int
    was: str
    now: str

    @property
    def name(self) -> str:
        """What the list of survivors calls it; without the line's number, which moves."""
        return f"{self.room}: `{self.was.strip()}` → `{self.now.strip()}`"


def mutants_of(room: str) -> Iterator[Mutant]:
    """Yield every small change of a room's rules once; what changes only an annotation is no change."""
    source = (ROOT / "src" / "willing" / room / "rules.py").read_text(encoding="utf-8")
    seen = {_meaning(source)}
    for name in sorted(operator_names()):
        operator_class = get_operator(name)
        if operator_class.arguments():
            continue
        operator = operator_class()
        places = sum(len(list(operator.mutation_positions(node))) for node in ast_nodes(get_ast(source)))
        for place in range(places):
            code = mutate_code(source, operator, place)
            meaning = _meaning(code) if code else None
            if code is None or meaning is None or meaning in seen:
                continue
            seen.add(meaning)
            yield Mutant(room, code, *_difference(source, code))


def _meaning(code: str) -> str:
    """Return what a module does, without its annotations; the code itself where it is none."""
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return code
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        if isinstance(node, ast.arg):
            node.annotation = None
        if isinstance(node, ast.AnnAssign):
            node.annotation = ast.Name("object")
    return ast.dump(tree)


def _difference(source: str, code: str) -> tuple[int, str, str]:
    pairs = zip(source.splitlines(), code.splitlines(), strict=False)
    return next((number, was, now) for number, (was, now) in enumerate(pairs, start=1) if was != now)


def survivors_of(mutants: Iterable[Mutant]) -> list[Mutant]:
    """Return those that the tests of the room's rules do not notice, each in a process of its own."""
    running: dict[int, Mutant] = {}
    lived = []

    def wait_for_one() -> None:
        child, status = os.wait()
        mutant = running.pop(child)
        if status == 0:
            lived.append(mutant)

    for mutant in mutants:
        if len(running) == os.cpu_count():
            wait_for_one()
        child = os.fork()
        if child == 0:
            _test(mutant)
        running[child] = mutant
    while running:
        wait_for_one()
    return sorted(lived, key=lambda one: one.line)


def _test(mutant: Mutant) -> None:
    """Put the changed rules in the place of the real ones, run their tests, and end the process."""
    signal.setitimer(signal.ITIMER_PROF, SECONDS_MAX)  # a change may make a loop endless: that is noticed
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    code = 1
    try:
        name = f"willing.{mutant.room}.rules"
        changed = types.ModuleType(name)
        changed.__file__ = f"<{mutant.room}/rules.py>"
        sys.modules[name] = changed
        exec(compile(mutant.code, changed.__file__, "exec"), changed.__dict__)  # noqa: S102  # our own code
        importlib.import_module(f"willing.{mutant.room}").rules = changed  # type: ignore[attr-defined]
        code = int(pytest.main([*PYTEST, str(ROOT / "tests" / mutant.room / "test_rules.py")]))
    except BaseException:  # noqa: BLE001  # whatever it raises, it was noticed
        code = 1
    os._exit(0 if code == 0 else 1)


def _excused() -> set[str]:
    """Return the names of the survivors that the list gives a reason for."""
    text = LIST.read_text(encoding="utf-8") if LIST.is_file() else ""
    return set(re.findall(r"^- (\S+: `.*` → `.*`)", text, flags=re.MULTILINE))


@click.command()
@click.argument("rooms", nargs=-1)
def main(rooms: tuple[str, ...]) -> None:
    """Change the rules of ROOMS (all that have any) and print which changes no test notices."""
    django.setup()
    here = rooms or tuple(sorted(path.parent.name for path in (ROOT / "src/willing").glob("*/rules.py")))
    excused, killed, lived, unexcused = _excused(), 0, 0, 0
    for room in here:
        importlib.import_module(f"willing.{room}.rules")
        source = (ROOT / "src" / "willing" / room / "rules.py").read_text(encoding="utf-8")
        if not survivors_of([Mutant(room, source, 0, "", "")]):
            raise click.ClickException(f"tests/{room}/test_rules.py fails on the rules as they are")
        mutants = list(mutants_of(room))
        survivors = survivors_of(mutants)
        killed, lived = killed + len(mutants) - len(survivors), lived + len(survivors)
        click.echo(f"{room}: {len(mutants)} changes, {len(survivors)} not noticed")
        for one in survivors:
            unexcused += one.name not in excused
            click.echo(f"  {'' if one.name in excused else 'NEW '}line {one.line}: {one.name}")
    percent = 100 * killed / max(killed + lived, 1)
    click.echo(
        f"mutants: {killed} of {killed + lived} noticed ({percent:.1f} %), {unexcused} without a reason"
    )
    sys.exit(percent < KILLED_PERCENT_MIN or unexcused > 0)


if __name__ == "__main__":
    main()
