"""The source, read as syntax: its modules, what each imports, and which rows each writes."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from django.apps import apps
from django.db import models
from tests.support.syntax import tree

from willing.core.folded import FoldedField

ROOT = Path(__file__).resolve().parents[2] / "src"
CREATES = frozenset({"create", "get_or_create", "update_or_create", "bulk_create"})
# Of a row or of rows. What a dictionary, a hash or a progress bar has too takes values, these only names.
ROWS = frozenset({"save", "delete", "update"})
WRITES = CREATES | ROWS | {"bulk_update", "create_user"}
MODELS = {model.__name__: model for model in apps.get_models()}
OURS = {name: one for name, one in MODELS.items() if one.__module__.startswith("willing.")}


@dataclass(frozen=True)
class Module:
    """One file of the source. name: dotted, as it is imported."""

    name: str
    path: Path
    tree: ast.Module

    @property
    def room(self) -> str:
        """The room that it belongs to: `till` of `willing.till.baskets`."""
        return self.name.split(".")[1] if "." in self.name else ""

    @property
    def lines(self) -> int:
        return len(self.path.read_text(encoding="utf-8").splitlines())


@cache
def modules() -> dict[str, Module]:
    """Return every module of the source but the migrations, by its name."""
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        if "migrations" in path.parts:
            continue
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = Module(name, path, tree(path))
    return found


@cache
def imports_of(module: Module) -> tuple[tuple[str, str], ...]:
    """Return what a module imports of ours, wherever in it: the module, and the name (empty: all of it)."""
    return tuple(_imports_of(module))


def _imports_of(module: Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((one.name, "") for one in node.names if one.name in modules())
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("willing"):
            for one in node.names:
                whole = f"{node.module}.{one.name}"
                yield (whole, "") if whole in modules() else (node.module, one.name)


@dataclass
class Write:
    """A statement that writes rows. model: None where the syntax does not say whose."""

    module: str
    line: int
    verb: str
    model: str | None
    fields: set[str] = field(default_factory=set)


@cache
def writes_of(module: Module) -> list[Write]:
    """Return every write in a module, with the model and the fields that its syntax names."""
    found: list[Write] = []
    for scope in _functions(module.tree):
        known = _variables(scope, module)
        found += (
            Write(module.name, node.lineno, _verb(node), _model_of_call(node, known), _names_in(node))
            for node in _own(scope)
            if isinstance(node, ast.Call) and _is_write(node)
        )
    return found


def assigned_fields(module: Module) -> Iterator[tuple[str, str]]:
    """Yield (model, field) for each `row.field = …` and each field given to a model's constructor."""
    for scope in _functions(module.tree):
        known = _variables(scope, module)
        for node in _own(scope):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MODELS:
                yield from ((node.func.id, one.arg) for one in node.keywords if one.arg)
            targets = node.targets if isinstance(node, ast.Assign) else []
            targets = [node.target] if isinstance(node, ast.AugAssign) else targets
            for target in _flat(targets):
                if isinstance(target, ast.Attribute):
                    model = _model_of(target.value, known)
                    if model:
                        yield model, target.attr


def _functions(tree: ast.Module) -> list[ast.Module | ast.FunctionDef]:
    return [tree, *(one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef))]


def _own(scope: ast.Module | ast.FunctionDef) -> Iterator[ast.AST]:
    """Yield the nodes of a scope without those of functions inside it."""
    waiting: list[ast.AST] = list(ast.iter_child_nodes(scope))
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef):
            waiting.extend(ast.iter_child_nodes(node))


def _flat(targets: list[ast.expr]) -> Iterator[ast.expr]:
    for one in targets:
        yield from one.elts if isinstance(one, ast.Tuple) else [one]


def _verb(node: ast.Call) -> str:
    assert isinstance(node.func, ast.Attribute)
    return node.func.attr


def _is_write(node: ast.Call) -> bool:
    if not isinstance(node.func, ast.Attribute) or node.func.attr not in WRITES:
        return False
    return not node.args if node.func.attr in ROWS else True


def _model_of_call(node: ast.Call, known: dict[str, str]) -> str | None:
    assert isinstance(node.func, ast.Attribute)
    return _model_of(node.func.value, known)


def _model_of(node: ast.expr, known: dict[str, str]) -> str | None:  # a line for each kind
    """Return the model that an expression is about: a query of it, a row of it, or the model itself."""
    if isinstance(node, ast.Name):
        return known.get(node.id) or (node.id if node.id in MODELS else None)
    if isinstance(node, ast.Attribute):
        # `basket.lines`, `session.person`: the field says whose rows they are.
        owner = _model_of(node.value, known)
        return _related(owner, node.attr) if owner and node.attr != "objects" else owner
    if isinstance(node, ast.Subscript):
        return _model_of(node.value, known)
    if isinstance(node, ast.BoolOp | ast.IfExp):
        either = node.values if isinstance(node, ast.BoolOp) else [node.body, node.orelse]
        return next((model for one in either if (model := _model_of(one, known))), None)
    if isinstance(node, ast.Call):
        return _model_of_made(node, known)
    return None


