"""The name of a class says which thing it is: no other class of the program has it."""

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator

from tests.architecture.source import Module, modules

# Names that two classes share, and why.
SHARED = {
    "DatabaseWrapper": "what Django asks of each kind of database to call its connection",
    "Template": "the engine's own, and the row that keeps it sealed: the engine knows no tables",
}


def _classes(node: ast.AST, owner: str = "") -> Iterator[tuple[str, str]]:
    """Yield the name of each public class and that of the class around it, if any; none of a function."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            if not child.name.startswith("_"):
                yield child.name, owner
            yield from _classes(child, child.name)
        elif not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _classes(child, owner)


def _scope(module: Module) -> str:
    """Return what a name has to be single in: the program, or the people for whom a folder of pages is.

    The office and a guardian each have a form of limits; no one reads both at once.
    """
    return ".".join(module.name.split(".")[:3]) if module.room == "pages" else "willing"


def _shared(sources: Iterable[Module]) -> dict[str, list[str]]:
    """Return the names that several classes have, and their modules.

    A class in a class is read with its owner (`Complaint.State`): it may be called like another one of these,
    but not like a class that stands by itself. A name of the program is none of a page's.
    """
    alone: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    owned: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for module in sources:
        for name, owner in _classes(module.tree):
            (owned if owner else alone)[name].append((_scope(module), module.name))
    found = {}
    for name, places in alone.items():
        scopes = [scope for scope, _ in places]
        if len(scopes) > len(set(scopes)) or ("willing" in scopes and len(scopes) > 1) or name in owned:
            found[name] = [module for _, module in places + owned[name]]
    return found


def test_each_class_has_a_name_of_its_own() -> None:
    shared = {name: where for name, where in _shared(modules().values()).items() if name not in SHARED}
    assert not shared, f"{shared}: name each after what it is, so that one name means one thing"


def test_a_name_is_on_the_list_only_while_two_classes_share_it() -> None:
    assert SHARED.keys() <= _shared(modules().values()).keys()


def _module(name: str, source: str) -> Module:
    module = next(iter(modules().values()))
    return Module(name, module.path, ast.parse(source))


def test_a_shared_name_is_found_wherever_it_is() -> None:
    till = _module("willing.till.rules", "class Use: ...\nclass Sale:\n    class State: ...")
    gate = _module("willing.gate.models", "class Lane:\n    class Use: ...\n    class State: ...")
    office = _module("willing.pages.console.forms", "class Form: ...")
    family = _module("willing.pages.portal.forms", "class Form: ...")
    assert _shared([till, office, family]) == {}
    assert _shared([till, gate]) == {"Use": ["willing.till.rules", "willing.gate.models"]}
    assert list(_shared([office, family, _module("willing.pages.console.uses", "class Form: ...")])) == [
        "Form"
    ]
    assert list(_shared([office, _module("willing.mail.forms", "class Form: ...")])) == ["Form"]
