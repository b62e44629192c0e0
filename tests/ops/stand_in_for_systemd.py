"""Stands in for systemd on a test's computer: called `systemctl` or `systemd-run`, it does what units say.

It runs by itself, without Willing. Only what the units and the wrapper of `willing install` use is here: the
user, the umask, the environment and the folder of a command. A sandbox is not.
"""

import itertools
import os
import pwd
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

UNITS, STATE = Path("/etc/systemd/system"), Path("/run/stand-in")
STOP_SECONDS_MAX = 60


def popen(command, said, environment, folder, **more):
    """Start a command as the user that `said` names; as for systemd, the folder is entered as that user."""
    user = pwd.getpwnam(said["User"])

    def become():
        os.umask(int(said["UMask"], 8))
        os.initgroups(said["User"], user.pw_gid)
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)
        os.chdir(folder)

    variables = {"PATH": os.environ["PATH"], "HOME": user.pw_dir, "USER": said["User"], **environment}
    for line in Path(said["EnvironmentFile"]).read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            name, _, value = line.partition("=")
            variables[name] = value
    return subprocess.Popen(command, env=variables, preexec_fn=become, **more)  # noqa: PLW1509  # it has no threads


def run_once(arguments):
    """Do what `systemd-run … -- COMMAND` does."""
    options, command = arguments[: arguments.index("--")], arguments[arguments.index("--") + 1 :]
    pairs = {
        flag: dict(after.split("=", 1) for at, after in itertools.pairwise(options) if at == flag)
        for flag in ("-p", "-E")
    }
    assert "--same-dir" in options
    return popen(command, pairs["-p"], pairs["-E"], Path.cwd()).wait()


def read_unit(name):
    lines = (UNITS / f"{name}.service").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def start(name):
    said = read_unit(name)
    environment = dict(pair.split("=", 1) for pair in shlex.split(said["Environment"]))
    cache = Path(environment["XDG_CACHE_HOME"])
    cache.mkdir(mode=0o700, exist_ok=True)
    user = pwd.getpwnam(said["User"])
    os.chown(cache, user.pw_uid, user.pw_gid)
    log = (STATE / f"{name}.log").open("ab")
    command = shlex.split(said["ExecStart"])
    process = popen(
        command, said, environment, said["WorkingDirectory"], stdout=log, stderr=log, start_new_session=True
    )
    if said["Type"] == "oneshot":
        return process.wait()
    (STATE / f"{name}.pid").write_text(str(process.pid))
    return 0


def stop(name):
    file = STATE / f"{name}.pid"
    if not file.exists():
        return 0
    pid = int(file.read_text())
    file.unlink()
    if is_running(pid):
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS_MAX
    while is_running(pid):
        if time.monotonic() > deadline:
            return 1
        time.sleep(0.05)
    return 0


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def control(verb, *names):
    """Do what `systemctl VERB NAME…` does; every call is recorded."""
    with (STATE / "calls").open("a") as calls:
        print(verb, *names, file=calls)
    services = [
        name.removesuffix(".service")
        for name in names
        if not name.startswith("--") and not name.endswith(".timer")
    ]
    if verb == "restart":
        return max(stop(name) or start(name) for name in services)
    if verb in ("start", "stop"):
        return max({"start": start, "stop": stop}[verb](name) for name in services)
    return {"daemon-reload": 0, "enable": 0}[verb]


if __name__ == "__main__":
    STATE.mkdir(exist_ok=True)
    sys.exit(run_once(sys.argv[1:]) if Path(sys.argv[0]).name == "systemd-run" else control(*sys.argv[1:]))
