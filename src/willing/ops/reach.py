"""Whether a public address leads to this very server: asked from this computer, which is not the whole truth.

A school's network may answer its own computers otherwise than a family's phone. So the pages say what was
seen from here, and ask for a test from a telephone that is not in the school.
"""

import http.client
import secrets
import socket
import ssl
from enum import StrEnum
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

PATH = "/.well-known/willing"
SECONDS_MAX = 5.0
BYTES_MAX = 200


class Reach(StrEnum):
    """What came of it."""

    HERE = "here"
    PLAIN = "plain"  # it leads here, and anyone in between can read along
    NO_NAME = "no_name"
    NO_ANSWER = "no_answer"
    BAD_CERTIFICATE = "bad_certificate"
    NAME_REFUSED = "name_refused"  # some server answers that it does not go by that name
    SOMEBODY_ELSE = "somebody_else"


def answer_to(question: str) -> str:
    """Return what only a server with this installation's key answers to a question."""
    return salted_hmac("willing.reach.v1", question, algorithm="sha256").hexdigest()


def find_reach(address: str) -> Reach:
    """Ask the server behind an address (scheme, host, port) whether it is this one; at most some seconds.

    No redirect is followed, and nothing of the answer is shown to anyone.
    """
    parts = urlsplit(address)
    question = secrets.token_hex(16)
    try:
        status, body = _get(parts.scheme, parts.hostname or "", parts.port, question)
    except ssl.SSLCertVerificationError:
        return Reach.BAD_CERTIFICATE
    except socket.gaierror:
        return Reach.NO_NAME
    except (OSError, http.client.HTTPException):
        return Reach.NO_ANSWER
    if status == http.HTTPStatus.BAD_REQUEST:
        return Reach.NAME_REFUSED
    if status != http.HTTPStatus.OK or not constant_time_compare(body, answer_to(question)):
        return Reach.SOMEBODY_ELSE
    return Reach.HERE if parts.scheme == "https" else Reach.PLAIN


def _get(scheme: str, host: str, port: int | None, question: str) -> tuple[int, str]:
    connection: http.client.HTTPConnection
    if scheme == "https":
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(host, port, timeout=SECONDS_MAX, context=context)
    else:
        connection = http.client.HTTPConnection(host, port, timeout=SECONDS_MAX)
    try:
        connection.request(
            "GET", f"{settings.PREFIX}{PATH}?question={question}", headers={"Connection": "close"}
        )
        answer = connection.getresponse()
        return answer.status, answer.read(BYTES_MAX).decode("ascii", errors="replace").strip()
    finally:
        connection.close()
