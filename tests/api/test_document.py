"""The OpenAPI document says everything that a client meets: each status, each code, each header."""

import ast
from pathlib import Path

import pytest
from tests.api.raising import codes_of

from willing.api import schemas, till_schemas
from willing.api.examples import EXAMPLES
from willing.api.negotiation import READS
from willing.api.problems import HTTP_PROBLEMS, STATUS
from willing.api.refusals import REFUSALS
from willing.api.urls import api

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "willing"
OPERATIONS = {
    str(operation.operation_id): operation
    for _prefix, router in api._routers
    for view in router.path_operations.values()
    for operation in view.operations
}
DOCUMENT = api.get_openapi_schema(path_prefix="/api/v1/")
DESCRIBED = {
    operation["operationId"]: operation
    for methods in DOCUMENT["paths"].values()
    for operation in methods.values()
}
# Refused before or around the operation itself, so not to be found in what it names.
AROUND = {"idempotency_key_missing", "database_busy"}
NEVER = "the session is the basket's own, found a line before"
NOT_SHOWN = "whoever was shown is forgotten, and the basket is open as it is asked to be"
NEVER_OPEN = "asked for an open basket, and it is one"
NO_SCREEN = "no screen of ours says what it showed: its till names the basket"
LIVE_ONE = "asked for one that is open or identified, and it is neither"
# What an answer about consent can be refused for, whoever gives it, however.
ANSWERS = ("not_a_guardian", "nothing_to_withdraw", "paper_missing", "purpose_not_served", "yes_only_heard")
# What the code names and no caller can meet, and why.
UNREACHABLE = {
    "open_basket": {
        "session_closed": NEVER,
        "basket_unknown": "it has just been opened",
        "terminal_does_not_sell": "the token of a terminal that sells nothing lets nobody in",
    },
    "current_basket": {"session_closed": NEVER},
    "cancel_current_basket": {"session_closed": NEVER},
    "basket": {"session_closed": NEVER},
    "cancel_basket": {"session_closed": NEVER},
    "identify": {
        "session_closed": NEVER,
        "not_identified": NEVER_OPEN,
        "identification_expired": NOT_SHOWN,
    },
    "deny": {
        "session_closed": NEVER,
        "screen_changed": NO_SCREEN,
        "identification_expired": "forgotten already: that is what the press asks for",
        "already_identified": "asked for one who is shown, and nobody is",
    },
    "confirm": {
        "correction_too_large": "a sale takes nothing back",
        "screen_changed": NO_SCREEN,
        "session_closed": NEVER,
        "already_identified": "asked for one who is shown, and nobody is",
        "amount_not_positive": "a part of nothing is not moved",
        "not_covered": "who pays how much was decided while the wallet was locked",
    },
    "look_up": {
        "session_closed": NEVER,
        "not_identified": NEVER_OPEN,
        "identification_expired": NOT_SHOWN,
    },
    "set_line": {
        "session_closed": NEVER,
        "not_identified": NEVER_OPEN,
        "identification_expired": NOT_SHOWN,
        "quantity_not_valid": "the body allows no other",
    },
    "parked_baskets": {"session_closed": NEVER},
    "park_basket": {
        "session_closed": NEVER,
        "already_identified": LIVE_ONE,
        "not_identified": LIVE_ONE,
        "identification_expired": LIVE_ONE,
        "basket_parked": "that is what is asked for",
    },
    "take_back": {
        "session_closed": NEVER,
        "basket_empty": "an empty one that is open is closed instead",
        "terminal_does_not_sell": "the token of a terminal that sells nothing lets nobody in",
    },
    "stop_using_face": {
        "screen_changed": NO_SCREEN,
        "session_closed": NEVER,
        "already_identified": "asked for one who is shown, and nobody is",
        **dict.fromkeys(ANSWERS, "a withdrawal of one's own, by one who had said yes"),
    },
    "open_session": {
        "session_closed": NEVER,
        "not_identified": NEVER_OPEN,
        "identification_expired": NOT_SHOWN,
    },
    "refund": {
        "nothing_to_refund": "the body allows no empty list",
        "drawer_closed": "it names no drawer, and is refused for that",
        "amount_not_positive": "what was sold is more than nothing",
        "not_covered": "only a wallet has a floor, and money comes from the school's account",
    },
}


