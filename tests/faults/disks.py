"""The disk is full, or takes no more writes, under a running server."""

import contextlib
import os
import resource
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.faults.clock import PAGES_MORE
from tests.faults.endings import end_well
from tests.faults.processes import serving
from tests.faults.scenario import Broken, Case, NotPossible, require, scenario
from tests.faults.tills import Impatient, Tally

TRIES = 60


def _sell_until_refused(till: Impatient, case: Case) -> int:
    """Sell until the till is told "not now", and a few times more. Return how many sales there were."""
    known, sold, refusals = case.school.known, 0, 0
    for _ in range(TRIES):
        if till.tries_to_sell(known["meal"], case.random.choice(known["cards"])):
            sold += 1
        else:
            refusals += 1
        if refusals == 4:
            return sold
    raise Broken(f"the disk was full, and nothing was refused in {TRIES} sales")


def _till(case: Case, port: int, tally: Tally) -> Impatient:
    return Impatient(port, case.school.known["tokens"][0], case.branch("till"), tally)


@scenario("disk-full-pages")
def fill_the_database(case: Case) -> str:
    """The database may not grow (max_page_count): sales are refused by name, and none is half."""
    tally, pages = Tally(), case.random.randint(0, 40)
    with serving(case.school, **{PAGES_MORE: str(pages)}) as server:
        till = _till(case, server.port, tally)
        sold = _sell_until_refused(till, case)
    with serving(case.school) as server:  # there is room again: the till ends what it had begun
        till.port = server.port
        till.sell(case.school.known["meal"], case.school.known["cards"][0])
    end_well(case.school, tally)
    return f"{pages} pages left, {sold} sales before, refused {dict(tally.refused)}"


@contextlib.contextmanager
def _files_no_larger_than(pid: int, size: int) -> Iterator[None]:
    """Let a running process write no file beyond `size` bytes: 0 is a disk that takes nothing more."""
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


@scenario("disk-full-files")
def limit_files(case: Case) -> str:
    """Files may not grow (RLIMIT_FSIZE) while the server runs; afterwards the same process sells again."""
    tally = Tally()
    with serving(case.school) as server:
        assert server.process is not None
        till = _till(case, server.port, tally)
        till.sell(case.school.known["meal"], case.school.known["cards"][0])
        size = case.random.choice((0, 4096, 40_000, 120_000))
        with _files_no_larger_than(server.process.pid, size):
            sold = _sell_until_refused(till, case)
        till.sell(case.school.known["meal"], case.school.known["cards"][1])
    end_well(case.school, tally)
    return f"files of at most {size} bytes, {sold} sales before, refused {dict(tally.refused)}"


@contextlib.contextmanager
def mounted(source: str, place: Path, *options: str) -> Iterator[Path]:
    """Mount a file system while the block runs. Raises NotPossible where this user may not."""
    place.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        ["mount", *options, source, str(place)], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise NotPossible(f"mounting is not allowed ({done.stderr.strip()[:80]})")
    try:
        yield place
    finally:
        for _ in range(50):
            if subprocess.run(["umount", str(place)], capture_output=True, check=False).returncode == 0:
                break
            time.sleep(0.1)


@scenario("disk-full-tmpfs")
def fill_a_file_system(case: Case) -> str:
    """The installation lies on a file system of its own, which somebody fills; then there is room again."""
    tally = Tally()
    with mounted("tmpfs", case.folder / "disk", "-t", "tmpfs", "-o", "size=96m") as disk:
        school = case.school.copy(disk / "home")
        with serving(school) as server:
            till = _till(case, server.port, tally)
            till.sell(school.known["meal"], school.known["cards"][0])
            filler = disk / "filler"
            _fill(filler, leave=case.random.choice((0, 4096, 60_000)))
            sold = _sell_until_refused(till, case)
            filler.unlink()
            till.sell(school.known["meal"], school.known["cards"][1])
        end_well(school, tally)
    return f"{sold} sales before it was full, refused {dict(tally.refused)}"


def _fill(path: Path, *, leave: int) -> None:
    """Write until the file system is full, then give `leave` bytes back."""
    with path.open("wb", buffering=0) as file:
        with contextlib.suppress(OSError):
            while True:
                file.write(bytes(65536))
        with contextlib.suppress(OSError):
            while True:
                file.write(bytes(512))
        file.truncate(max(0, file.tell() - leave))


@scenario("disk-read-only")
def turn_read_only(case: Case) -> str:
    """The file system turns read-only under the server, as it does when a disk fails; then it is mended."""
    tally, image = Tally(), case.folder / "image"
    with image.open("wb") as file:
        file.truncate(96 * 1024 * 1024)
    made = subprocess.run(["mkfs.ext4", "-q", "-F", str(image)], capture_output=True, check=False)
    if made.returncode != 0:
        raise NotPossible("mkfs.ext4 makes no file system here")
    place = case.folder / "disk"
    with mounted(str(image), place, "-o", "loop"):
        school = case.school.copy(place / "home")
        os.sync()  # what was there before lies on the disk: only the product's own writes are on trial
        with serving(school) as server:
            till = _till(case, server.port, tally)
            till.sell(school.known["meal"], school.known["cards"][0])
            aborted = ["mount", "-o", "remount,abort", str(place)]
            if subprocess.run(aborted, capture_output=True, check=False).returncode != 0:
                raise NotPossible("this system does not let a mounted file system fail")
            sold = _sell_until_refused(till, case)
    checked = subprocess.run(["e2fsck", "-p", str(image)], capture_output=True, check=False)
    require(checked.returncode in (0, 1), "the file system could not be mended")
    with mounted(str(image), place, "-o", "loop"):
        mended = type(school)(place / "home", school.known, school.extra)
        with serving(mended) as server:  # the till ends what it had begun: what was answered is on the disk
            till.port = server.port
            till.sell(school.known["meal"], school.known["cards"][1])
        end_well(mended, tally)
    return f"{sold} sales before, refused {dict(tally.refused)}"
