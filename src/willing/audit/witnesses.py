"""Witnesses of the log: who is asked, what they are asked, and what they signed.

Nothing here sends anything. What a witness is asked is a small file without anything about a person; it goes
by stick, by mail or by a command of the operator's, and the answer comes back the same way.
"""

from collections.abc import Sequence

from willing.audit.actions import record_now, sign_log
from willing.audit.errors import WitnessUnknown
from willing.audit.models import Cosignature, SignedCheckpoint, Witness
from willing.audit.queries import consistency_proof
from willing.audit.verify.cosignatures import parse_witness_key, read_cosignatures, write_request
from willing.audit.verify.errors import Unproven
from willing.audit.verify.signed_note import checkpoint_text
from willing.core.clock import now
from willing.core.transactions import atomic

# How many checkpoints an answer may be late: a year of evenings.
LATE_MAX = 400


@atomic
def add_witness(line: str) -> Witness:
    """Ask a witness from now on. The same again changes nothing.

    line: its public key, as `witness.py begin` prints it. Raises Unproven where it is none; WitnessUnknown
    where another of that name is asked.
    """
    key = parse_witness_key(line)
    asked = Witness.objects.filter(name=key.name, removed_at=None).first()
    if asked is not None:
        if asked.key != str(key):
            raise WitnessUnknown(f"a witness called {key.name} is asked already, and has another key")
        return asked
    record_now("witness.added", subject=None, facts={"witness": key.name, "key": key.id.hex()}, personal={})
    witness, _ = Witness.objects.update_or_create(
        key=str(key), defaults={"name": key.name, "removed_at": None}
    )
    return witness


@atomic
def remove_witness(name: str) -> None:
    """Ask a witness no more; what it signed stays. Raises WitnessUnknown."""
    witness = find_witness(name)
    witness.removed_at = now()
    witness.save(update_fields=["removed_at"])
    record_now("witness.removed", subject=None, facts={"witness": name}, personal={})


def find_witness(name: str) -> Witness:
    """Return a witness that is asked. Raises WitnessUnknown."""
    found = Witness.objects.filter(name=name, removed_at=None).first()
    if found is None:
        raise WitnessUnknown(f"no witness called {name} is asked; `willing audit witness list` names them")
    return found


def witnesses() -> Sequence[tuple[Witness, Cosignature | None]]:
    """Return who is asked, by name, each with what it signed last."""
    asked = Witness.objects.filter(removed_at=None).order_by("name")
    return [(one, _newest_of(one)) for one in asked]


def request_for(witness: Witness, old_size: int | None = None) -> str:
    """Sign the log, and return what the witness is asked (c2sp.org/tlog-witness).

    old_size: how many entries it saw last, where it says another number than is known here. Raises ValueError
    where the log is shorter than that; NothingLogged, TreeDamaged, SigningKeyUnreadable.
    """
    signed = sign_log()
    if old_size is None:
        newest = _newest_of(witness)
        is_of_this_log = newest is not None and _origin(newest.checkpoint) == _origin(signed)
        old_size = newest.checkpoint.size if newest and is_of_this_log else 0
    proof = consistency_proof(old_size, signed) if old_size else []
    return write_request(old_size, proof, signed.note)


@atomic
def store_answer(witness: Witness, answer: str) -> Cosignature:
    """Keep a witness's signature under the checkpoint that it is of. The same again changes nothing.

    Raises Unproven: malformed, wrong_key; bad_signature where it belongs to no checkpoint of the last year.
    """
    key = parse_witness_key(witness.key)
    for signed in SignedCheckpoint.objects.order_by("-number")[:LATE_MAX]:
        try:
            [found, *_] = read_cosignatures(answer, checkpoint_text(signed.note), [key])
        except Unproven as error:
            if error.code != "bad_signature":
                raise
            continue
        kept, _ = Cosignature.objects.get_or_create(
            checkpoint=signed, witness=witness, defaults={"line": found.line, "at": found.at}
        )
        return kept
    raise Unproven("bad_signature", "the signature belongs to no checkpoint of this log, or was changed")


def _newest_of(witness: Witness) -> Cosignature | None:
    return witness.cosignatures.select_related("checkpoint").order_by("-checkpoint__number").first()


def _origin(signed: SignedCheckpoint) -> str:
    return signed.note.partition("\n")[0]
