"""The OpenAPI document: what ninja writes, and every status and code that an operation can answer with."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from django.conf import settings
from django.utils import translation
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from willing.api.examples import EXAMPLES
from willing.api.negotiation import READS
from willing.api.problems import HTTP_PROBLEMS, STATUS
from willing.api.refusals import REFUSALS
from willing.core.problem_details import MEDIA_TYPE, problem_details
from willing.terminals.errors import terminal_not_paired

PROBLEM = {
    "title": "Problem",
    "description": "What went wrong (RFC 9457). code is stable, title is for people in their language.",
    "type": "object",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri", "title": "Type"},
        "title": {"type": "string", "title": "Title"},
        "status": {"type": "integer", "title": "Status"},
        "code": {"type": "string", "title": "Code"},
        "faults": {
            "title": "Faults",
            "description": "Of not_valid: where and why, never the value.",
            "type": "array",
            "items": {"$ref": "#/components/schemas/Fault"},
        },
        "reasons": {
            "title": "Reasons",
            "description": "Of face_locked: why.",
            "type": "array",
            "items": {"type": "string"},
        },
    },
    "additionalProperties": True,
}
FAULT = {
    "title": "Fault",
    "type": "object",
    "required": ["at", "why"],
    "properties": {
        "at": {"type": "array", "items": {"type": "string"}, "title": "At"},
        "why": {"type": "string", "title": "Why"},
    },
}
HEADERS = {
    401: ("WWW-Authenticate", {"type": "string"}, "Bearer"),
    403: ("WWW-Authenticate", {"type": "string"}, "Which scope the token lacks (RFC 6750)."),
    415: ("Accept", {"type": "string"}, "The media type that is read here."),
    429: ("Retry-After", {"type": "integer"}, "Seconds to wait."),
    503: ("Retry-After", {"type": "integer"}, "Seconds to wait."),
}
# A scope of the token for each operation; pairing needs no token.
SCOPES = {"pair": None, "refund": "refund", "look_up": "look_up"}


class DescribedAPI(NinjaAPI):
    """An API whose document leaves nothing out that a generated client needs."""

    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:
        """Return the document, always in English: programs read it."""
        schema = super().get_openapi_schema(**kwargs)
        with translation.override("en"):
            complete(schema)
        return schema


def complete(document: OpenAPISchema) -> None:
    """Add to ninja's document what it can't know."""
    document["servers"] = [{"url": f"{settings.PREFIX}/", "description": "The school's own server"}]
    schemas = document["components"]["schemas"]
    schemas["Problem"], schemas["Fault"] = PROBLEM, FAULT
    for name, example in EXAMPLES.items():
        schemas[name]["examples"] = [example]
    for methods in document["paths"].values():
        for operation in methods.values():
            _complete_operation(operation)


def _complete_operation(operation: dict[str, Any]) -> None:
    name = operation["operationId"]
    scope = SCOPES.get(name, "sell")
    operation["security"] = [{"TerminalToken": [scope]}] if scope else []
    for status, codes in sorted(_codes_by_status(name, operation.get("parameters", ())).items()):
        operation["responses"][str(status)] = _response(status, codes)


def _codes_by_status(name: str, parameters: Sequence[Mapping[str, Any]]) -> dict[int, list[str]]:
    """Return every code that an operation can answer with, by status."""
    ids = [one for one in parameters if one["in"] == "path" and one["schema"].get("format") == "uuid"]
    found: dict[int, list[str]] = {}
    for code in [refusal().code for refusal in REFUSALS[name]]:
        found.setdefault(STATUS.get(code, 409), []).append(code)
    if SCOPES.get(name, "sell"):
        found.setdefault(401, []).append("terminal_not_paired")
    # An id that is none is no address of ours; whatever else is out of form, or not read here, is named.
    found.setdefault(422, []).append("not_valid")
    for status in (400, 406, 500, *((404,) if ids else ()), *((413, 415) if name in READS else ())):
        found.setdefault(status, []).append(HTTP_PROBLEMS[status][0])
    return {status: sorted(codes) for status, codes in found.items()}


def _response(status: int, codes: list[str]) -> dict[str, Any]:
    titles = _titles()
    examples = {code: {"summary": titles[code], "value": _example(status, code)} for code in codes}
    response: dict[str, Any] = {
        "description": ", ".join(codes),
        "content": {
            MEDIA_TYPE: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "examples": examples,
            }
        },
    }
    if status in HEADERS:
        name, schema, description = HEADERS[status]
        response["headers"] = {name: {"schema": schema, "description": description}}
    return response


def _example(status: int, code: str) -> dict[str, Any]:
    faults = [{"at": ["body", "lines"], "why": "Field required"}]
    data = {"faults": faults} if code == "not_valid" else {}
    return problem_details(code, status, _titles()[code], data)


@cache
def _titles() -> dict[str, str]:
    refused = [refusal() for refusals in REFUSALS.values() for refusal in refusals]
    titles = {one.code: str(one.message) for one in [*refused, terminal_not_paired()]}
    titles |= {code: str(title) for code, title in HTTP_PROBLEMS.values()}
    return {**titles, "not_valid": "The request is not valid."}
