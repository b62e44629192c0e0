"""The portal's module checks receipts as the verifier does: both get the same ones, whole and damaged."""

import json
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.audit.logs import Log, cosigned
from tests.audit.test_verify import CHANGES, LOG, OTHERS_KEY, RECEIPT

import willing.audit
from willing.audit.verify.errors import Unproven
from willing.audit.verify.receipts import verify_receipt
from willing.audit.verify.signed_note import parse_key

pytestmark = pytest.mark.journey
MODULE = Path(willing.audit.__file__).parent / "static" / "audit" / "inclusion.js"
RUNNER = Path(__file__).with_name("inclusion.mjs")
KEY = str(LOG.key)


def check(cases):
    node = shutil.which("node")
    assert node, "install Node.js 20 or newer (Debian: apt-get install nodejs): it runs the page's module"
    given = [{"key": KEY, **case} for case in cases]
    run = subprocess.run(
        [node, "--no-warnings", str(RUNNER), str(MODULE)],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def expected(receipt, key=KEY):
    try:
        verify_receipt(receipt, [parse_key(key)])
    except Unproven as error:
        return error.code
    return None


def test_every_receipt_of_small_and_odd_trees_is_included():
    places = [(index, size) for size in (1, 2, 3, 7, 8, 13, 40) for index in range(size)]
    found = check([{"receipt": json.dumps(LOG.receipt(*place))} for place in places])
    assert {one["outcome"] for one in found} == {"included"}
    assert [(one["entry"]["seq"] - 1, one["size"]) for one in found] == places
    assert found[-1]["root"] == LOG.root(40).hex()
    assert found[-1]["origin"] == LOG.key.name


def test_a_log_that_witnesses_cosigned_is_included_and_so_is_a_file_with_a_byte_order_mark():
    receipts = [
        json.dumps({**LOG.receipt(20), "checkpoint": cosigned(LOG.note(), first=first)})
        for first in (False, True)
    ]
    found = check([{"receipt": one} for one in [*receipts, "\ufeff" + receipts[0]]])
    assert [one["outcome"] for one in found] == ["included"] * 3
    assert [expected(one) for one in [*receipts, "\ufeff" + receipts[0]]] == [None] * 3


def test_letters_of_every_script_are_included():
    names: dict[str, Any] = {
        "名": "é中😀",
        "\U0001f600": 1,
        "\uff61": [None, True, {"z": -1, "a": "\u2028\x7f\x01"}],
    }
    log = Log.of(3, **names)
    assert check([{"receipt": json.dumps(log.receipt(2))}])[0]["outcome"] == "included"


def test_a_changed_receipt_is_refused_for_the_reason_that_the_verifier_gives():
    receipts = [json.dumps({**RECEIPT, **change}) for change, _ in CHANGES]
    found = check([{"receipt": one} for one in receipts])
    assert {one["outcome"] for one in found} == {"refused"}
    # Numbers of more than 53 bits are malformed to the page and merely wrong to the verifier.
    pairs = [(one["code"], code) for one, (change, code) in zip(found, CHANGES, strict=True)]
    assert [pair for pair in pairs if pair[0] != pair[1]] == [("malformed", "not_included")]


def test_receipts_with_any_one_character_changed_are_judged_as_the_verifier_judges_them():
    chance = random.Random(20260901)
    receipts = []
    for _ in range(1500):
        text = json.dumps(LOG.receipt(chance.randrange(40)), ensure_ascii=False)
        place = chance.randrange(len(text))
        receipts.append(text[:place] + chance.choice('0123456789abcfEZ+-."{}[]:, \\n—') + text[place + 1 :])
    found = check([{"receipt": one} for one in receipts])
    for receipt, one in zip(receipts, found, strict=True):
        assert (one["outcome"] == "included") == (expected(receipt) is None), (receipt, one)
    assert sum(one["outcome"] == "refused" for one in found) > 1300


@pytest.mark.parametrize("text", ["", "null", "[]", "{", "{}", "7", "[" * 100000])
def test_what_is_no_receipt_is_refused(text):
    assert check([{"receipt": text}]) == [{"outcome": "refused", "code": "malformed"}]


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (str(OTHERS_KEY.key), "wrong_key"),
        ("", "malformed"),
        (KEY[:-1] + ("A" if KEY[-1] != "A" else "B"), "malformed"),
        (KEY.replace("test-1", "test-2"), "malformed"),
        (str(Log([], 2, LOG.key.name).key), "wrong_key"),
    ],
)
def test_another_key_is_refused(key, code):
    assert check([{"receipt": json.dumps(RECEIPT), "key": key}]) == [{"outcome": "refused", "code": code}]


def test_a_page_that_cannot_check_says_so():
    assert check([{"receipt": json.dumps(RECEIPT), "subtle": False}]) == [{"outcome": "unsupported"}]


def test_the_module_needs_nothing_and_asks_nobody():
    text = MODULE.read_text(encoding="utf-8")
    assert "\nimport " not in text
    assert not [word for word in ("fetch", "XMLHttpRequest", "import(", "://") if word in text]
