"""What a scene of the demo's story plays with, and what it brings."""

from collections.abc import Callable
from dataclasses import dataclass

from willing.biometrics.engine import require_engine
from willing.demo import portraits
from willing.demo.school import DemoSchool, open_both_tills
from willing.ledger.queries import available_minor
from willing.people.models import Person
from willing.terminals.models import Terminal
from willing.till.menu_models import Product
from willing.till.models import Sale


class StoryBroken(Exception):
    """A step did not come out as the story tells it."""


@dataclass(frozen=True)
class SceneResult:
    """What a scene brings, before it is timed; amounts in minor units."""

    outcome: str
    way: str = ""
    person: str = ""
    amount: int | None = None
    balance: int | None = None


Scene = Callable[[], SceneResult]


class DemoStage:
    """The tills of the demo's school, the meal that is sold at them, and a camera for each portrait.

    terminal: till 2, where a face opens with its owner's card only. central: till 1, where a face alone pays.
    """

    def __init__(self, demo: DemoSchool) -> None:
        self.demo = demo
        open_both_tills(demo)
        self.terminal: Terminal = demo.till("Till 2")
        self.central: Terminal = demo.till("Till 1")
        self.meal = Product.objects.filter(school=demo.school, is_main_meal=True).order_by("position")[0]
        self._cameras: dict[str, object] = {}

    def camera(self, portrait: str) -> Callable[[], bytes]:
        """Return what takes a frame of a portrait that is held before the camera."""
        from willing.demo.frames import CameraLike

        camera = self._cameras.get(portrait)
        if not isinstance(camera, CameraLike):
            camera = CameraLike(
                portraits.read(portrait), require_engine(self.demo.school), seed=sum(portrait.encode())
            )
            self._cameras[portrait] = camera
        return camera.frame


def paid(sale: Sale) -> SceneResult:
    """Return what a sale brings."""
    person = Person.objects.get(sales=sale)
    expect(sale.receipt_number > 0, "the sale has its receipt")
    return SceneResult(
        f"paid, receipt {sale.receipt_number}",
        sale.way,
        person.given_name,
        sale.total_minor,
        available_minor(person),
    )


def expect(holds: bool, what: str) -> None:
    """Raise StoryBroken where what a scene shows is not so."""
    if not holds:
        raise StoryBroken(f"the story says: {what}; it is not so")
