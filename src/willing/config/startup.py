"""What a server process does once, when it starts."""

import functools
import gc
import logging
import sys
import threading

from django.db import DatabaseError, close_old_connections, connection, connections
from django.urls import get_resolver

from willing.allergens.actions import remind_here
from willing.attendance.message_rules import LOOK_SECONDS
from willing.attendance.messages import advance_runs_here, stage_due_here
from willing.attendance.registers import close_due_here
from willing.audit import journal
from willing.biometrics.engine import load_engine, may_load, picture_check
from willing.biometrics.gallery import start_watching
from willing.boarding.evening import alert_due_here
from willing.books.counting import count_due
from willing.core.errors import InstallationFault
from willing.core.running import InstallationBusy, RestoreUnfinished, share_installation
from willing.core.sqlite.planner import refresh_planner
from willing.core.supervision import drop_finished_processes, supervise
from willing.credentials.pin_attempts import decoy_hash, return_unfinished_attempts
from willing.documents.fuses import weigh_here
from willing.gate.lane_readers import hold_readers, take_reads
from willing.gate.syncing import enqueue_due_devices
from willing.jobs.actions import run_due
from willing.jobs.registry import Worker
from willing.keys.installation import find_keys_fault, require_installation
from willing.mail.returned import enqueue_due
from willing.meals.counting import count_served_here
from willing.meals.duplicates import find_duplicates_here
from willing.ops import copies, restore
from willing.ops.standby import watch_standbys
from willing.ops.upgrade_state import forget_snapshot
from willing.people.queries import find_school
from willing.rollcall.retention import purge_last_seen_here
from willing.rollcall.watch import enqueue_sheets_here, ring_here
from willing.roster.uploads import purge_uploads
from willing.till.counting import count_sold_here
from willing.till.mailed_receipts import write_receipts_here
from willing.till.screens import ring_for_others
from willing.wallets.low_balance import write_low_balances

JOURNAL_SECONDS = 30
JOBS_SECONDS = 2
INBOX_SECONDS = 60  # how often it is asked whether a reading is due
UPLOADS_SECONDS = 60
DUPLICATES_SECONDS = 3600
BOOKS_SECONDS = 3600  # how often it is asked whether a day is over and not counted
SNAPSHOT_SECONDS = 3600
PLANNER_SECONDS = 6 * 3600
LOW_BALANCE_SECONDS = 60
REGISTERS_SECONDS = 60
DOORS_SECONDS = 15  # how often it is asked whether a device at a door is to be asked
ROLL_CALL_SECONDS = 1  # how often it is asked for news, while a phone waits for some
LAST_SEEN_SECONDS = 600
SCREENS_SECONDS = 0.1  # only where several processes share a database, and only while a screen waits
RECEIPTS_SECONDS = 600  # how often it is asked whether an evening's receipts are to be mailed
log = logging.getLogger("willing.start")


def require_startable() -> None:
    """End the process, naming the file, where a part of this installation is missing or wrong.

    In a thread for the same reason as below. Without the keys' database alone it starts, with faces off. From
    here on no restore can begin, until this process exits.
    """
    try:
        share_installation()
    except (InstallationBusy, RestoreUnfinished) as error:
        sys.exit(f"Willing does not start: {error}")
    faults: list[str] = []
    looking = threading.Thread(target=_collect_faults, args=[faults], name="willing-look")
    looking.start()
    looking.join()
    if faults:
        sys.exit(f"Willing does not start: {faults[0]}")


def _collect_faults(faults: list[str]) -> None:
    try:
        require_installation()
    except InstallationFault as fault:
        faults.append(str(fault))
    else:
        lost = find_keys_fault(fresh=True)
        if lost:
            log.error("faces are off: %s", lost)
    connections.close_all()


