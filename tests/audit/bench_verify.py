"""Measure the log: `python tests/audit/bench_verify.py [--entries 1000000]`. Not part of the suite.

Each figure is taken in a process of its own, so that its peak memory is its own; time is wall clock. One JSON
object a line. A log of 1,000,000 entries needs about 1.5 GB in the temporary folder.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from uuid import UUID

import click

CHUNK = 5000
STEPS = ("generate", "append", "checkpoint", "verify", "since", "receipt", "export", "verify-export")


def main():
    @click.command()
    @click.option("--entries", default=1_000_000, show_default=True)
    @click.option("--step", type=click.Choice(STEPS), hidden=True)
    @click.option("--folder", type=click.Path(path_type=Path), hidden=True)
    def command(entries, step, folder):
        if step:
            return run(step, entries, folder)
        home = Path(tempfile.mkdtemp(prefix="willing-bench-"))
        environment = {**os.environ, "WILLING_HOME": str(home)}
        try:
            for one in STEPS:
                arguments = [
                    sys.executable,
                    __file__,
                    f"--entries={entries}",
                    f"--step={one}",
                    f"--folder={home}",
                ]
                subprocess.run(arguments, check=True, env=environment)
        finally:
            shutil.rmtree(home)
        return None

    command()


def run(step, entries, folder):
    if step != "verify-export":
        set_up()
    start = time.perf_counter()
    figures = globals()[step.replace("-", "_")](entries, folder)
    seconds = time.perf_counter() - start
    cpu = round(time.process_time(), 1)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    cost = {"seconds": round(seconds, 3), "cpu_seconds": cpu, "peak_mb": peak_mb}
    click.echo(json.dumps({"step": step, **cost, **figures}))


def set_up():
    os.environ["DJANGO_SETTINGS_MODULE"] = "willing.config.settings"
    import django

    django.setup()
    from willing.keys.set_up import set_up

    set_up()


def make(number):
    from willing.audit.actions import NewEntry

    person, terminal = UUID(int=number % 1500, version=4), str(UUID(int=number % 8, version=4))
    facts = {"receipt": number, "terminal": terminal, "total_minor": 250, "way": "card"}
    return NewEntry("sale.settled", person, facts, {"name": "Pupil", "items": ["Meal"]})


def generate(entries, folder):
    from django.db import transaction

    from willing.audit.actions import record_many

    for start in range(0, entries, CHUNK):
        with transaction.atomic():
            record_many([make(number) for number in range(start, min(start + CHUNK, entries))])
    size = (folder / "willing.sqlite3").stat().st_size
    return {"entries": entries, "database_mb": size >> 20}


def append(entries, folder):
    from django.db import transaction

    from willing.audit.actions import record

    start = time.perf_counter()
    for number in range(200):
        one = make(number)
        with transaction.atomic():
            record(one.event, subject=one.subject, facts=one.facts, personal=one.personal)
    return {"ms_each": round((time.perf_counter() - start) * 1000 / 200, 2)}


def checkpoint(entries, folder):
    from willing.audit.actions import sign_log

    for _ in range(2):  # the second one also proves that it continues the first
        (folder / "kept.checkpoint").write_text(sign_log().note)
    return {}


def verify(entries, folder):
    from willing.audit.verify_database import verify_log

    found = verify_log()
    assert found.ok, found.faults[:3]
    return {"entries": found.entries, "root": found.root.hex()}


def since(entries, folder):
    from willing.audit.signing import trusted_keys
    from willing.audit.verify.files import read_checkpoint
    from willing.audit.verify_database import verify_since

    append(entries, folder)
    start = time.perf_counter()
    found = verify_since(read_checkpoint(folder / "kept.checkpoint", trusted_keys()))
    assert found.ok, found.faults[:3]
    return {"entries": found.entries, "verify_ms": round((time.perf_counter() - start) * 1000, 2)}


def receipt(entries, folder):
    from willing.audit.models import Entry
    from willing.audit.queries import inclusion_receipt
    from willing.audit.signing import trusted_keys
    from willing.audit.verify.receipts import verify_receipt

    keys, made, checked = trusted_keys(), [], []
    for step in range(50):
        entry = Entry.objects.get(sequence=1 + step * (entries - 1) // 50)
        start = time.perf_counter()
        text = json.dumps(inclusion_receipt(entry))
        made.append(time.perf_counter() - start)
        start = time.perf_counter()
        verify_receipt(text, keys)
        checked.append(time.perf_counter() - start)
    median = {"made_ms": sorted(made)[25], "checked_ms": sorted(checked)[25]}
    return {"bytes": len(text), **{name: round(value * 1000, 2) for name, value in median.items()}}


def export(entries, folder):
    from willing.audit.export import export_log
    from willing.audit.signing import own_key

    count = export_log(folder / "log.jsonl")
    (folder / "key.txt").write_text(str(own_key()))
    return {"entries": count, "file_mb": (folder / "log.jsonl").stat().st_size >> 20}


def verify_export(entries, folder):
    from willing.audit.verify.exports import verify_export as verify_file
    from willing.audit.verify.files import read_keys

    with (folder / "log.jsonl").open("rb") as file:
        found = verify_file(file, read_keys(str(folder / "key.txt")))
    return {"entries": found.size}


if __name__ == "__main__":
    main()
