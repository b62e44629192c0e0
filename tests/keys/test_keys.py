import hashlib
import hmac
import stat
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from willing.core.errors import InstallationFault
from willing.core.paths import create_secret, read_secret
from willing.keys import master
from willing.keys.actions import (
    create_gallery_secret,
    create_person_key,
    destroy_gallery_secrets_but,
    destroy_person_keys,
    key_exists,
    newest_gallery_secret,
    open_gallery_secret,
    open_person_key,
)
from willing.keys.errors import KeyGone, MasterKeyWrong
from willing.keys.master import keyed_digest, unwrap, wrap
from willing.keys.models import PersonKey


def test_a_destroyed_key_is_gone(db):
    key_id, key = create_person_key(uuid4())
    assert open_person_key(key_id) == key
    assert destroy_person_keys([key_id]) == 1
    assert not key_exists(key_id)
    with pytest.raises(KeyGone):
        open_person_key(key_id)
    assert destroy_person_keys([key_id]) == 0


def test_a_key_moved_to_another_person_does_not_open(db):
    key_id, _ = create_person_key(uuid4())
    PersonKey.objects.filter(pk=key_id).update(person_id=uuid4())
    with pytest.raises(MasterKeyWrong):
        open_person_key(key_id)


def test_the_keys_live_in_their_own_database_and_nothing_else_does(db):
    from django.db import connections

    tables = {alias: set(connections[alias].introspection.table_names()) for alias in ("default", "keys")}
    assert {"keys_personkey", "keys_gallerysecret"} <= tables["keys"]
    assert not [name for name in tables["default"] if name.startswith("keys_")]
    assert not [name for name in tables["keys"] if name.startswith(("people_", "biometrics_", "ledger_"))]


def test_a_gallery_secret_is_made_once_and_a_newer_one_replaces_it_for_good(db):
    school = uuid4()
    first = newest_gallery_secret(school)
    assert newest_gallery_secret(school) == first != newest_gallery_secret(uuid4())
    second = create_gallery_secret(school)
    assert newest_gallery_secret(school) == second
    assert open_gallery_secret(first) != open_gallery_secret(second)
    assert destroy_gallery_secrets_but(school, {second}) == 1
    with pytest.raises(KeyGone):
        open_gallery_secret(first)


def test_wrapping_is_bound_and_never_the_same_twice():
    key = bytes(range(32))
    assert wrap(key, "a") != wrap(key, "a")
    assert unwrap(wrap(key, "a"), "a") == key
    with pytest.raises(MasterKeyWrong):
        unwrap(wrap(key, "a"), "b")


@pytest.mark.parametrize("text", ["", "zz" * 32, "00" * 31])
def test_a_master_key_that_is_none_is_an_error_and_is_not_repeated(monkeypatch, text):
    monkeypatch.setenv("WILLING_MASTER_KEY", text)
    with pytest.raises(ImproperlyConfigured, match="64 hexadecimal digits") as error:
        keyed_digest("pin", "1234")
    assert not text or text not in str(error.value)


def test_digests_differ_by_label_and_by_installation(monkeypatch):
    here = keyed_digest("pin", "1234")
    assert here != keyed_digest("card", "1234")
    monkeypatch.setenv("WILLING_MASTER_KEY", "11" * 32)
    assert here != keyed_digest("pin", "1234")


@pytest.fixture
def old_master_key(tmp_path, monkeypatch):
    """A master key's file that was made long ago, as far as digests are concerned."""
    path = tmp_path / "master.key"
    path.write_bytes(b"1" * 32)
    monkeypatch.setattr(settings, "MASTER_KEY_FILE", path)
    monkeypatch.setattr(master, "SETTLED_NS", 0)
    return path


def test_the_key_of_a_digest_is_derived_once(old_master_key, monkeypatch):
    first = keyed_digest("pin", "1234")
    monkeypatch.setattr(master, "read_secret", lambda _path: pytest.fail("the file was read again"))
    assert keyed_digest("pin", "1234") == first != keyed_digest("pin", "1235")
    assert first != keyed_digest_of(b"1" * 32, "card", "1234")
    assert first == keyed_digest_of(b"1" * 32, "pin", "1234")


def keyed_digest_of(key, label, text):
    """The digest by its definition."""
    derived = HKDF(SHA256(), 32, salt=None, info=f"willing.{label}.v1".encode()).derive(key)
    return hmac.new(derived, text.encode(), hashlib.sha256).hexdigest()


def test_another_master_key_makes_other_digests_at_once(old_master_key):
    first = keyed_digest("pin", "1234")
    spare = old_master_key.with_name("spare")
    spare.write_bytes(b"2" * 32)
    spare.replace(old_master_key)
    assert keyed_digest("pin", "1234") == keyed_digest_of(b"2" * 32, "pin", "1234") != first


def test_a_master_key_that_is_lost_meanwhile_makes_no_digest_any_more(old_master_key):
    keyed_digest("pin", "1234")
    old_master_key.unlink()
    with pytest.raises(InstallationFault, match="missing"):
        keyed_digest("pin", "1234")


def test_a_file_that_was_just_written_is_read_each_time(old_master_key, monkeypatch):
    # Written again in the same moment, it would look the same.
    monkeypatch.setattr(master, "SETTLED_NS", 3_600_000_000_000)
    first = keyed_digest("pin", "1234")
    old_master_key.write_bytes(b"2" * 32)
    assert keyed_digest("pin", "1234") != first


def test_processes_that_start_at_once_agree_on_a_secret(tmp_path):
    path = tmp_path / "secrets" / "one.key"
    with ThreadPoolExecutor(16) as pool:
        found = set(pool.map(lambda _: create_secret(path), range(16)))
    assert len(found) == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [other.name for other in path.parent.iterdir()] == ["one.key"]


def test_a_secret_file_that_was_cut_off_is_an_error(tmp_path):
    path = tmp_path / "one.key"
    path.write_bytes(b"short")
    with pytest.raises(ValueError, match="32 bytes"):
        read_secret(path)
