import json
from uuid import uuid4

import pytest

from willing.audit.models import Entry
from willing.biometrics.actions import decide
from willing.consent.actions import notify_guardian
from willing.consent.queries import require_notice
from willing.people.actions import add_guardian
from willing.rights.actions import download_everything
from willing.rights.queries import everything_about
from willing.till import actions as till
from willing.till.actions import RefundedBy


@pytest.fixture
def lunch(cast):
    """Ada pays twice, once looked up by the cashier, and one of the two is given back."""
    for _ in range(2):
        basket = till.add_product(cast.till, cast.meal)
        till.identify_by_staff(cast.till, basket.id, cast.person("Ada"), by=cast.user("cashier"))
        sale = till.confirm_basket(cast.till, basket.id)
    till.refund_sale(sale.id, key=uuid4(), by=RefundedBy(user=cast.user("office")))


def test_everything_is_there_in_a_form_that_json_carries(cast, lunch):
    found = json.loads(json.dumps(everything_about(cast.person("Ada"))))
    assert found["person"]["given_name"] == "Ada"
    assert found["balance_minor"] == 1750
    assert [charge["total_minor"] for charge in found["charges"]] == [250, 250]
    assert [bool(charge["refunded_at"]) for charge in found["charges"]] == [True, False]
    assert found["paid_in"][0]["amount_minor"] == 2000
    assert [(one["by"], one["answer"]) for one in found["decisions"]] == [
        ("Gus", "yes"),
        ("the person", "yes"),
    ]
    assert [one["granted"] for one in found["permissions"]] == [True, False]
    assert [one["who"] for one in found["who_looked"]] == ["Cashier", "Cashier"]
    assert found["has_pin"]
    assert len(found["cards"]) == 1


def test_a_guardian_sees_nothing_of_the_other_guardian(cast):
    ada = cast.person("Ada")
    other = add_guardian(ada, "Gil", email="gil@example.org")
    notify_guardian(other, ada, require_notice("canteen", "adult", "en"), channel="link")
    from dataclasses import replace

    decide(replace(cast.says("Ada", "no", guardian="Gus"), guardian=other))
    text = json.dumps(everything_about(ada, guardian=cast.guardian("Gus")))
    assert "Gil" not in text
    assert "gil@example.org" not in text
    assert [one["answer"] for one in json.loads(text)["decisions"]] == ["yes", "yes"]
    assert "Gus" not in json.dumps(everything_about(ada, guardian=other))


def test_nothing_of_another_pupil_and_no_secret_is_in_it(cast, lunch):
    text = json.dumps(everything_about(cast.person("Ada")))
    for other in ("Carl", "Nia", "Wes", "Broke", "Gwen"):
        assert other not in text
    for secret in (cast.cards["Ada"], cast.pins["Ada"], "sealed", "argon2", "digest", "key_id"):
        assert secret not in text


@pytest.mark.face
def test_the_template_itself_is_never_in_it_and_each_use_is(cast, portrait):
    from willing.biometrics import actions
    from willing.biometrics.engine import require_engine
    from willing.biometrics.models import Template
    from willing.demo.frames import CameraLike

    shots, user = (
        CameraLike(portrait("person_a_2.jpg"), require_engine(cast.school), seed=1),
        cast.user("office"),
    )
    capture = actions.start_capture(cast.person("Ada"), "canteen", user=user)
    for _ in range(3):
        actions.add_capture_frame(capture, shots.frame(), user=user)
    actions.finish_capture(capture, user=user)
    basket = till.add_product(cast.till, cast.meal)
    session = till.open_face_session(cast.till, basket.id, key="1")
    while till.submit_frame(cast.till, session.id, shots.frame()).state == "looking":
        pass
    found = everything_about(cast.person("Ada"))
    assert [(one["purpose"], one["references"]) for one in found["faces"]] == [("canteen", 3)]
    assert [one["times"] for one in found["faces"][0]["recognised"]] == [1]
    assert found["limits"] == {"daily_minor": None, "face_daily_minor": 1500, "set_at": None}
    assert [(one["place"], one["outcome"]) for one in found["uses_of_face"]] == [("Till 1", "matched")]
    assert bytes(Template.objects.get().sealed).hex()[:40] not in json.dumps(found)


def test_taking_it_is_in_the_log(cast):
    download_everything(cast.person("Ada"), guardian=cast.guardian("Gus"))
    entry = Entry.objects.get(event="record.downloaded")
    assert entry.subject == cast.person("Ada").id
    assert str(cast.guardian("Gus").id).encode() in bytes(entry.hashed)
