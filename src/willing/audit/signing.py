"""The key that signs checkpoints: made by set-up, in a file of its own, never in a database."""

import hashlib
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from willing.audit.errors import SigningKeyUnreadable
from willing.audit.verify.files import read_keys
from willing.audit.verify.signed_note import Checkpoint, Key, sign
from willing.core.errors import InstallationFault
from willing.core.files import sync_folder, written_whole
from willing.core.paths import create_secret, home, read_secret

SEED_BYTES = 32


def key_path() -> Path:
    """Return where the signing key lies: the 32-byte seed of an Ed25519 key, mode 0600."""
    return home() / "secrets" / "log-signing.key"


def retired_path() -> Path:
    """Return where an operator notes the public keys of former signing keys, one a line."""
    return home() / "secrets" / "log-retired-keys.txt"


def own_key() -> Key:
    """Return this installation's public key. Raises SigningKeyUnreadable."""
    return _public(_private())


def make_key() -> Key:
    """Make the signing key where there is none, and return its public key. Only set-up and `replace_key`."""
    create_secret(key_path(), length_bytes=SEED_BYTES)
    return own_key()


def replace_key() -> Key:
    """Begin a new signing key; the old public key, where the old one is there, is noted as retired.

    For a key that was lost or stolen: what the old one signed stays genuine. Raises SigningKeyUnreadable.
    """
    if key_path().exists():
        retire_key(own_key())
        key_path().unlink()
    return make_key()


def trusted_keys() -> list[Key]:
    """Return the public keys that this installation signs or signed with. Makes none.

    Raises SigningKeyUnreadable; Unproven where the file of retired keys cannot be read.
    """
    keys = [own_key()] if key_path().exists() else []
    if retired_path().exists():
        keys += read_keys(str(retired_path()))
    return keys


def sign_checkpoint(checkpoint: Checkpoint) -> str:
    """Return a checkpoint as a signed note. Its origin must be the own key's name."""
    private = _private()
    key = _public(private)
    assert checkpoint.origin == key.name, "a key signs for its own log only"
    return sign(checkpoint.text(), key.name, private)


def sign_text(text: str) -> str:
    """Return a text that could not be read as a checkpoint as a note signed with the own key."""
    private = _private()
    return sign(text, _public(private).name, private)


def next_path() -> Path:
    """Return where the key of an origin lies that is being opened (`origins`)."""
    return key_path().with_name("log-signing-next.key")


def next_key() -> Key:
    """Return the public key of the origin being opened, making its key. Raises SigningKeyUnreadable."""
    create_secret(next_path(), length_bytes=SEED_BYTES)
    return _public(_read(next_path()))


def switch_key(name: str) -> None:
    """Sign with the key called `name` from now on; the one before is retired, and can sign no more.

    Raises SigningKeyUnreadable where there is no such key.
    """
    if not next_path().exists() or next_key().name != name:
        raise SigningKeyUnreadable(f"the key of the log's origin {name} is not here")
    retire_key(own_key())
    next_path().replace(key_path())
    sync_folder(key_path().parent)


def retire_key(key: Key) -> None:
    """Note a public key among those that this installation signed with. Twice is once."""
    path = retired_path()
    known = path.read_text(encoding="utf-8") if path.exists() else ""
    if str(key) not in known.split():
        with written_whole(path) as file:
            file.write(f"{known.rstrip()}\n{key}\n".lstrip().encode())


def _private() -> Ed25519PrivateKey:
    return _read(key_path())


def _read(path: Path) -> Ed25519PrivateKey:
    try:
        seed = read_secret(path, length_bytes=SEED_BYTES)
    except (InstallationFault, ValueError) as error:
        raise SigningKeyUnreadable(str(error)) from None
    if len(seed) != SEED_BYTES:
        raise SigningKeyUnreadable(f"{path.name}: {SEED_BYTES} bytes were expected, found {len(seed)}")
    return Ed25519PrivateKey.from_private_bytes(seed)


def _public(private: Ed25519PrivateKey) -> Key:
    raw = private.public_key().public_bytes_raw()
    # The name comes from the key, so that nobody configures it and a new key never passes as the old log's.
    return Key(f"willing/{hashlib.sha256(raw).hexdigest()[:16]}", raw)