def _model_of_made(node: ast.Call, known: dict[str, str]) -> str | None:
    if not isinstance(node.func, ast.Name):
        return _model_of(node.func, known)
    if node.func.id in ("lock", "list") and node.args:
        return _model_of(node.args[0], known)
    return node.func.id if node.func.id in MODELS else None


def _related(owner: str, name: str) -> str:
    """Return whose rows `owner.name` are; a name that is no relation is a method of the query: the same."""
    fields = {one.name: one.related_model for one in MODELS[owner]._meta.fields}
    fields |= {str(one.get_accessor_name()): one.related_model for one in MODELS[owner]._meta.related_objects}
    related = fields.get(name)
    return related.__name__ if related is not None else owner


# What gives a variable its rows.
_BINDS = ast.Assign | ast.For | ast.comprehension | ast.NamedExpr | ast.AnnAssign


def _variables(scope: ast.Module | ast.FunctionDef, module: Module) -> dict[str, str]:
    """Return which model's rows each variable of a scope holds, as annotations and assignments say."""
    known: dict[str, str] = {}
    if isinstance(scope, ast.FunctionDef):
        arguments = [*scope.args.args, *scope.args.kwonlyargs]
        known |= {one.arg: model for one in arguments if (model := _annotated(one.annotation))}
    binding = (node for node in _own(scope) if isinstance(node, _BINDS))
    ordered = sorted(binding, key=lambda node: (getattr(node, "lineno", 0), getattr(node, "col_offset", 0)))
    for node in ordered:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                _bind(target, node.value, known, module)
        elif isinstance(node, ast.For | ast.comprehension):
            _bind(node.target, node.iter, known, module)
        elif isinstance(node, ast.NamedExpr):
            _bind(node.target, node.value, known, module)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            model = _annotated(node.annotation)
            if model:
                known[node.target.id] = model
    return known


def _bind(target: ast.expr, value: ast.expr, known: dict[str, str], module: Module) -> None:
    names = list(_flat([target]))
    values = list(value.elts) if isinstance(value, ast.Tuple) else [value] * len(names)
    for one, its in zip(names, values, strict=False):
        model = _model_of(its, known) or _returned(its, module)
        if isinstance(one, ast.Name) and model:
            known[one.id] = model


def _annotated(annotation: ast.expr | None) -> str | None:
    if annotation is None:
        return None
    return next(
        (one.id for one in ast.walk(annotation) if isinstance(one, ast.Name) and one.id in MODELS), None
    )


def _returned(node: ast.expr, module: Module) -> str | None:
    """Return the model whose rows a called function returns: one of this module, or imported into it."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
        return None
    return _returns(module.name).get(node.func.id)


@cache
def _returns(module_name: str) -> dict[str, str]:
    module = modules()[module_name]
    found = {
        name: model
        for source, name in imports_of(module)
        if name and source != module_name and (model := _own_returns(source).get(name))
    }
    return found | _own_returns(module_name)


@cache
def _own_returns(module_name: str) -> dict[str, str]:
    functions = (one for one in ast.walk(modules()[module_name].tree) if isinstance(one, ast.FunctionDef))
    return {one.name: model for one in functions if (model := _annotated(one.returns))}


def _names_in(node: ast.Call) -> set[str]:
    """Return the fields that a write names: keywords, keys of `defaults`, and lists of field names."""
    found: set[str] = set()
    for one in node.keywords:
        if one.arg in ("defaults", "create_defaults") and isinstance(one.value, ast.Dict):
            found |= {str(key.value) for key in one.value.keys if isinstance(key, ast.Constant)}
        elif one.arg == "update_fields":
            found |= {str(leaf.value) for leaf in ast.walk(one.value) if isinstance(leaf, ast.Constant)}
        elif one.arg:
            found.add(one.arg)
    if _verb(node) == "bulk_update":
        for value in node.args[1:2]:
            found |= {str(leaf.value) for leaf in ast.walk(value) if isinstance(leaf, ast.Constant)}
    return found


def fills_itself(one: models.Field) -> bool:
    """Say whether a field gets its value by itself when its row is made: an id, the moment, a fold."""
    if isinstance(one, models.AutoField | models.BigAutoField | models.CompositePrimaryKey):
        return True
    if isinstance(one, FoldedField):
        return True
    return one.has_default() and callable(one.default)
