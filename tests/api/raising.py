"""Which refusals a function can raise, read from its source and from that of everything it names.

More than really happens, never less, within what names can tell: functions that are called through a variable
are followed where they were named, methods of our own classes are not followed (none of them refuses, which
`test_no_method_refuses` holds).
"""

import ast
import importlib
import inspect
import textwrap
from collections.abc import Callable
from functools import cache
from types import FunctionType, ModuleType
from typing import Any

from willing.core.errors import Refused


def codes_of(function: Callable[..., Any]) -> set[str]:
    """Return the code of every refusal that `function` or anything it names can raise."""
    found: set[str] = set()
    seen: set[FunctionType] = set()
    waiting = [_plain(function)]
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        codes, named = _read(one)
        found |= codes
        waiting += named
    return found


def _plain(function: Callable[..., Any]) -> FunctionType:
    plain = inspect.unwrap(function)
    assert isinstance(plain, FunctionType), function
    return plain


@cache
def _read(function: FunctionType) -> tuple[frozenset[str], tuple[FunctionType, ...]]:
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    names = dict(function.__globals__)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("willing."):
            module = importlib.import_module(node.module)
            names |= {one.asname or one.name: getattr(module, one.name) for one in node.names}
    # A variable of the function's own hides the name of something else.
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.pop(node.id, None)
    codes: set[str] = set()
    named: list[FunctionType] = []
    for node in ast.walk(tree):
        target = _resolve(node, names)
        if target is Refused:
            continue
        if isinstance(node, ast.Call) and _resolve(node.func, names) is Refused:
            assert isinstance(node.args[0], ast.Constant)
            codes.add(str(node.args[0].value))
        elif callable(target) and getattr(target, "__module__", "").startswith("willing."):
            plain = inspect.unwrap(target)
            if isinstance(plain, FunctionType):
                named.append(plain)
    return frozenset(codes), tuple(named)


def _resolve(node: ast.AST, names: dict[str, Any]) -> Any:
    """Return what a name, or an attribute of a module, stands for; None for everything else."""
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.Attribute):
        holder = _resolve(node.value, names)
        return getattr(holder, node.attr, None) if isinstance(holder, ModuleType) else None
    return None