def declared(name):
    return {refusal().code for refusal in REFUSALS[name]}


def test_every_operation_is_described_and_declares_its_refusals():
    assert set(OPERATIONS) == set(DESCRIBED) == set(REFUSALS)


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_an_operation_declares_what_its_code_can_raise_and_no_more(name):
    raised = codes_of(OPERATIONS[name].view_func)
    never = set(UNREACHABLE.get(name, ()))
    assert never <= raised, "nobody raises this any more"
    assert declared(name) - AROUND == raised - never - AROUND


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_every_status_and_code_stands_in_the_document(name):
    operation = DESCRIBED[name]
    for code in declared(name):
        response = operation["responses"][str(STATUS.get(code, 409))]
        assert code in response["content"]["application/problem+json"]["examples"]
    for status, response in operation["responses"].items():
        if int(status) < 400:
            continue
        content = response["content"]["application/problem+json"]
        assert content["schema"] == {"$ref": "#/components/schemas/Problem"}
        assert all(one["value"]["status"] == int(status) for one in content["examples"].values())
    assert {"400", "406", "500"} <= set(operation["responses"])
    assert ("415" in operation["responses"]) == (name in READS)


def test_no_method_refuses():
    """The reading of the source follows functions; a method that refused would be overlooked."""
    rooms = (
        "till", "credentials", "terminals", "biometrics", "dpia", "keys", "ledger", "consent",
        "people", "accounts", "core",
    )  # fmt: skip
    paths = [path for room in rooms for path in (SOURCE / room).rglob("*.py")]
    faults = [
        f"{path.name}: {one.name}"
        for path in paths
        for one in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(one, ast.ClassDef) and "errors." in ast.unparse(one)
    ]
    assert not faults


def test_only_pairing_needs_no_token_and_refunds_and_look_ups_a_scope_of_their_own():
    security = {name: operation["security"] for name, operation in DESCRIBED.items()}
    assert security.pop("pair") == []
    assert security.pop("refund") == [{"TerminalToken": ["refund"]}]
    assert security.pop("look_up") == [{"TerminalToken": ["look_up"]}]
    assert all(one == [{"TerminalToken": ["sell"]}] for one in security.values())
    assert DOCUMENT["components"]["securitySchemes"]["TerminalToken"] == {"type": "http", "scheme": "bearer"}


def test_waiting_is_told_with_429_and_503():
    for operation in DESCRIBED.values():
        for status in ("429", "503"):
            if status in operation["responses"]:
                assert "Retry-After" in operation["responses"][status]["headers"]


def test_the_document_says_where_the_server_is():
    assert [server["url"] for server in DOCUMENT["servers"]] == ["/"]


def test_what_is_read_is_what_the_document_says():
    described = {
        name: next(iter(operation["requestBody"]["content"]))
        for name, operation in DESCRIBED.items()
        if "requestBody" in operation
    }
    assert described == dict(READS)


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_an_example_is_one_of_its_schema(name):
    module = schemas if hasattr(schemas, name) else till_schemas
    getattr(module, name).model_validate(EXAMPLES[name])
    assert DOCUMENT["components"]["schemas"][name]["examples"] == [EXAMPLES[name]]


def test_every_schema_but_the_parts_of_an_address_has_an_example():
    without = set(DOCUMENT["components"]["schemas"]) - set(EXAMPLES)
    assert without == {"Problem", "Fault", *({"SalesIn"} & without)}


def test_every_code_of_the_document_is_in_the_reference():
    text = (ROOT / "docs" / "reference" / "refusals.md").read_text(encoding="utf-8")
    codes = [code for code, _title in HTTP_PROBLEMS.values()] + ["not_valid"]
    assert not [code for code in codes if f"`{code}`" not in text]
