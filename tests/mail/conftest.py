"""A school that sends mail, and the server that takes it."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.support.mail import Post, post_office

from willing.mail.sending import NewServer, set_mail_server
from willing.people.models import Guardian
from willing.people.school import set_public_address


@pytest.fixture
def post() -> Iterator[Post]:
    """A mail server."""
    with post_office() as found:
        yield found


@pytest.fixture
def school(cast: Any, post: Post) -> Any:
    """The school, whose mail that server takes."""
    set_public_address(cast.school, "https://lunch.example.org")
    set_mail_server(cast.school, at(post), by=cast.user("administrator"))
    return cast.school


@pytest.fixture
def gus(cast: Any) -> Guardian:
    """Ada's guardian, with an address."""
    found = Guardian.objects.get(name="Gus")
    found.email = "gus@example.org"
    found.save(update_fields=["email"])
    return found


def at(post: Post, **changes: Any) -> NewServer:
    """Return the settings of a server on this computer."""
    said = {"host": "127.0.0.1", "port": post.port, "encryption": "none", "sender": "lunch@school.example"}
    return NewServer(**{**said, **changes})
