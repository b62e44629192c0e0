"""A guardian with the link that the school gave them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from tests.support.camera import camera, enrol, mark_faces  # noqa: F401  (fixtures)

from willing.consent.links import sign_link
from willing.people.models import Guardian


class Family:
    """One guardian's browser."""

    def __init__(self, guardian: Guardian) -> None:
        self.guardian = guardian
        self.client = Client()
        self.token = sign_link(guardian)
        self.address = f"/family/c/{self.token}/"

    def open(self, **extra: Any) -> Any:
        """Open the link."""
        return self.client.get(self.address, **extra)

    def text(self) -> str:
        """Return what the page says."""
        answer = self.open()
        assert answer.status_code == 200, answer.content.decode()
        return str(answer.content.decode())

    def press(self, person: Any, answer: str, *, notice: Any = None, purpose: str = "canteen") -> Any:
        """Press one of the buttons of a child."""
        from willing.consent.queries import require_notice

        notice = notice or require_notice(purpose, "adult", "en")
        form = {"person": person.id, "notice": notice.id, "answer": answer}
        return self.client.post(f"{self.address}decide/", form)


@pytest.fixture
def family(cast: Any) -> Callable[[str], Family]:
    """Return a function that gives a guardian of the cast their browser."""
    return lambda name: Family(cast.guardian(name))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need the face engine."""
    mark_faces([item for item in items if Path(__file__).parent in item.path.parents])