def start_process() -> None:
    """Release attempts that a crash left counted, and load the engine before the first pupil waits.

    Runs in a thread of its own: the server imports the application inside its event loop, where Django
    rightly refuses to touch the database.
    """
    copies.clean_up()
    restore.clean_up()
    tidying = threading.Thread(target=_tidy_up, name="willing-tidy-up")
    tidying.start()
    tidying.join()
    drop_finished_processes()
    start_watching()
    watch_standbys()
    supervise("journal", _keep_journal, every_seconds=JOURNAL_SECONDS)
    supervise("upgrade", forget_snapshot, every_seconds=SNAPSHOT_SECONDS)
    for worker in Worker:
        supervise(worker, functools.partial(run_due, worker=worker), every_seconds=JOBS_SECONDS)
    supervise("duplicates", find_duplicates_here, every_seconds=DUPLICATES_SECONDS)
    supervise("mail-inbox", enqueue_due, every_seconds=INBOX_SECONDS)
    supervise("low-balances", write_low_balances, every_seconds=LOW_BALANCE_SECONDS)
    supervise("mailed-receipts", write_receipts_here, every_seconds=RECEIPTS_SECONDS)
    supervise("allergens", remind_here, every_seconds=BOOKS_SECONDS)
    supervise("registers", close_due_here, every_seconds=REGISTERS_SECONDS)
    supervise("evening-lists", alert_due_here, every_seconds=REGISTERS_SECONDS)
    supervise("doors", enqueue_due_devices, every_seconds=DOORS_SECONDS)
    supervise("lane-readers", hold_readers, every_seconds=DOORS_SECONDS)
    supervise("lane-reads", take_reads, every_seconds=0.0)
    supervise("roll-calls", ring_here, every_seconds=ROLL_CALL_SECONDS)
    supervise("roll-call-sheets", enqueue_sheets_here, every_seconds=REGISTERS_SECONDS)
    supervise("last-seen", purge_last_seen_here, every_seconds=LAST_SEEN_SECONDS)
    supervise("absence-messages", advance_runs_here, every_seconds=LOOK_SECONDS)
    supervise("absence-staging", stage_due_here, every_seconds=REGISTERS_SECONDS)
    if connection.vendor == "postgresql":
        supervise("second-screens", ring_for_others, every_seconds=SCREENS_SECONDS)
    supervise("uploads", purge_uploads, every_seconds=UPLOADS_SECONDS)
    supervise("books", count_due, every_seconds=BOOKS_SECONDS)
    supervise("served-meals", count_served_here, every_seconds=BOOKS_SECONDS)
    supervise("sold-payments", count_sold_here, every_seconds=BOOKS_SECONDS)
    supervise("fuses", weigh_here, every_seconds=BOOKS_SECONDS)
    supervise("query-planner", refresh_planner, every_seconds=PLANNER_SECONDS)
    supervise("load-engine", _load_engine, every_seconds=None)
    freeze_what_is_loaded()


def freeze_what_is_loaded() -> None:
    """Load the code of every page, and leave what is loaded out of all later collections of garbage.

    Python goes now and then through all objects for cycles, and every thread waits meanwhile: some 130 ms
    with our code among them, in the middle of somebody's sale. Code is not garbage until the process exits.
    """
    get_resolver().url_patterns  # noqa: B018  # reading it imports the pages
    gc.collect()
    gc.freeze()


def _tidy_up() -> None:
    for step in (return_unfinished_attempts, decoy_hash):
        try:
            step()
        except DatabaseError as error:
            # A damaged page under one of them must not take the others along; the nightly job tries again,
            # and Health names the damage.
            log.error("at the start, %s met %s", step.__name__, type(error).__name__)  # noqa: TRY400
    connections.close_all()  # this thread stops here


def _keep_journal() -> None:
    """Try again what could not be written to the journal of refusals, and write how far the day has come."""
    journal.write_pending()
    journal.write_marks()
    close_old_connections()


def _load_engine() -> None:
    school = find_school()
    if school is not None and may_load(school):
        load_engine()
        picture_check()
    connections.close_all()  # its thread stops here
