"""What a monitoring system reads at /metrics: how the installation is, in numbers, and nobody in it.

The text format and its escaping are the client library's of Prometheus. Each answer is made anew from what
Health knows: nothing is counted between two of them, and nothing about a person, a sale or a till is in it.
"""

import shutil

from prometheus_client import CollectorRegistry, Gauge, Info, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from willing.core.clock import now
from willing.core.paths import home
from willing.core.supervision import pulses
from willing.mail.queries import outbox_of
from willing.ops.health import conditions
from willing.ops.health_computer import last_copies, versions
from willing.people.models import School
from willing.privacy.retention_job import retention_state

CONTENT_TYPE = CONTENT_TYPE_LATEST


def write_metrics(school: School | None) -> bytes:
    """Return the metrics as text. Before there is a school, only what is known of the computer."""
    registry = CollectorRegistry(auto_describe=False)
    Info("willing", "Versions", registry=registry).info(versions())
    disk = shutil.disk_usage(home())
    _gauge(registry, "disk_free_bytes", "Free where the data is", disk.free)
    _gauge(registry, "disk_size_bytes", "Size of that disk", disk.total)
    found = pulses()
    _gauge(registry, "threads", "Threads of the servers", len(found))
    _gauge(registry, "threads_failing", "Of these, failing or silent", sum(one.is_failing for one in found))
    if school is not None:
        _add_school(registry, school)
    return generate_latest(registry)


def _add_school(registry: CollectorRegistry, school: School) -> None:
    is_ok = Gauge(
        "willing_condition_ok", "Whether a check of Health is in order", ["check"], registry=registry
    )
    found = conditions(school)
    faults = {one.code for one in found if not one.is_ok}  # one code may stand for several things
    for code in dict.fromkeys(one.code for one in found):
        is_ok.labels(code).set(code not in faults)
    for name, text, at in (
        ("copies_age_seconds", "Since both databases were last copied", last_copies(school)),
        ("retention_age_seconds", "Since the nightly job last finished", retention_state(school).last_at),
    ):
        if at is not None:
            _gauge(registry, name, text, (now() - at).total_seconds())
    _gauge(registry, "mail_waiting", "E-mails that wait", outbox_of(school).waiting)


def _gauge(registry: CollectorRegistry, name: str, text: str, value: float) -> None:
    Gauge(f"willing_{name}", text, registry=registry).set(value)
