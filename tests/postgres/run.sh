#!/usr/bin/env bash
# The room tests once more on PostgreSQL: a cluster of its own in a temporary folder, on 127.0.0.1 only, ended
# with this script. Where PostgreSQL's server programs are missing and the user is root, Debian's package is
# installed; otherwise this says what to install.
set -euo pipefail
cd "$(dirname "$0")/../.."
PATH=$PATH:/usr/sbin:/sbin  # runuser lies there, and not every shell looks there
find_bin() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1; }
bin=$(find_bin)
if [ -z "$bin" ] && command -v initdb >/dev/null; then bin=$(dirname "$(command -v initdb)"); fi
if [ -z "$bin" ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql >/dev/null
    bin=$(find_bin)
  else
    echo "The room tests also run on PostgreSQL: install Debian's or Ubuntu's package 'postgresql' first." >&2
    exit 1
  fi
fi
# In memory where there is room. Nothing is vacuumed by itself, or plans would differ by chance.
room=$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1 || true)
if [ "${room:-0}" -gt 2000000 ]; then folder=$(mktemp -d -p /dev/shm); else folder=$(mktemp -d); fi
port=$(.venv/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
as_server() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
if [ "$(id -u)" = 0 ]; then chown postgres "$folder"; fi
end() { as_server "$bin/pg_ctl" -D "$folder/data" -m immediate -s stop || true; rm -rf "$folder"; }
trap end EXIT
(cd "$folder" && as_server "$bin/initdb" -D "$folder/data" -A trust -U willing -E UTF8 --no-sync >"$folder.log" 2>&1) || { cat "$folder.log"; exit 1; }
rm -f "$folder.log"
(cd "$folder" && as_server "$bin/pg_ctl" -D "$folder/data" -s -w -l "$folder/log" \
  -o "-c listen_addresses=127.0.0.1 -p $port -c unix_socket_directories='' -c fsync=off -c autovacuum=off -c max_connections=50" start)
export WILLING_DATABASE_URL="postgresql://willing@127.0.0.1:$port/postgres"
export WILLING_KEYS_DATABASE_URL="$WILLING_DATABASE_URL"
# Whatever locks, constrains or adds up in the database, limits included. Pure rules, files of SQLite, pages, and what
# a face looks like to the engine are the same on every database: they run once, on SQLite. What a sale, a card, a till
# and the log stand on runs with `make test`; the other rooms run before a change lands, with `make whole` (REST=1).
if [ -n "${REST:-}" ]; then
  tests=(tests/leave tests/gate tests/visits tests/rollcall tests/boarding tests/attendance tests/consent_forms
    tests/payments tests/privacy tests/complaints tests/documents tests/people tests/accounts/test_staff.py
    tests/biometrics/test_{faces,notice_changes}.py tests/pages/sign_in/test_{families,passkeys,sign_in}.py
    tests/mail/test_outbox.py)
else
  tests=(tests/ledger tests/audit/test_log.py tests/audit/test_record_many.py tests/roster/test_apply.py
    tests/consent/test_actions.py tests/keys tests/terminals tests/credentials tests/till tests/postgres tests/drawers
    tests/books/test_week.py tests/biometrics/test_erasure.py tests/dpia/test_lock.py tests/jobs
    tests/core/test_{integrity,snapshot,storage,prepared,transactions,triggers,write_queue}.py
    tests/api/test_{keys,sales}.py)
fi
echo "On PostgreSQL:"
.venv/bin/pytest "${tests[@]}" \
  -p no:schemathesis --ignore-glob="*_rules.py" -m "not sqlite and not journey and not whole" -k "not jumping" ${PYTEST_PARALLEL:--n 2 --dist loadfile --no-loadscope-reorder} "$@"
