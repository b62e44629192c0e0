"""How many statements a sale over the API asks of the databases: budgets that only a reason may raise."""

from types import SimpleNamespace
from uuid import uuid4

import pytest
from tests.support.camera import camera, enrol
from tests.support.statements import require_at_most, statements

from willing.keys.installation import find_keys_fault

__all__ = ["camera", "enrol"]

# One counts the main meals of the day when the person is shown and again when they pay, one asks whether
# "Stop using my face" belongs beside "Not me". A first frame's key and its time are one transaction,
# which takes a BEGIN and a COMMIT more and waits for the disk once less. What the person must not eat comes
# with their card; after a face, one asks for it.
CARD_SALE = 42
FACE_SALE = 77


def test_a_card_sale_stays_within_its_budget(cast, till):
    for number in (1, 2):
        meal = SimpleNamespace(meal=cast.meal, cards=cast.cards)
        with statements() as counted:
            sale = till.sell(meal, "Carl")
        assert sale["receipt_number"] == number
    require_at_most(CARD_SALE, counted)


def look(cast, till, shots):
    """Press for the face on a new basket and give frames until there is an answer."""
    basket = till.basket(cast)
    session = till.post(f"/baskets/{basket['id']}/sessions").json()
    path = f"/api/v1/sessions/{session['id']}/frames"
    for frames in range(1, 13):  # noqa: B007
        answer = till.client.post(
            path, shots.frame(), content_type="image/jpeg", headers=till.headers(uuid4().hex)
        ).json()
        if answer["state"] != "looking":
            break
    return basket, frames, answer["state"]


@pytest.mark.face
def test_a_face_sale_of_two_frames_stays_within_its_budget(cast, till, enrol, camera):
    enrol("Ada", "person_a_1.jpg")
    shots = camera("person_a_2.jpg")
    meal = SimpleNamespace(meal=cast.meal)
    for _ in range(2):
        find_keys_fault(fresh=True)  # asked anew every few seconds, whatever is sold
        with statements() as counted:
            basket, frames, state = look(meal, till, shots)
            shown = till.get(f"/baskets/{basket['id']}").json()
            assert shown["person"] == {"first_name": "Ada", "year": "7A"}
            sale = till.post(f"/baskets/{basket['id']}/confirm").json()
    assert (frames, state, sale["way"]) == (2, "matched", "face")
    require_at_most(FACE_SALE, counted)
