"""A witness of logs, in one file: it needs Python 3.11, the package `cryptography`, and nothing of Willing.

For a parents' council that wants to know that the school never rewrites its log. Copy this file to a computer
of yours; it keeps in a folder of yours what it saw last, and signs a checkpoint only where the log continues
that. It never learns anything about a person: a checkpoint holds how long the log is, and one digest.

    python witness.py begin FOLDER --name parents.example/w1    makes your key; give the school the line
    python witness.py log FOLDER KEY                            the school's key line: whose log to watch
    python witness.py sign FOLDER REQUEST                       answers a file that the school gave you
    python witness.py serve FOLDER --port 8478                  answers over HTTP instead
    python witness.py show FOLDER                               what was seen, and what was refused

Forms: c2sp.org/signed-note, tlog-checkpoint, tlog-cosignature (version 1), tlog-witness.
Exit 0: done; 1: refused, and why; 2: misused.
"""

import argparse
import base64
import binascii
import contextlib
import fcntl
import hashlib
import json
import os
import re
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

LOG, COSIGNATURE = b"\x01", b"\x04"
NAME = r"[!-*,-~]{1,100}"
KEY_LINE = re.compile(rf"({NAME})\+([0-9a-f]{{8}})\+([A-Za-z0-9+/]{{44}})")
SIGNATURE_LINE = re.compile("— ([^\\s+\x00-\x20\x7f-\xa0\ufeff]+) ([A-Za-z0-9+/=]+)\n")
CHECKPOINT = re.compile(r"([^\n]+)\n(0|[1-9][0-9]{0,17})\n([A-Za-z0-9+/]{43}=)\n(?:[^\n]+\n)*")
REQUEST = re.compile(r"old (0|[1-9][0-9]{0,17})\n((?:[A-Za-z0-9+/]{43}=\n){0,63})\n(.+)", re.DOTALL)
REQUEST_BYTES_MAX = 1 << 16
SECONDS_MAX = 10  # that a caller may take to send its request
EVIDENCE_MAX = 100  # refused checkpoints that are kept; whoever can sign them could fill the disk


class NotSigned(Exception):
    """A request that is not signed. status: what c2sp.org/tlog-witness answers it with."""

    def __init__(self, status: int, reason: str, body: str = "") -> None:
        super().__init__(reason)
        self.status, self.body = status, body


@dataclass(frozen=True)
class NoteKey:
    """A public key of a log or of a witness, by its kind."""

    name: str
    raw: bytes
    kind: bytes

    @property
    def id(self) -> bytes:
        """Return the 4 bytes that say whose key signed."""
        return hashlib.sha256(self.name.encode() + b"\n" + self.kind + self.raw).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(self.kind + self.raw).decode()}"


@dataclass(frozen=True)
class ReadCheckpoint:
    """A checkpoint's lines, and what they say; `root` has 32 bytes."""

    text: str
    origin: str
    size: int
    root: bytes


def parse_log_key(line: str) -> NoteKey:
    """Return a log's public key. Raises ValueError."""
    found = KEY_LINE.fullmatch(line.strip())
    if found:
        raw = base64.b64decode(found[3])
        key = NoteKey(found[1], raw[1:], LOG)
        if raw[:1] == LOG and key.id.hex() == found[2]:
            return key
    raise ValueError("this is not the public key of a log; `willing audit key` prints it")


