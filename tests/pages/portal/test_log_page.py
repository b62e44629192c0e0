"""What a guardian's device is given to follow the school's log with."""

import json

import pytest
from django.core.cache import cache
from django.test import Client
from tests.support.meant import meant
from tests.support.signing import sign_in

from willing.audit import signing
from willing.audit.actions import sign_log
from willing.audit.models import Entry, SignedCheckpoint
from willing.audit.signing import own_key
from willing.audit.verify.consistency import FORMAT, verify_continuation
from willing.config import settings
from willing.people.models import Guardian, Person

ADDRESS = "/family/log.json"


@pytest.fixture
def gus(cast):
    """A guardian's browser."""
    cache.clear()
    return sign_in(Client(), cast.user("guardian"))


def test_a_device_is_given_the_newest_checkpoint_and_the_way_to_it(cast, gus):
    old = sign_log()
    gus.get("/family/")
    entries, signed = Entry.objects.count(), sign_log()
    found = gus.get(ADDRESS, {"origin": own_key().name, "size": old.size})
    answer = json.loads(found.content)
    assert (answer["checkpoint"], answer["key"], answer["restores"]) == (signed.note, str(own_key()), [])
    proof = {"format": FORMAT, "old": old.note, "new": answer["checkpoint"], "proof": answer["proof"]}
    assert verify_continuation(json.dumps(proof), [own_key()])[1].size == entries
    assert "no-store" in found.headers["Cache-Control"]
    assert SignedCheckpoint.objects.count() == 2, "asking signs nothing"


def test_the_answer_is_the_same_for_all_and_names_nobody(cast, gus):
    text = gus.get(ADDRESS).content.decode()
    names = [one.given_name for one in Person.objects.all()] + [one.name for one in Guardian.objects.all()]
    ids = [str(one.id) for one in Person.objects.all()]
    assert not [one for one in names if one in meant(text)]
    assert not [one for one in ids if one in text]
    assert json.loads(text)["proof"] == []


def test_only_a_signed_in_guardian_is_answered(cast):
    assert Client().get(ADDRESS).status_code == 302
    for who in ("pupil", "office"):
        assert sign_in(Client(), cast.user(who)).get(ADDRESS).status_code == 403


@pytest.mark.parametrize(
    "query", [{"size": "-1"}, {"size": "1" * 19}, {"size": "x"}, {"size": "1", "origin": "a b"}]
)
def test_what_no_checkpoint_says_is_refused(cast, gus, query):
    assert gus.get(ADDRESS, query).status_code == 400


def test_a_log_that_cannot_be_signed_is_not_checked_now(cast, gus, monkeypatch, tmp_path):
    monkeypatch.setattr(signing, "key_path", lambda: tmp_path / "gone.key")
    assert gus.get(ADDRESS).status_code == 503


def test_a_device_asks_thirty_times_a_minute_at_most(cast, gus):
    assert settings.ACCOUNT_RATE_LIMITS["log_continuity"] == "30/m/key"
    for _ in range(30):
        assert gus.get(ADDRESS, {"size": "x"}).status_code == 400
    assert gus.get(ADDRESS).status_code == 409


@pytest.mark.parametrize("page", ["", "child", "receipt"])
def test_each_page_of_a_guardian_holds_the_log_against_what_the_device_saw(cast, gus, page):
    child = f"/family/child/{cast.person('Ada').id}/"
    decision = Entry.objects.filter(event="consent.decided", subject=cast.person("Ada").id).first()
    address = {"": "/family/", "child": child, "receipt": f"{child}receipt/{decision.sequence}/"}[page]
    text = gus.get(address).content.decode()
    assert f'data-log="{cast.school.pk}" data-address="{ADDRESS}" hidden' in text
    assert "portal/log" in text


def test_a_pupils_own_proof_asks_for_no_log(cast):
    carl = sign_in(Client(), cast.user("pupil"))
    assert "data-log" not in carl.get("/family/me/").content.decode()
