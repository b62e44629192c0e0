"""The syntax of a file of the source, read once: a dozen tests look at all of it."""

import ast
from functools import cache
from pathlib import Path


@cache
def tree(path: Path) -> ast.Module:
    """Return a file's syntax."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Return every node of a file's syntax, as `ast.walk` does."""
    return tuple(ast.walk(tree(path)))
