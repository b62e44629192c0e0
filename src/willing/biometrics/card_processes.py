"""The processes that open templates of cards: one at each till and each enrolment, for one session at a time.

Nothing of a share or a template is in this process: what a page sealed goes through unread, and what comes
back is a decision, for the very session and basket that it was asked for.
"""

import atexit
import select
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict
from typing import IO, Any
from uuid import UUID

from willing.biometrics.card_messages import (
    SECONDS_MAX,
    Message,
    MessageCut,
    Occasion,
    read_message,
    write_message,
)

# A process that got ready earlier than this might stop before its session begins.
READY_SECONDS_MAX = 25
ANSWER_SECONDS_MAX = 10


class ProcessFailed(Exception):
    """The process is gone, does not answer, or answers for another session or basket."""


class CardProcess:
    """One process; `begin` gives it its session. Closed by its session's end, by the next one, or by time."""

    def __init__(self) -> None:
        command = [sys.executable, "-I", "-m", "willing.biometrics.card_worker"]
        self._process = subprocess.Popen(  # noqa: S603  # a fixed command
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,  # a buffer would keep what went through it
            stderr=subprocess.DEVNULL,  # what it would say at its end is no text for a log
            env={},
            cwd="/",
        )
        self._began = time.monotonic()
        self._lock = threading.Lock()
        self.frames = threading.Lock()  # one frame of a session is worked on at a time
        self.occasion: Occasion | None = None
        self.public = ""
        # Whether it has kept a frame of a match, for which one press may still come.
        self.has_kept = False

    @property
    def is_ready(self) -> bool:
        """Whether it waits for a session, and for long enough still."""
        is_young = time.monotonic() - self._began < READY_SECONDS_MAX
        return self.occasion is None and is_young and self._process.poll() is None

    @property
    def is_over(self) -> bool:
        """Whether it has stopped, or will have by now."""
        return self._process.poll() is not None or time.monotonic() - self._began > SECONDS_MAX

    @property
    def pid(self) -> int:
        """Its number in the system."""
        return self._process.pid

    def begin(self, occasion: Occasion) -> None:
        """Give it its session; its key is there from now on. Raises ProcessFailed."""
        self._began = time.monotonic()
        self.occasion = occasion
        self.public = str(self.ask(Message(asdict(occasion))).said["public"])

    def ask(self, message: Message) -> Message:
        """Return what it answers. Raises ProcessFailed, after which it is closed."""
        with self._lock:
            try:
                answered = self._exchange(message)
                named = _named(answered)
            except (OSError, MessageCut, KeyError, ValueError):
                self._stop()
                raise ProcessFailed("the process that opens a card's template is gone") from None
            if named != self.occasion:
                self._stop()
                raise ProcessFailed("an answer for another session or basket")
        return answered

    def _exchange(self, message: Message) -> Message:
        write_message(_open(self._process.stdin), message)
        stdout = _open(self._process.stdout)
        ready, _, _ = select.select([stdout], [], [], ANSWER_SECONDS_MAX)
        answered = read_message(stdout) if ready else None
        if answered is None:
            raise MessageCut
        return answered

    def close(self) -> None:
        """Stop it now; its memory goes back to the system. Closing twice changes nothing."""
        with self._lock:
            self._stop()

    def _stop(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):  # what was not read any more
                    pipe.close()


def _open(pipe: IO[bytes] | None) -> Any:
    if pipe is None or pipe.closed:
        raise MessageCut
    return pipe


def _named(answered: Message) -> Occasion:
    said = answered.said
    return Occasion(said["school"], said["session"], said["basket"])


_processes: dict[UUID, CardProcess] = {}
# By till: the process of a match that is over, as long as a press may still refresh the template it opened.
_aside: dict[UUID, CardProcess] = {}
_lock = threading.Lock()


def get_ready(place: UUID) -> None:
    """Let a process for a till (or a capture) start, so that the next session there need not wait for it."""
    tidy()
    with _lock:
        held = _processes.get(place)
        is_at_work = held is not None and held.occasion is not None and not held.is_over
        if held is not None and (held.is_ready or is_at_work):
            return
        _processes[place] = CardProcess()
    if held is not None:
        held.close()


def begin(place: UUID, occasion: Occasion) -> CardProcess:
    """Return the process for a session that begins at a till. Raises ProcessFailed.

    The one of an earlier session there is closed.
    """
    with _lock:
        held = _processes.pop(place, None)
    if held is not None and held.occasion == occasion and not held.is_over:
        found = held
    elif held is not None and held.is_ready:
        found = held
        found.begin(occasion)
    else:
        if held is not None:
            held.close()
        found = CardProcess()
        found.begin(occasion)
    with _lock:
        replaced, _processes[place] = _processes.get(place), found
    if replaced is not None:
        replaced.close()
    return found


def find(session_id: UUID) -> CardProcess | None:
    """Return the process of a session that has begun and is not over, or None."""
    with _lock:
        return next((one for one in _processes.values() if _is_of(one, session_id) and not one.is_over), None)


def close(session_id: UUID) -> None:
    """Close the process of a session, if it has one."""
    with _lock:
        places = [place for place, one in _processes.items() if _is_of(one, session_id)]
        over = [_processes.pop(place) for place in places]
    for one in over:
        one.close()


def set_aside(session_id: UUID) -> CardProcess | None:
    """Let the process of a session that has matched wait for a press; the next match at that till closes it.

    None where it has kept no frame, or is gone.
    """
    with _lock:
        found = next(((place, one) for place, one in _processes.items() if _is_of(one, session_id)), None)
        if found is None or not found[1].has_kept:
            return None
        place, process = found
        del _processes[place]
        before, _aside[place] = _aside.get(place), process
    if before is not None:
        before.close()
    return process


def close_aside(process: CardProcess) -> None:
    """Close a process that waited for a press."""
    with _lock:
        for place in [place for place, one in _aside.items() if one is process]:
            del _aside[place]
    process.close()


def tidy() -> None:
    """Let go of what is over by time."""
    with _lock:
        held = (_processes, _aside)
        over = [where.pop(place) for where in held for place, one in [*where.items()] if one.is_over]
    for one in over:
        one.close()


def _is_of(process: CardProcess, session_id: UUID) -> bool:
    return process.occasion is not None and process.occasion.session == str(session_id)


@atexit.register
def close_all() -> None:
    """Close every process: this one stops."""
    with _lock:
        over = [*_processes.values(), *_aside.values()]
        _processes.clear()
        _aside.clear()
    for one in over:
        one.close()