class WitnessFolder:
    """A folder: the witness's key, the logs it watches, and what it saw last of each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        saved = json.loads((folder / "witness.json").read_text(encoding="utf-8"))
        self.name = str(saved["name"])
        self.private = Ed25519PrivateKey.from_private_bytes((folder / "witness.key").read_bytes())
        self.key = NoteKey(self.name, self.private.public_key().public_bytes_raw(), COSIGNATURE)

    @classmethod
    def begin(cls, folder: Path, name: str) -> "WitnessFolder":
        """Make a witness in a folder that has none. Raises FileExistsError, ValueError."""
        if not re.fullmatch(NAME, name):
            raise ValueError("a name is of printable ASCII, without spaces and plus")
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = os.open(folder / "witness.key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "wb") as key:
            key.write(Ed25519PrivateKey.generate().private_bytes_raw())
        _write(folder / "witness.json", {"name": name})
        return cls(folder)

    def watch(self, key: NoteKey) -> None:
        """Watch the log of a key. A log that goes on under a new key is another log, seen from its start."""
        with self._held() as logs:
            logs.setdefault(key.name, {"size": 0, "root": "", "seen": ""})["key"] = str(key)

    def sign(self, request: str) -> str:
        """Return the signature line for a request of c2sp.org/tlog-witness. Raises NotSigned."""
        found = REQUEST.fullmatch(request)
        if not found or len(request.encode()) > REQUEST_BYTES_MAX:
            raise NotSigned(400, "this is not a request to a witness")
        old_size, note = int(found[1]), found[3]
        proof = [base64.b64decode(line) for line in found[2].split()]
        with self._held() as logs:
            said = _open_checkpoint(note, logs)
            seen = logs[said.origin]
            if old_size > said.size:
                raise NotSigned(400, "the old size is above the checkpoint's")
            if old_size != seen["size"]:
                reason = f"the checkpoint seen last has {seen['size']} entries, not {old_size}"
                raise NotSigned(409, reason, f"{seen['size']}\n")
            self._require_continuation(said, bytes.fromhex(str(seen["root"])), old_size, proof, note)
            seconds = int(time.time())
            seen |= {"size": said.size, "root": said.root.hex(), "seen": _utc(seconds)}
        # It is on the disk before anybody gets the line.
        signature = self.private.sign(f"cosignature/v1\ntime {seconds}\n{said.text}".encode())
        body = base64.b64encode(self.key.id + seconds.to_bytes(8, "big") + signature).decode()
        return f"— {self.name} {body}\n"

    def _require_continuation(
        self, checkpoint: ReadCheckpoint, root: bytes, old_size: int, proof: Sequence[bytes], note: str
    ) -> None:
        if old_size == checkpoint.size and old_size and root != checkpoint.root:
            self._keep(note)
            reason = f"two checkpoints at {old_size} entries disagree: the log was rewritten"
            raise NotSigned(409, reason, f"{old_size}\n")
        is_first = old_size == 0 and not proof
        if not is_first and not is_consistent(old_size, root, checkpoint.size, checkpoint.root, proof):
            self._keep(note)
            raise NotSigned(422, f"it is not proven that the log continues the one at {old_size} entries")

    def seen(self) -> dict[str, dict[str, str | int]]:
        """Return what was seen of each log, by its origin."""
        with self._held() as logs:
            return json.loads(json.dumps(logs))  # type: ignore[no-any-return]

    def refused(self) -> list[str]:
        """Return the names of the files of genuine checkpoints that did not continue what was seen."""
        return sorted(path.name for path in (self.folder / "refused").glob("*.txt"))

    def _keep(self, note: str) -> None:
        """Keep a checkpoint that the log signed and that does not fit: it may prove that it was rewritten."""
        folder = self.folder / "refused"
        folder.mkdir(exist_ok=True)
        name = f"{hashlib.sha256(note.encode()).hexdigest()[:16]}.txt"
        if len(self.refused()) < EVIDENCE_MAX or (folder / name).exists():
            (folder / name).write_text(note, encoding="utf-8")

    @contextlib.contextmanager
    def _held(self) -> Iterator[dict[str, dict[str, str | int]]]:
        """Lend what was seen, alone; what the block changed is on the disk after it, unless it raises."""
        path = self.folder / "logs.json"
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            text = path.read_text(encoding="utf-8") if path.exists() else "{}"
            logs = json.loads(text)
            yield logs
            if json.dumps(logs) != json.dumps(json.loads(text)):
                _write(path, logs)


def _open_checkpoint(note: str, logs: dict[str, dict[str, str | int]]) -> ReadCheckpoint:
    """Return what a note says that the log of its origin signed. Raises NotSigned."""
    body, separator, tail = note.rpartition("\n\n")
    lines = list(SIGNATURE_LINE.finditer(tail))
    found = CHECKPOINT.fullmatch(f"{body}\n")
    if not separator or not found or not lines or "".join(one[0] for one in lines) != tail:
        raise NotSigned(400, "this is not a signed checkpoint")
    if found[1] not in logs:
        raise NotSigned(404, f"the log {found[1]} is not watched here")
    key = parse_log_key(str(logs[found[1]]["key"]))
    signed = [line for line in lines if line[1] == key.name]
    if not any(_is_signed(f"{body}\n", line[2], key) for line in signed):
        raise NotSigned(403, "the log's own key did not sign this")
    return ReadCheckpoint(f"{body}\n", found[1], int(found[2]), base64.b64decode(found[3]))


def _is_signed(text: str, encoded: str, key: NoteKey) -> bool:
    try:
        signature = base64.b64decode(encoded, validate=True)
        Ed25519PublicKey.from_public_bytes(key.raw).verify(signature[4:], text.encode())
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return signature[:4] == key.id


def is_consistent(old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Return whether a log of `size` entries continues one of `old_size`; RFC 9162, section 2.1.4.2."""
    if not 0 < old_size <= size:
        return False
    if old_size == size:
        return not proof and old_root == root
    hashes = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    if not hashes:
        return False
    place, last = old_size - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = _node(sibling, old), _node(sibling, new)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            new = _node(new, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and old == old_root and new == root


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _write(path: Path, content: object) -> None:
    """Write a file so that a computer that loses its power has the old one or the new one."""
    draft = path.with_suffix(".part")
    with draft.open("w", encoding="utf-8") as file:
        json.dump(content, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _utc(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


class Handler(BaseHTTPRequestHandler):
    """Answers `POST /add-checkpoint`, and nothing else."""

    witness: WitnessFolder
    timeout = SECONDS_MAX

    def do_POST(self) -> None:
        """Sign, or say with the status of the protocol why not."""
        length = self.headers.get("Content-Length", "")
        if self.path != "/add-checkpoint":
            return self._answer(404, "there is nothing here but /add-checkpoint\n")
        if not length.isdecimal() or int(length) > REQUEST_BYTES_MAX:
            return self._answer(400, "a request has at most 65536 bytes, and says how many\n")
        try:
            return self._answer(200, self.witness.sign(self.rfile.read(int(length)).decode()))
        except UnicodeDecodeError:
            return self._answer(400, "this is not a request to a witness\n")
        except NotSigned as refused:
            kind = "text/x.tlog.size" if refused.body else "text/plain; charset=utf-8"
            return self._answer(refused.status, refused.body or f"{refused}\n", kind)

    def _answer(self, status: int, body: str, kind: str = "text/plain; charset=utf-8") -> None:
        content = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class names it so
        """Note the time, what was asked and the status; not who asked."""
        sys.stderr.write(f"{_utc(int(time.time()))} {format % args}\n")


def serve(witness: WitnessFolder, host: str, port: int) -> None:
    """Answer over HTTP until the process is stopped."""
    handler = type("WitnessHandler", (Handler,), {"witness": witness})
    with ThreadingHTTPServer((host, port), handler) as server:
        print(f"answering at http://{host}:{server.server_address[1]}/add-checkpoint", flush=True)  # noqa: T201
        server.serve_forever()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Return the exit code."""
    chosen = _parser().parse_args(arguments)
    try:
        lines = _run(chosen)
    except (NotSigned, OSError, ValueError, KeyError) as error:
        sys.stderr.write(f"refused: {error}\n")
        return 1
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0


def _run(chosen: argparse.Namespace) -> list[str]:
    if chosen.command == "begin":
        return [str(WitnessFolder.begin(chosen.folder, chosen.name).key)]
    witness = WitnessFolder(chosen.folder)
    if chosen.command == "log":
        key = parse_log_key(chosen.key)
        witness.watch(key)
        return [f"watching {key.name}"]
    if chosen.command == "sign":
        return [witness.sign(chosen.request.read_text(encoding="utf-8")).rstrip("\n")]
    if chosen.command == "serve":
        serve(witness, chosen.host, chosen.port)
        return []
    seen = [
        f"{one}: {said['size']} entries, seen {said['seen'] or 'never'}"
        for one, said in witness.seen().items()
    ]
    refused = [
        f"refused, signed by the log itself: {witness.folder / 'refused' / one}" for one in witness.refused()
    ]
    return [str(witness.key), *seen, *refused]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="witness.py", description="A witness of logs.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    words = {
        "begin": "make a key, and print its public line",
        "log": "watch the log of a key",
        "sign": "answer a request in a file",
        "serve": "answer requests over HTTP",
        "show": "print the key, what was seen last, and what was refused",
    }
    made = {name: commands.add_parser(name, help=said) for name, said in words.items()}
    for one in made.values():
        one.add_argument("folder", type=Path)
    made["begin"].add_argument("--name", required=True, help="like parents.example/w1, without spaces")
    made["log"].add_argument("key", help="the line that `willing audit key` prints")
    made["sign"].add_argument("request", type=Path)
    made["serve"].add_argument("--host", default="127.0.0.1")
    made["serve"].add_argument("--port", type=int, default=8478)
    return parser


if __name__ == "__main__":
    sys.exit(main())
