"""Restoring a copy forgets no refusal: drills with a killed process, and everything that can be amiss."""

import signal
import stat
from pathlib import Path

import pytest
from django.db import connections
from tests.ops.homes import move_in

from willing.audit.actions import sign_log
from willing.audit.models import Entry
from willing.audit.queries import newest_restore
from willing.audit.signing import own_key
from willing.audit.verifier import verify_log
from willing.biometrics.models import GalleryState, Template
from willing.biometrics.queries import comparable
from willing.consent.models import Decision
from willing.consent.queries import permission
from willing.core.errors import Refused
from willing.keys.actions import create_person_key, key_exists, newest_gallery_secret
from willing.ledger.queries import verify_ledger
from willing.till import actions as till

pytestmark = pytest.mark.sqlite
AFTER = Path(__file__).with_name("after_the_copy.py")


@pytest.fixture
def home(cast, db, tmp_path, monkeypatch):
    home = move_in(db, tmp_path, monkeypatch)
    yield home
    connections.close_all()


def enrol(person, purpose="canteen"):
    """Give somebody a template without the engine; nothing here opens it."""
    granted = permission(person, purpose)
    key_id, _ = create_person_key(person.id)
    secret = newest_gallery_secret(person.school_id)
    GalleryState.objects.get_or_create(
        school_id=person.school_id, purpose=purpose, defaults={"secret_id": secret}
    )
    return Template.objects.create(
        person=person,
        purpose=purpose,
        sealed=b"sealed",
        key_id=key_id,
        model_id="m",
        references=3,
        own_decision_id=granted.own_decision,
        guardian_decision_id=granted.guardian_decision,
    )


def buy(cast, code):
    basket = till.add_product(cast.till, cast.meal)
    till.identify_by_card(cast.till, basket.id, code)
    return till.confirm_basket(cast.till, basket.id)


def test_a_restore_forgets_no_refusal(cast, home):
    """Copy, refuse, revoke a card, sell, kill, restore: face off, card dead, and the till sells."""
    assert home.run("journal", home.journal).exit_code == 0
    row = enrol(cast.person("Ada"))
    buy(cast, cast.cards["Carl"])
    sign_log()
    first_key = own_key()
    main, keys = home.take()
    copied = Entry.objects.count()
    killed = home.process(AFTER, cast.cards["Carl"])
    assert killed.wait(60) == -signal.SIGKILL
    assert (home.home / "willing.sqlite3-wal").stat().st_size > 0
    done = home.restore(main, keys)
    assert done.exit_code == 0, done.output

    assert not permission(cast.person("Ada"), "canteen").granted
    assert not Template.objects.exists()
    assert not key_exists(row.key_id)
    assert Decision.objects.order_by("id").last().channel == "journal"
    with pytest.raises(Refused, match="code_unknown"):
        buy(cast, cast.cards["Nia"])
    till.cancel_basket(cast.till, till.require_live_basket(cast.till).id)
    sale = buy(cast, cast.cards["Carl"])
    assert sale.receipt_number == 5  # 1 stands in the copy, 2 to 4 were given out after it

    restored = newest_restore()
    assert restored.sequence == copied + 1
    assert restored.origins == (first_key.name,)
    assert restored.lost >= 5
    assert own_key().name == restored.opened != first_key.name
    sign_log()
    assert verify_log().ok
    assert verify_ledger().ok
    assert not (home.home / "restore.unfinished").exists()
    [aside] = home.home.glob("set-aside-*")
    assert {"willing.sqlite3", "keys.sqlite3"} <= {path.name for path in aside.iterdir()}
    for name in ("willing.sqlite3", "keys/keys.sqlite3"):
        assert stat.S_IMODE((home.home / name).stat().st_mode) == 0o600


def test_without_the_journal_every_face_waits_for_the_officer(cast, home):
    from willing.biometrics.restoring import confirm_face

    enrol(cast.person("Ada"))
    main, keys = home.take()
    home.lose()
    assert "no journal" in home.restore(main, keys).output
    assert not list(home.home.glob("set-aside-*"))
    done = home.restore(main, keys, options=("--without-journal",))
    assert done.exit_code == 0, done.output
    assert "1 faces are suspended" in done.output
    assert not comparable(Template.objects.all(), "canteen").exists()
    ada = cast.person("Ada")
    with pytest.raises(Refused, match="not_the_dpo"):
        confirm_face(cast.school, ada.id, "canteen", by=cast.user("office"))
    confirm_face(cast.school, ada.id, "canteen", by=cast.user("dpo"))
    confirm_face(cast.school, ada.id, "canteen", by=cast.user("dpo"))
    assert comparable(Template.objects.all(), "canteen").exists()
    with pytest.raises(Refused, match="nothing_to_confirm"):
        confirm_face(cast.school, cast.person("Bo").id, "canteen", by=cast.user("dpo"))
    buy(cast, cast.cards["Carl"])
    assert newest_restore().lost is None
    assert verify_log().ok
