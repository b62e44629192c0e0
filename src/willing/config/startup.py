"""What a server process does once, when it starts."""

import logging
import threading

from django.db import close_old_connections

from willing.biometrics.engine import load_engine, may_load
from willing.biometrics.gallery import start_watching
from willing.people.queries import find_school
from willing.till.actions import settle_held_sales

log = logging.getLogger("willing.start")


def start_process() -> None:
    """Settle what a crash left held, watch the galleries, and load the engine before the first pupil waits.

    Runs in a thread of its own: the server imports the application inside its event loop, where Django
    rightly refuses to touch the database.
    """
    settling = threading.Thread(target=_settle, name="willing-settle")
    settling.start()
    settling.join()
    start_watching()
    threading.Thread(target=_load_engine, name="willing-load-engine", daemon=True).start()


def _settle() -> None:
    settled = settle_held_sales()
    if settled:
        log.warning("settled %s sales that were held when the server stopped", settled)
    close_old_connections()


def _load_engine() -> None:
    school = find_school()
    if school is not None and may_load(school):
        load_engine()
    close_old_connections()
