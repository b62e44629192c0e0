"""A device holds the log against what it saw: its module judges as the verifier does, over the same trees."""

import json
import random
import re
import shutil
import subprocess
from pathlib import Path
from uuid import uuid4

import pytest
from tests.audit.logs import START, Log, cosigned, make_entry, read_from
from tests.audit.test_cli import append, home  # noqa: F401  # fixtures
from tests.audit.test_merkle import DATA, LEAVES, MANY, ROOTS, grow

import willing.audit
from willing.audit.actions import sign_log
from willing.audit.continuity import continuity_since
from willing.audit.encoding import Content, encode
from willing.audit.models import SignedCheckpoint
from willing.audit.origins import LastKnown, open_origin
from willing.audit.signing import own_key, replace_key
from willing.audit.verify.merkle import is_consistent, prove_consistency, prove_inclusion
from willing.audit.verify_database import head_of
from willing.people.models import Person

pytestmark = pytest.mark.journey
MODULE = Path(willing.audit.__file__).parent / "static" / "audit" / "continuity.js"
RUNNER = Path(__file__).with_name("continuity.mjs")
# From the reference implementation of Certificate Transparency, over the same leaves as in test_merkle.
CONSISTENCY = {
    (1, 1): [],
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
LOG = Log.of(40)


def run(cases):
    node = shutil.which("node")
    assert node, "install Node.js 20 or newer (Debian: apt-get install nodejs): it runs the page's module"
    done = subprocess.run(
        [node, "--no-warnings", str(RUNNER), str(MODULE)],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def follow(memory, answer, **how):
    return run([{"memory": memory, "answer": answer, **how}])[0]


def tree(size, root):
    return {"size": size, "root": root}


def saw(log, size):
    return {"key": str(log.key), "note": log.note(size), "restored": []}


def answer(log, since, size=None, *, proof=None, restores=()):
    """Return what the school's server says of `log`, to a device that saw `since` entries."""
    size = size or len(log.entries)
    if proof is None:
        proof = prove_consistency(since, size, log.reader) if 0 < since <= size else []
    return {
        "checkpoint": log.note(size),
        "key": str(log.key),
        "proof": [one.hex() for one in proof],
        "restores": [
            {
                "entry": log.entries[index].decode(),
                "proof": [one.hex() for one in prove_inclusion(index, size, log.reader)],
            }
            for index in restores
        ],
    }


def restored(log, kept, *, lost, seed=2, more=3, facts=None):
    """Return the log that goes on under another key from `kept` entries of `log`, and says so."""
    after = Log(list(log.entries[:kept]), seed)
    said = {"origins": [log.key.name], "kept": kept, "lost": lost, "opened": after.key.name, **(facts or {})}
    after.entries.append(encode(Content(kept + 1, START, "log.restored", None, said, bytes(32))))
    after.entries += [make_entry(number) for number in range(kept + 2, kept + 2 + more)]
    return after


def test_the_published_proofs_of_consistency_hold_and_only_they():
    trees = [tree(size, root) for size, root in enumerate(ROOTS)]
    assert len(DATA) == 8
    good = [
        {"old": trees[old], "now": trees[now], "proof": proof} for (old, now), proof in CONSISTENCY.items()
    ]
    assert run(good) == [True] * 4
    assert [
        [one.hex() for one in prove_consistency(*sizes, read_from(LEAVES))] for sizes in CONSISTENCY
    ] == list(CONSISTENCY.values())
    crossed = [{**one, "proof": good[(at + 1) % 4]["proof"]} for at, one in enumerate(good)]
    assert run(crossed) == [False] * 4


def test_every_pair_of_small_trees_and_every_changed_proof_is_judged_as_the_verifier_judges_it():
    chance, cases, expected = random.Random(20261126), [], []
    roots = [grow(MANY[:size]).root() for size in range(35)]
    for now in range(1, 35):
        for old in range(now + 1):
            proof = prove_consistency(old, now, read_from(MANY)) if old else []
            changed = [bytearray(one) for one in (roots[old], roots[now], *proof)]
            chance.choice(changed)[chance.randrange(32)] ^= 1 << chance.randrange(8)
            for first, last, *rest in (
                [roots[old], roots[now], *proof],
                changed,
                [roots[old], roots[now], *proof, bytes(32)],
                [roots[old], roots[now], *proof[:-1]],
            ):
                cases.append(
                    {
                        "old": tree(old, first.hex()),
                        "now": tree(now, last.hex()),
                        "proof": [one.hex() for one in rest],
                    }
                )
                expected.append(
                    is_consistent(old, bytes(first), now, bytes(last), [bytes(one) for one in rest])
                )
    assert run(cases) == expected
    assert 590 < sum(expected) < len(expected) / 3


def test_the_first_visit_remembers_and_later_ones_follow_the_log_as_it_grows():
    found = follow(None, answer(LOG, 0, 7))
    assert (found["outcome"], found["size"]) == ("first", 7)
    for size in (7, 8, 23, 40):
        seen = int(found["memory"]["note"].split("\n")[1])
        found = follow(found["memory"], answer(LOG, seen, size))
        assert (found["outcome"], found["size"]) == ("continued", size)
        assert found["memory"] == saw(LOG, size)


def test_what_witnesses_signed_as_well_is_followed():
    found = follow(saw(LOG, 7), {**answer(LOG, 7, 9), "checkpoint": cosigned(LOG.note(9))})
    assert found["outcome"] == "continued"
    assert follow(found["memory"], answer(LOG, 9))["outcome"] == "continued"


@pytest.mark.parametrize(
    ("now", "proof"),
    [(19, []), (20, []), (40, None), (40, [])],
    ids=["shorter", "as long, another", "longer, another", "longer, without a proof"],
)
def test_a_log_under_the_same_key_that_does_not_continue_was_rewritten_and_stays_so(now, proof):
    other = Log([*LOG.entries[:3], *Log.of(40, total=1).entries[3:]])
    found = follow(saw(LOG, 20), answer(other if now > 19 else LOG, 20, now, proof=proof))
    assert found["outcome"] == "rewritten"
    kept = found["memory"]
    assert kept["note"] == LOG.note(20), "what the device saw is the evidence"
    assert kept["rewritten"].split("\n")[1] == str(now)
    again = follow(kept, answer(LOG, 20, 40))
    assert (again["outcome"], again["memory"]) == ("rewritten", kept)


@pytest.mark.parametrize(("kept", "lost"), [(10, 10), (10, 30), (10, None), (20, 5), (25, 15)])
def test_a_restore_that_owns_up_is_no_rewriting(kept, lost):
    after = restored(LOG, kept, lost=lost)
    found = follow(saw(LOG, 20), answer(after, 20, restores=[kept]))
    assert found["outcome"] == "restored"
    assert found["restored"] == [{"at": "2026-09-01T12:00:00.000000Z", "lost": lost}]
    assert found["memory"] == {**saw(after, len(after.entries)), "restored": found["restored"]}
    again = follow(found["memory"], answer(after, len(after.entries)))
    assert again["outcome"] == "continued"
    assert again["memory"]["restored"] == found["restored"], "it is still said on later visits"


def test_two_restores_one_after_the_other_are_both_said():
    once = restored(LOG, 10, lost=30)
    twice = restored(once, 12, lost=2, seed=3)
    found = follow(saw(LOG, 20), answer(twice, 20, restores=[10, 12]))
    assert [one["lost"] for one in found["restored"]] == [30, 2]
    assert follow(saw(LOG, 20), answer(twice, 20, restores=[12]))["outcome"] == "unexplained"
    assert follow(saw(LOG, 20), answer(twice, 20, restores=[12, 10]))["outcome"] == "unexplained"


@pytest.mark.parametrize(
    ("log", "kept", "lost"),
    [
        (LOG, 10, 9),
        (Log.of(40, total=1), 25, None),
    ],
    ids=["more is gone than it says", "what it kept is not what was seen"],
)
def test_a_restore_that_does_not_own_up_to_what_was_seen_is_a_rewritten_log(log, kept, lost):
    after = restored(log, kept, lost=lost)
    assert follow(saw(LOG, 20), answer(after, 20, restores=[kept]))["outcome"] == "rewritten"


def test_another_key_that_goes_on_is_said_and_one_that_does_not_is_not_remembered():
    other = Log(LOG.entries, 5)
    found = follow(saw(LOG, 20), answer(other, 20))
    assert (found["outcome"], found["memory"]) == ("rekeyed", saw(other, 40))
    for strange in (Log.of(40, 5, total=1), Log.of(19, 5)):
        found = follow(saw(LOG, 20), answer(strange, 20))
        assert (found["outcome"], found["memory"]) == ("unexplained", saw(LOG, 20))


GOOD = answer(LOG, 20)
RESTORED = answer(restored(LOG, 10, lost=30), 20, restores=[10])


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (None, "malformed"),
        ({}, "malformed"),
        ({**GOOD, "more": 1}, "malformed"),
        ({**GOOD, "proof": ["A" * 64]}, "malformed"),
        ({**GOOD, "proof": ["00" * 32] * 129}, "malformed"),
        ({**GOOD, "restores": RESTORED["restores"] * 51}, "malformed"),
        ({**RESTORED, "restores": [{"entry": "{}", "proof": []}]}, "malformed"),
        ({**RESTORED, "restores": [{**RESTORED["restores"][0], "proof": []}]}, "malformed"),
        (answer(restored(LOG, 10, lost=0), 20, restores=[10]), "malformed"),
        (answer(restored(LOG, 10, lost=3, facts={"kept": 9}), 20, restores=[10]), "malformed"),
        (
            answer(restored(LOG, 10, lost=3, facts={"origins": ["willing/test-2"]}), 20, restores=[10]),
            "malformed",
        ),
        (answer(restored(LOG, 10, lost=3), 20, restores=[11]), "malformed"),
        ({**RESTORED, "key": str(LOG.key)}, "wrong_key"),
        ({**GOOD, "checkpoint": Log(LOG.entries, 5, LOG.key.name).note()}, "wrong_key"),
        ({**GOOD, "checkpoint": LOG.note().replace("\n40\n", "\n41\n")}, "bad_signature"),
    ],
)
def test_an_answer_that_proves_nothing_is_refused_and_changes_nothing(given, code):
    found = follow(saw(LOG, 20), given)
    assert found == {"outcome": "refused", "code": code, "memory": saw(LOG, 20)}


