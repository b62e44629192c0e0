"""People over the API: the cashier's look-up, and "Stop using my face" of the person shown."""

from typing import Any
from uuid import UUID

from ninja import Router

from willing.accounts.attempts import require_few_attempts
from willing.api import schemas as s
from willing.api.access import Key, TerminalToken, TillRequest, write_of
from willing.api.baskets import require_basket
from willing.api.outputs import basket_out, people_out
from willing.core.transactions import atomic, inside
from willing.credentials.shares import require_no_share
from willing.people.models import Person
from willing.terminals.models import Terminal
from willing.terminals.request_keys import Request, claim, do_in_steps
from willing.terminals.sign_ons import cashier_of
from willing.till import look_ups
from willing.till.face_identification import stop_using_face

router = Router(auth=TerminalToken())


@router.post(
    "/baskets/{uuid:basket_id}/look-up",
    response=list[s.FoundPersonOut],
    tags=["people"],
    operation_id="look_up",
)
def look_up(request: TillRequest, basket_id: UUID, body: s.LookUpIn, key: Key) -> Any:
    """Find people for an open basket whose owner asked the cashier; at most eight, each in the log.

    The office decides whether a till may do so. A text of less than two letters or digits finds nobody.
    """
    till = request.auth
    require_no_share(body.text)  # before anything of it is kept, the digest of the request included
    write = write_of(till, key, "look_up", subject=basket_id, body=body)

    def count() -> None:
        require_few_attempts(request, "till_look_up", key=str(till.pk))

    return people_out(_look_up(write, till, basket_id, body.text, count))


@atomic
def _look_up(write: Request, till: Terminal, basket_id: UUID, text: str, count: Any) -> list[Person]:
    # Whoever is shown is in the log, also where the same request is answered a second time.
    claim(write, outcome=basket_id)
    return inside(look_ups.look_up)(till, basket_id, text, count=count)


@router.post(
    "/baskets/{uuid:basket_id}/stop-face",
    response=s.StoppedFaceOut,
    tags=["people"],
    operation_id="stop_using_face",
)
def stop_face(request: TillRequest, basket_id: UUID, key: Key) -> Any:
    """Erase the face of the person shown, who pressed "Stop using my face" and was asked once more.

    Whom their face alone had identified chooses another way to pay for this basket.
    """
    till = request.auth
    write = write_of(till, key, "stop_using_face", subject=basket_id)
    # The key is destroyed after the decision is committed, and only then the log says so: two steps.

    def stop(_row: UUID) -> UUID:
        return _entry_id(stop_using_face(till, basket_id, by=cashier_of(till)).log_sequence)

    entry = do_in_steps(write, stop)
    return s.StoppedFaceOut(log_entry=entry.int or None, basket=basket_out(require_basket(till, basket_id)))


def _entry_id(sequence: int) -> UUID:
    """Return a log entry's number as a key keeps what a request led to. It names nobody."""
    return UUID(int=sequence)
