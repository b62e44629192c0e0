"""A computer of its own for an operator: this one's system, where everything may be changed and nothing is.

A mount, a network and a process namespace, with an overlay of this system in memory: users, units, /opt and
/var/lib are made there for real, by root, and are gone with it. What is shared are disks that are plugged in.
"""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from tests.kit.clean import ROOT

SECONDS_MAX = 300
TOOLS = ("unshare", "nsenter", "ip", "setpriv", "useradd", "chroot")
STAND_IN = Path(__file__).with_name("stand_in_for_systemd.py")
BEGIN = """set -e; umask 022
mount --make-rprivate /
mount -t tmpfs -o mode=0755 willing /mnt
mkdir /mnt/upper /mnt/work /mnt/computer
mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work /mnt/computer
cd /mnt/computer
for one in proc dev sys{shared}; do mkdir -p $one; mount --rbind /$one $one; done
for one in{closed}; do chmod o+x .$one; done
for one in systemctl systemd-run; do
  {{ echo '#!{python}'; cat {stand_in}; }} > usr/local/sbin/$one; chmod 755 usr/local/sbin/$one
done
mkdir -p run/systemd/system media; mkdir -m 700 root/desk
for one in backup other-disk media/safe media/stick; do
  mkdir -p $one {disks}/$one; mount --bind {disks}/$one $one
done
ip link set lo up
echo ready
while :; do sleep 1; done
"""


class Computer:
    """Runs commands as root typed them. disks: the folder of what is plugged in."""

    def __init__(self, disks: Path) -> None:
        executable = Path(sys.executable).resolve()
        closed = [
            one
            for path in (executable, ROOT, disks)
            for one in path.parents
            if not one.stat().st_mode & 0o001
        ]
        text = BEGIN.format(
            shared=_words(str(one).lstrip("/") for one in (ROOT, disks.parent)),
            closed=_words(map(str, dict.fromkeys(closed))),
            python=executable,
            stand_in=shlex.quote(str(STAND_IN)),
            disks=shlex.quote(str(disks)),
        )
        command = [
            "unshare",
            "--mount",
            "--net",
            "--pid",
            "--fork",
            "--kill-child",
            "--mount-proc",
            "sh",
            "-c",
            text,
        ]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.is_there = self._process.stdout.readline() == "ready\n"

    def run(self, command: str) -> "subprocess.CompletedProcess[str]":
        """Run a line of a shell, in a folder of root's own."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        inside = f"umask 022; cd /root/desk; export HOME=/root LANG=C.UTF-8; {command}"
        path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        line = ["nsenter", "--mount", "--net", "--pid", "--target", children[0], "--"]
        line += ["chroot", "/mnt/computer", "sh", "-c", inside]
        return subprocess.run(
            line, env={"PATH": path}, capture_output=True, text=True, check=False, timeout=SECONDS_MAX
        )

    def do(self, command: str) -> str:
        """Run a line that must come out, and return what it printed."""
        done = self.run(command)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def python(self, code: str) -> None:
        """Run code of this tree's tests."""
        self.do(f"cd {shlex.quote(str(ROOT))} && {shlex.quote(sys.executable)} -c {shlex.quote(code)}")

    def end(self) -> None:
        """Switch it off."""
        self._process.kill()
        self._process.communicate()


def _words(names: object) -> str:
    return "".join(f" {shlex.quote(one)}" for one in names)  # type: ignore[attr-defined]


def can_be_made(folder: Path) -> bool:
    """Say whether this system lets us make one: root may, where it may mount."""
    if os.geteuid() != 0 or not all(shutil.which(one) for one in TOOLS):
        return False
    tried = Computer(folder)
    tried.end()
    return tried.is_there
