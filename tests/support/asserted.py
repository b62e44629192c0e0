"""What the tests assert, read from their syntax: that a word stands somewhere in a test is not enough."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

WORD = re.compile(r"[a-z0-9_]+")
# A helper's parameters that it asserts, by its name: where each stands, and what it is called.
Helpers = dict[str, dict[str, int]]


def asserted_in(path: Path) -> set[str]:
    """Return every word that a function of this file asserts or expects to be raised.

    Such a word stands in an `assert`, in a call of `raises`, in an argument of a helper of the same file that
    asserts this argument, or in a table or a column of `parametrize` that one of these places names.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    tables = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    helpers = {one.name: given for one in _functions(tree) if (given := _asserted_parameters(one))}
    found: set[str] = set()
    for function in _functions(tree):
        places = list(_places(function, helpers))
        names = _names(places)
        columns = _columns(function, names, tables)
        for node in (*places, *columns, *(tables[name] for name in names & tables.keys())):
            found |= _words(node)
    return found


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _names(places: list[ast.AST]) -> set[str]:
    return {node.id for place in places for node in ast.walk(place) if isinstance(node, ast.Name)}


def _words(node: ast.AST) -> set[str]:
    texts = (one.value for one in ast.walk(node) if isinstance(one, ast.Constant))
    return {word for text in texts if isinstance(text, str) for word in WORD.findall(text)}


def _places(function: ast.FunctionDef, helpers: Helpers) -> Iterator[ast.AST]:
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            yield node.test
        elif isinstance(node, ast.Call) and _name(node) == "raises":
            yield node
        elif isinstance(node, ast.Call) and _name(node) in helpers:
            asserted = helpers[_name(node)]
            yield from (one for number, one in enumerate(node.args) if number in asserted.values())
            yield from (one.value for one in node.keywords if one.arg in asserted)


def _asserted_parameters(function: ast.FunctionDef) -> dict[str, int]:
    """Return those of a helper's parameters that it asserts itself; a test's are fixtures and columns."""
    if function.name.startswith("test_"):
        return {}
    names = _names(list(_places(function, {})))
    given = [*function.args.args, *function.args.kwonlyargs]
    return {one.arg: number for number, one in enumerate(given) if one.arg in names}


def _columns(function: ast.FunctionDef, names: set[str], tables: dict[str, ast.expr]) -> Iterator[ast.expr]:
    """Yield what `parametrize` gives to those parameters of a test that it asserts."""
    for call in function.decorator_list:
        if not isinstance(call, ast.Call) or _name(call) != "parametrize" or len(call.args) < 2:
            continue
        texts = (one.value for one in ast.walk(call.args[0]) if isinstance(one, ast.Constant))
        heads = [head.strip() for text in texts for head in str(text).split(",")]
        rows = (
            tables.get(call.args[1].id, call.args[1]) if isinstance(call.args[1], ast.Name) else call.args[1]
        )
        if not isinstance(rows, ast.List | ast.Tuple):
            yield from [rows] if names & set(heads) else []
            continue
        for row in rows.elts:
            yield from (
                cell for head, cell in zip(heads, _cells(row, len(heads)), strict=False) if head in names
            )


def _cells(row: ast.expr, columns: int) -> list[ast.expr]:
    if isinstance(row, ast.Call) and _name(row) == "param":
        return row.args
    return row.elts if isinstance(row, ast.Tuple) and columns > 1 else [row]