@pytest.mark.parametrize(
    "memory",
    [
        7,
        {},
        {**saw(LOG, 20), "note": LOG.note(20).replace("\n20\n", "\n21\n")},
        {**saw(LOG, 20), "key": "no key"},
        {**saw(LOG, 20), "restored": [{"at": 1}]},
    ],
)
def test_what_is_no_memory_is_begun_again(memory):
    assert follow(memory, answer(LOG, 0))["outcome"] == "first"


def test_a_page_that_cannot_check_says_so():
    found = follow(saw(LOG, 20), GOOD, subtle=False)
    assert found == {"outcome": "unsupported", "memory": saw(LOG, 20)}


def test_the_module_asks_nobody_and_stores_nothing():
    text = MODULE.read_text(encoding="utf-8")
    assert not [word for word in ("fetch", "XMLHttpRequest", "import(", "://", "Storage") if word in text]


def visit(memory):
    """Ask this installation as the page does, and return what the device then says."""
    origin, size = memory["note"].split("\n")[:2] if memory else ("", "0")
    given = json.loads(json.dumps(continuity_since(origin, int(size))))
    return follow(memory, given)


def test_from_a_first_visit_over_a_restore_and_a_new_key(cast, home):  # noqa: F811
    found = visit(None)
    assert (found["outcome"], SignedCheckpoint.objects.count()) == ("first", 1)
    append()
    assert visit(found["memory"])["size"] == found["size"], "a visit signs nothing new"
    sign_log()
    found = visit(found["memory"])
    assert found["outcome"] == "continued"
    open_origin(uuid4(), LastKnown(head_of().sequence + 5, "00" * 32), by={"journal": True})
    restored_ = visit(found["memory"])
    assert restored_["outcome"] == "restored", "a restore is known before the evening's signature"
    assert [one["lost"] for one in restored_["restored"]] == [5]
    replace_key()
    found = visit(restored_["memory"])
    assert (found["outcome"], found["memory"]["key"]) == ("rekeyed", str(own_key()))
    assert visit(found["memory"])["outcome"] == "continued"
    assert visit(saw(LOG, 20))["outcome"] == "unexplained"


def test_an_answer_names_nobody(cast, home):  # noqa: F811
    closed = own_key().name
    open_origin(uuid4(), None, by={})
    text = json.dumps(continuity_since(closed, 1))
    assert "log.restored" in text
    # A short name stands in a digest or a signature by chance, once in some hundred runs.
    words = re.sub(r"[0-9A-Za-z+/=]{24,}", "", text)
    assert "log.restored" in words
    for one in Person.objects.all():
        assert one.given_name not in words
        assert one.family_name not in words
        assert str(one.id) not in text
