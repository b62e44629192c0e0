"""Hostile values for every parameter of every page: which pages there are, and which names they read."""

import ast
import functools
import inspect
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from django import forms
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from tests.support.signing import sign_in

from willing.terminals.models import Terminal
from willing.terminals.pairing import pair_terminal, start_pairing

BLANK = "12345678-1234-4678-8234-567812345678"
# What no text of ours may hold: the middleware refuses it before anything reads it.
UNREADABLE = ("\x00", "a\x00b", r'{"a": "\u0000"}', r'["\ud800"]', r'{"\udfff": 1}')
# Sent to one field after the other, the rest plain; the first few in `make test`, all in `make faults`.
ALONE = (
    "9" * 19,
    "0001-01-01",
    "[]",
    "9999-12-31",
    "[" * 20_000,
    "9" * 5000,
    "1e999",
    '{"id": {}}',
    "😀" * 3000,
)
# Sent in all fields together.
TOGETHER = (
    *(
        "",
        "9" * 19,
        "0001-01-01",
        BLANK,
        "{",
        '{"id": {}}',
        "\u202eevil\ufeff\u0007",
        "9999-12-31",
        " ",
        "-1",
        "0",
    ),
    *("1e999", "NaN", "Infinity", "٣٤", "2026-02-30T25:61", "[]", '"x"', "' OR 1=1 --", "../../etc/passwd"),
    *("%00%s%(x)s{0}", "self"),
)
# What the other fields say while one of them is hostile, so that its value is reached.
PLAIN = {
    "amount": "1",
    "daily": "1",
    "face_daily": "1",
    "families_reached": "1",
    "answer": "yes",
    "by": "self",
    "code": "x",
    "number": "1001",
    "pin": "4711",
    "reason": "welfare",
    "review_on": "2027-01-01",
    "asked_on": "2026-01-01",
    "happened_on": "2026-01-01",
    "last_day": "2027-01-01",
    "likelihood": "low",
    "harm": "low",
    "mitigation": "x",
    "what": "x",
    "done": "x",
    "how": "x",
    "said": "x",
    "outcome": "done",
    "name": "x",
    "purpose": "canteen",
    "location": "canteen",
    "ways": "card",
    "key": BLANK,
    "who": "self",
    "username": "somebody",
    "password": "four quite ordinary words",
    "login": "x",
    "card": "x",
    "kind": "other",
}
METHODS = ("get", "post")
_READS = frozenset({"get", "getlist"})


def patterns(resolver: Any = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in (resolver or get_resolver()).url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern, path)
        elif isinstance(pattern, URLPattern):
            yield path, pattern


@functools.cache
def pages() -> list[tuple[str, URLPattern]]:
    return [(path, one) for path, one in patterns() if not path.startswith("api/v1/")]


def addresses(path: str, known: dict[str, list[str]]) -> list[str]:
    """Return a page's address with each value of `known` in its converters, one after the other.

    known: values by the parameter's name (`person_id`), else by its converter (`int`, `slug`, `str`).
    """
    parts = re.findall(r"<(?:(\w+):)?(\w+)>", path)
    sets = [known.get(name) or known.get(kind, ["x"]) for kind, name in parts]
    filled = []
    for number in range(max((len(values) for values in sets), default=1)):
        address = path
        for (kind, name), values in zip(parts, sets, strict=True):
            full = f"<{kind}:{name}>" if kind else f"<{name}>"
            address = address.replace(full, quote(values[number % len(values)], safe=""), 1)
        filled.append("/" + address)
    return filled


@functools.cache
def _functions(module: str) -> dict[str, ast.AST]:
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}


@functools.cache
def fields_of(pattern: URLPattern) -> frozenset[str]:
    """Return the names of query and form fields that a page's view reads, itself and through other pages."""
    view = inspect.unwrap(pattern.callback)
    view = getattr(view, "view_class", view)
    if not view.__module__.startswith("willing."):
        return frozenset(_fields_of_class(view))
    return frozenset(_fields_in(view.__module__, view.__name__, set())) | _fields_of_class(view)


def _fields_of_class(view: Any) -> set[str]:
    found = set()
    for one in inspect.getmro(view) if isinstance(view, type) else ():
        for name in ("form_class", "webauthn_form_class"):
            found |= set(getattr(vars(one).get(name), "base_fields", {}))
    return found


