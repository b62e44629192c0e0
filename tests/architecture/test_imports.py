"""No module imports in a circle, and none takes what another one keeps to itself."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from tests.architecture.source import Module, imports_of, modules


def circle(graph):
    """Return the modules of one circle of imports, or nothing."""
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as found:
        return found.args[1]
    return []


def test_no_imports_run_in_a_circle_not_even_inside_functions():
    graph = {
        name: {source for source, _name in imports_of(module)} - {name} for name, module in modules().items()
    }
    assert len(graph) > 200, "the source was not found"
    assert not circle(graph), "split what both need into a module below both"


def private_imports(module):
    return {
        f"{source}.{name}"
        for source, name in imports_of(module)
        if name.startswith("_") and not name.startswith("__") and source != module.name
    }


def private_uses(module):
    """Return `thing._private` where `thing` is one of our modules."""
    ours = {}
    for source, name in imports_of(module):
        if not name:
            ours[source.rsplit(".", 1)[-1]] = source
    return {
        f"{ours[node.value.id]}.{node.attr}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in ours
        and node.attr.startswith("_")
        and not node.attr.startswith("__")
    }


def test_no_module_takes_what_another_keeps_to_itself():
    taken = {
        name: found
        for name, module in modules().items()
        if (found := private_imports(module) | private_uses(module))
    }
    assert not taken, "make it public there, or ask what is public"


def test_a_circle_would_be_found():
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}})
    assert not circle({"a": {"b", "c"}, "b": {"c"}, "c": set()})


@pytest.mark.parametrize(
    "text",
    [
        "from willing.till.baskets import _lock_terminal",
        "def f():\n    from willing.till.baskets import _lock_terminal",
        "from willing.till import baskets\nbaskets._lock_terminal(1)",
    ],
)
def test_a_private_name_of_another_module_would_be_found(text):
    module = Module("willing.pages.x", Path("x.py"), ast.parse(text))
    assert private_imports(module) | private_uses(module) == {"willing.till.baskets._lock_terminal"}
