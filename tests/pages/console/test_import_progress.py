"""How far an import is: told by the worker, true at every moment, whoever stops what."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from tests.pages.console.test_import_pages import folder, run, send  # noqa: F401  (a fixture)

from willing.audit.models import Entry
from willing.core.errors import Refused
from willing.jobs.actions import HOST, extend_lease, run_due
from willing.jobs.models import Job
from willing.people.models import Person
from willing.roster import import_job, walk
from willing.roster.import_job import JOB
from willing.roster.uploads import drop_upload

LIST = "external_id,given_name\n" + "".join(f"{number},Una{number}\n" for number in range(1000, 2200))


@pytest.fixture
def at(office: Client) -> str:
    """The address of a list of 1,200 people whose preview was read."""
    where = send(office, LIST)
    office.post(where, {"external_id": "external_id", "given_name": "given_name"})
    return where


def press(office: Client, at: str) -> None:
    digest = office.get(at + "preview/").context["form"].initial["digest"]
    office.post(at + "run/", {"digest": digest})


def asked(office: Client, at: str) -> dict[str, Any]:
    said: dict[str, Any] = office.get(at + "progress/?part=1").json()
    return said


def upload_of(at: str) -> UUID:
    return UUID(at.rstrip("/").rsplit("/", 1)[1])


def test_it_waits_until_the_worker_takes_it_and_then_all_is_there(cast: Any, office: Client, at: str) -> None:
    press(office, at)
    assert asked(office, at)["step"] == "Reading the file"
    page = office.get(at + "progress/")
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in page.content.decode()
    assert not Person.objects.filter(external_id="1000").exists()
    assert run_due() == 1
    assert asked(office, at) == {"stays": False}
    done = office.get(at + "progress/", follow=True).content.decode()
    assert "1200 people were added." in done
    assert Person.objects.filter(external_id__gte="1000").count() == 1200


def test_each_row_counts_once_while_it_is_compared_and_once_while_it_is_written(
    cast: Any, office: Client, at: str, monkeypatch: Any
) -> None:
    monkeypatch.setattr(import_job, "SAY_SECONDS", 0)
    seen: list[tuple[str, int, int]] = []
    say = import_job._Progress.write

    def look(teller: Any) -> None:
        say(teller)
        said = asked(office, at)
        seen.append((said["step"], said["done"], said["total"]))

    monkeypatch.setattr(import_job._Progress, "write", look)
    press(office, at)
    run_due()
    assert seen[0] == ("Reading the file", 0, 0)
    for step in ("Step 1 of 2: comparing with the people here", "Step 2 of 2: writing"):
        counts = [(done, total) for name, done, total in seen if name == step]
        assert [done for done, _ in counts] == sorted(done for done, _ in counts), "it never goes back"
        # 1,200 people, and the same again whose guardians were looked for.
        assert counts[-1] == (2400, 2400)
        assert (500, 2400) in counts


def test_pressed_twice_it_is_imported_once(cast: Any, office: Client, at: str) -> None:
    press(office, at)
    press(office, at)
    assert Job.objects.filter(kind=JOB).count() == 1
    run_due()
    assert Entry.objects.filter(event="roster.imported").count() == 1


def test_whoever_is_killed_in_the_middle_leaves_nothing_and_the_next_process_imports_all(
    cast: Any, office: Client, at: str, monkeypatch: Any
) -> None:
    class Killed(BaseException):
        pass

    def die(*_args: Any, **_more: Any) -> None:
        raise Killed

    press(office, at)
    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr("willing.roster.apply._Writer.write_links", die)
        run_due()
    assert not Person.objects.filter(external_id="1000").exists()
    assert asked(office, at)["step"] == "Step 2 of 2: writing"
    Job.objects.filter(kind=JOB).update(worker=f"{HOST}:{2**22 + 1}")  # a process that is no more
    assert run_due() == 1
    assert Person.objects.filter(external_id__gte="1000").count() == 1200


def test_a_fault_is_said_and_the_import_tried_again_or_cancelled(
    cast: Any, office: Client, at: str, monkeypatch: Any
) -> None:
    def fail(*_args: Any, **_more: Any) -> None:
        raise OSError

    press(office, at)
    with monkeypatch.context() as patched:
        patched.setattr(walk, "compare_links", fail)
        run_due()
    assert "It is tried again within minutes" in asked(office, at)["step"]
    text = office.post(at + "cancel/", follow=True).content.decode()
    assert "Nothing was imported." in text
    assert not Job.objects.exists()
    assert office.get(at + "progress/").status_code == 409


def test_an_import_that_nobody_is_at_says_so_and_leads_back(cast: Any, office: Client, at: str) -> None:
    press(office, at)
    Job.objects.all().delete()
    assert asked(office, at) == {"stays": False}
    text = office.get(at + "progress/").content.decode()
    assert "Nothing was imported." in text
    assert at + "preview/" in text
    assert run(office, at, {"digest": office.get(at + "preview/").context["form"].initial["digest"]})
    assert Person.objects.filter(external_id="1000").exists()


def test_while_the_worker_is_at_it_cancelling_shows_how_far_it_is(cast: Any, office: Client, at: str) -> None:
    press(office, at)
    assert office.post(at + "cancel/")["Location"] == at + "progress/"
    assert run_due() == 1
    assert Person.objects.filter(external_id="1000").exists()


def test_a_list_that_is_gone_in_the_middle_is_not_written(
    cast: Any, office: Client, at: str, monkeypatch: Any
) -> None:
    monkeypatch.setattr(import_job, "SAY_SECONDS", 0)
    press(office, at)
    begin = import_job._Progress.begin

    def lose(teller: Any, state: str) -> None:
        drop_upload(upload_of(at))
        begin(teller, state)

    monkeypatch.setattr(import_job._Progress, "begin", lose)
    run_due()
    assert not Job.objects.exists()
    assert not Person.objects.filter(external_id="1000").exists()


def test_a_long_import_keeps_its_job(cast: Any, office: Client, at: str, monkeypatch: Any) -> None:
    monkeypatch.setattr(import_job, "LEASE_SECONDS", 0)
    press(office, at)
    found: list[Any] = []

    def look(kind: str, subject: UUID) -> None:
        before = Job.objects.get(kind=kind, subject=subject).leased_until
        extend_lease(kind, subject)
        found.append((before, Job.objects.get(kind=kind, subject=subject).leased_until))

    monkeypatch.setattr(import_job, "extend_lease", look)
    run_due()
    assert found
    assert all(before < after for before, after in found)


def test_why_it_was_refused_is_said_in_the_readers_language(cast: Any, office: Client, at: str) -> None:
    press(office, at)
    Person.objects.filter(pk=cast.person("Ada").pk).update(external_id="1000")
    run_due()
    office.cookies["django_language"] = "zh-hans"
    page = office.get(at + "progress/", follow=True)
    assert page.status_code == 409
    assert "预览之后人员有变动" in page.content.decode()


def test_another_users_import_is_not_there(cast: Any, office: Client, at: str) -> None:
    press(office, at)
    with pytest.raises(Refused, match="upload_gone"):
        import_job.work_of(upload_of(at), user_id=cast.user("cashier").pk)