def _fields_in(module: str, name: str, seen: set[tuple[str, str]]) -> set[str]:
    if (module, name) in seen:
        return set()
    seen.add((module, name))
    found: set[str] = set()
    node = _functions(module).get(name)
    for one in ast.walk(node) if node else ():
        if isinstance(one, ast.Call) and getattr(one.func, "attr", "") in _READS and one.args:
            found |= _text(one.args[0])
        elif isinstance(one, ast.Subscript):
            found |= _text(one.slice)
        elif isinstance(one, ast.Compare):
            found |= _text(one.left)
        elif isinstance(one, ast.Name):
            thing = vars(sys.modules[module]).get(one.id)
            if isinstance(thing, type) and issubclass(thing, forms.Form):
                found |= {*thing.base_fields, "amount", "daily", "face_daily", "who", "text"}
            elif inspect.isfunction(thing) and thing.__module__.startswith("willing.pages."):
                found |= _fields_in(thing.__module__, thing.__name__, seen)
    return found


def _text(node: ast.expr) -> set[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
        return {node.value}
    return set()


@functools.cache
def every_field() -> frozenset[str]:
    """Return the names that any page reads."""
    return frozenset(PLAIN).union(*(fields_of(one) for _, one in pages()))


def broken_answers(
    client: Client, address: str, fields: dict[str, str], what: str, methods: Sequence[str] = METHODS
) -> list[str]:
    """Send `fields` in the query and as a form; return what the page answered with a fault of ours."""
    return _faults(address, what, _statuses(client, address, fields, methods))


def _statuses(
    client: Client, address: str, fields: dict[str, str], methods: Sequence[str] = METHODS
) -> dict[str, int]:
    # As a browser sends a form without files: in parts, hundreds of fields take most of the time.
    form = urlencode(fields, safe="[]")
    sent: dict[str, Callable[[], Any]] = {
        "get": lambda: client.get(address, fields),
        "post": lambda: client.post(address, form, content_type="application/x-www-form-urlencoded"),
    }
    return {method: sent[method]().status_code for method in methods}


def _faults(address: str, what: str, statuses: dict[str, int]) -> list[str]:
    return [
        f"{status} {method} {address[:100]} {what}"
        for method, status in statuses.items()
        if status >= 500 and status != 503
    ]


def known(cast: Any) -> dict[str, list[str]]:
    """Return what stands in addresses: some that exist, and some that are as far out as can be."""
    return {
        "person_id": [str(cast.person("Ada").id), BLANK, str(cast.person("Nia").id)],
        "guardian_id": [str(cast.guardian("Gus").id), BLANK],
        "terminal_id": [str(cast.till.id), BLANK],
        "uuid": [BLANK],
        "int": ["1", "0", "9" * 19, "9" * 5000],
        "slug": ["canteen", "x" * 3000, "school"],
        "str": ["x", "é" * 3000, "a:b:c", "\u202e"],
    }


def visitor(cast: Any, who: str, till: Terminal) -> Client:
    """A paired till's browser, with `who` signed in."""
    Terminal.objects.filter(pk=till.pk).update(retired_at=None)  # another page retires it
    client = Client(raise_request_exception=False)
    client.cookies["willing_till"] = pair_terminal(start_pairing(till), key=who).token
    return client if who == "nobody" else sign_in(client, cast.user(who))


def opens(pattern: URLPattern, who: str) -> bool:
    access = getattr(pattern.callback, "willing_access", "anyone")
    return not access.startswith("roles:") or who in access.removeprefix("roles:").split(",")


def walk(
    cast: Any,
    who: str,
    where: list[tuple[str, URLPattern]],
    *,
    together: tuple[str, ...],
    alone: tuple[str, ...],
) -> list[str]:
    """Send each of `together` in all fields at once, and each of `alone` in one field after the other."""
    broken = []
    everything = every_field()
    # Asked for before the first page: one of them renames tills.
    till, values = cast.till, known(cast)
    for path, pattern in where:
        client = visitor(cast, who, till)
        first, *others = addresses(path, values)
        taken = set(METHODS)
        for value in together:
            statuses = _statuses(client, first, dict.fromkeys(everything, value))
            broken += _faults(first, value, statuses)
            # A method that a page does not take reads no field.
            taken -= {method for method, status in statuses.items() if status == 405}
        for address in others:
            broken += broken_answers(client, address, PLAIN, "")
        methods = sorted(taken)
        for field in sorted(fields_of(pattern)):
            cache.clear()  # whoever tried too often is only told to wait
            for value in alone:
                broken += broken_answers(
                    client, first, {**PLAIN, field: value}, f"{field}={value[:20]}", methods
                )
    return broken
