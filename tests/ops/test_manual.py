"""A tired person backs up, restores on a new computer and upgrades, by the manual's commands alone.

They are typed as root, as they are printed, on a computer of their own (`computer`). Only the stamps of the
newest copies and the public key, which the manual leaves open, are put in; and where a command is refused
with another that helps, that is typed and the first one again.
"""

import re

import pytest
from tests.kit.clean import ROOT, build, unpack
from tests.ops.computer import Computer, can_be_made
from tests.ops.manual import commands
from tests.ops.releases import renumbered

from willing.keys.set_up import UNFINISHED

pytestmark = pytest.mark.whole
ASK = "import urllib.request; print(urllib.request.urlopen('http://127.0.0.1:8000/sign-in/').status)"
HELPS = re.compile(r"chown -R [a-z:]+ \S+")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("built")
    source = unpack(build(ROOT, "sdist", folder / "sdist"), folder / "source")
    return build(source, "wheel", folder / "wheel")


@pytest.fixture(scope="module")
def disks(tmp_path_factory):
    """Return the folder of the disks and sticks that are plugged into one computer after the other."""
    folder = tmp_path_factory.mktemp("plugged") / "disks"
    folder.mkdir()
    if not can_be_made(folder):
        pytest.skip("only root, where it may mount, makes a computer of its own")
    return folder


class Person:
    """Someone at a computer who types what is printed. newest: what is typed where the manual has a stamp."""

    def __init__(self, computer, wheel):
        self.computer, self.newest = computer, {}
        computer.python(
            "from pathlib import Path; from tests.kit.clean import make;"
            f"made = make(Path('/opt'), Path({str(wheel)!r}), 'willing'); made.variables()"
        )

    def type(self, command):
        for left_open, found in self.newest.items():
            command = command.replace(left_open, found)
        assert "…" not in command, "the manual leaves something open"
        done = self.computer.run(command)
        while done.returncode != 0 and (helps := HELPS.search(done.stderr)):
            self.computer.do(helps[0])
            done = self.computer.run(command)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def serves(self):
        """Wait until the server answers."""
        python = "/opt/willing/bin/python"
        ask = f'for one in $(seq 240); do {python} -c "{ASK}" 2>/dev/null && exit; sleep 0.5; done; exit 1'
        assert self.computer.run(ask).stdout == "200\n", self.computer.run(
            "cat /run/stand-in/willing.log"
        ).stdout[-2000:]


@pytest.fixture(scope="module")
def one(disks):
    computer = Computer(disks)
    yield computer
    computer.end()


@pytest.fixture
def another(disks):
    computer = Computer(disks)
    yield computer
    computer.end()


@pytest.fixture(scope="module")
def first(one, wheel):
    """A school's computer with a service, a pupil, and copies of a night; the safe has its secrets."""
    computer, person = one, Person(one, wheel)
    # As where set-up was broken off when it had its tables: that is quicker.
    computer.do(
        "useradd --system --user-group --home-dir /var/lib/willing willing && mkdir -m 700 /var/lib/willing"
    )
    computer.python(
        "from pathlib import Path; from tests.support.migrated import give_tables;"
        "give_tables(Path('/var/lib/willing'))"
    )
    computer.do(f"touch /var/lib/willing/{UNFINISHED} && chmod 600 /var/lib/willing/{UNFINISHED}")
    computer.do("cd /var/lib/willing; chown -R willing:willing . && chmod 600 *.sqlite3 keys/*")
    person.type("/opt/willing/bin/willing install --journal /media/stick")
    person.type('willing init "Willow Road School" --journal /media/stick')
    person.type("willing people add Ada")
    new_key, keep, copies = commands("Back up while running")
    person.newest = {"age1…": person.type(new_key).strip()}
    person.type(keep)
    person.type(copies)
    person.type("systemctl start willing-backup && cp private.key /media/safe")
    person.serves()
    return person


def test_an_upgrade_and_the_way_back_by_the_manual_alone(first, wheel, disks, tmp_path):
    first.computer.do("/opt/willing/bin/python -m ensurepip --default-pip")
    upgrade, back = commands("Upgrade", until="With PostgreSQL")
    new = renumbered(wheel, tmp_path / "next", "0.2.0")
    new.rename(disks / "media" / "safe" / new.name)
    first.type(f"cp /media/safe/{new.name} .")
    assert "Willing 0.2.0 is installed." in first.type(upgrade)
    first.serves()
    assert "Willing 0.1.0 runs again" in first.type(back)
    first.serves()
    calls = first.computer.do("cat /run/stand-in/calls")
    assert calls.count("stop willing.service\nstart willing.service\n") == 2


def test_a_new_computer_is_restored_by_the_manual_alone(first, another, wheel, disks):
    first.type("systemctl stop willing")
    second = Person(another, wheel)
    # Another number for the same name, so what is on the old disks belongs to a stranger here.
    another.do("useradd --system stranger && cp /media/safe/private.key .")
    second.newest = {
        **first.newest,
        "willing-….age": max(path.name for path in (disks / "backup/main").glob("*.age")),
        "keys-….age": max(path.name for path in (disks / "other-disk/keys").glob("*.age")),
    }
    said = [second.type(command) for command in commands("Restore")]
    assert "The secrets are back" in said[0]
    assert "restored; now take a new copy, and start the server" in said[2]
    second.serves()
    assert "added" not in second.type("willing people add Ada"), "she is there"
    owners = another.do("find /var/lib/willing /media/stick /backup/main -printf '%U %m\\n' | sort -u")
    uid = another.do("id -u willing").strip()
    assert set(owners.splitlines()) <= {f"{uid} 600", f"{uid} 700", f"{uid} 755"}
    assert another.do("ls -A") == "private.key\n", "nothing is made where root works"


def test_what_root_put_back_is_named_with_what_helps(first):
    """As where the folder of secrets is copied by hand."""
    first.type("systemctl stop willing")
    first.computer.do("chown -R root:root /var/lib/willing/secrets")
    refused = first.computer.run("willing backup restore --main /etc/hostname --key - </dev/null")
    assert refused.returncode == 1
    assert (
        "secrets belongs to root, and willing cannot use it; run, as root: chown -R willing: "
        in refused.stderr
    )
    helps = HELPS.search(refused.stderr)
    assert helps
    first.computer.do(helps[0])
    first.type("willing audit verify")
    first.type("systemctl start willing")
    first.serves()


def test_secrets_never_take_the_place_of_others(first):
    first.computer.do("cp -r /media/safe/secrets other && echo other > other/django.key")
    install = "/opt/willing/bin/willing install --secrets"
    assert "holds other secrets" in first.computer.run(f"{install} other").stderr
    assert "django.key is missing" in first.computer.run(f"{install} /media").stderr
    first.type(f"{install} /media/safe/secrets")


def test_folders_that_install_makes_are_reached_by_the_service(first):
    """Also where nothing of their path was there before."""
    to = "--to /srv/copies/of/main --keys-to /srv/copies/of/keys"
    first.type(f"willing install --recipient age1… {to}")
    first.type("systemctl start willing-backup")
