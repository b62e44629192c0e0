"""The wheel alone serves a school and tells the demo."""

import json
import re
import socket
import subprocess
import time
import zipfile
from datetime import UTC, datetime
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import pytest
from tests.kit.clean import ROOT, build, make, unpack
from tests.support.lines import ask
from tests.support.migrated import give_tables

pytestmark = pytest.mark.whole

SOURCE = ROOT / "src"
START_SECONDS_MAX = 60


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build the wheel as a packager would: from the source distribution, in a folder far from this tree."""
    folder = tmp_path_factory.mktemp("built")
    source = unpack(build(ROOT, "sdist", folder / "sdist"), folder / "source")
    return build(source, "wheel", folder / "wheel")


@pytest.fixture(scope="module")
def clean(wheel, tmp_path_factory):
    return make(tmp_path_factory.mktemp("clean") / "computer", wheel)


def test_every_file_of_the_package_is_in_the_wheel(wheel):
    kept = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("willing/")}
    files = {path for path in SOURCE.rglob("*") if path.is_file() and path.suffix not in (".mo", ".pyc")}
    assert {str(path.relative_to(SOURCE)) for path in files} <= kept
    catalogues = {path.relative_to(SOURCE).with_suffix(".mo") for path in files if path.suffix == ".po"}
    assert catalogues
    assert {str(path) for path in catalogues} <= kept
    manual = {
        f"willing/manual/{path.parent.name}/{path.name}" for path in (ROOT / "docs").glob("how-to/*.md")
    }
    assert manual <= kept, "Help is there without a checkout and without the internet"


def answer(url, language="en"):
    parts = urlsplit(url)
    said = ask(parts.port, "GET", parts.path or "/", seconds=10, Accept_Language=language)
    return said.status, said.text


def wait_for(server, url):
    for _ in range(START_SECONDS_MAX * 10):
        assert server.poll() is None, server.stderr.read()
        try:
            return answer(url)
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server did not begin to answer")


def is_healthy(clean, port):
    """Ask as the container does (Dockerfile, HEALTHCHECK), in the same environment."""
    flat = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    [command] = map(json.loads, re.findall(r"^HEALTHCHECK .*CMD (\[.*\])$", flat, re.MULTILINE))
    asked = [str(clean.python), *(word.replace("8000", str(port)) for word in command[1:])]
    return subprocess.run(asked, env=clean.variables(), capture_output=True, check=False).returncode == 0


def test_the_wheel_without_any_extra_sets_up_a_school_and_serves_its_pages(clean):
    code, printed, errors = clean.run("init", "Willow Road School", "--without-journal")
    assert code == 0, errors
    assert "Willow Road School is set up" in printed
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with clean.willing("serve", "--port", str(port)) as server:
        try:
            base = f"http://127.0.0.1:{port}"
            status, page = wait_for(server, f"{base}/sign-in/")
            assert status == 200
            styles = re.findall(r'href="(/static/[^"]+\.css)"', page)
            assert styles
            assert [answer(base + style)[0] for style in styles] == [200] * len(styles)
            assert "登录" in answer(f"{base}/sign-in/", "zh-Hans")[1]
            assert is_healthy(clean, port)
        finally:
            server.terminate()
    assert not is_healthy(clean, port)


@pytest.fixture
def without_face(clean, tmp_path):
    """Serve a school in which no face engine is installed; return what is known of it, and how to ask."""
    give_tables(tmp_path)
    variables = {"WILLING_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [str(clean.python), "-m", "tests.kit.seed_without_face"],
        cwd=clean.folder / "elsewhere",
        env=clean.variables(**variables),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    known = json.loads(done.stdout)
    token = "t" * 32
    headers = {"Cookie": f"{known['cookies']}; csrftoken={token}", "X_CSRFToken": token}

    def say(path, content=None, **fields):
        """Ask for a page, send a form, or send a message as a phone does."""
        if content is not None:
            body, kind = json.dumps(content), "application/json"
        else:
            body, kind = urlencode(fields), "application/x-www-form-urlencoded"
        if not body:
            return ask(port, "GET", path, None, 30, **headers)
        return ask(port, "POST", path, body.encode(), 30, Content_Type=kind, **headers)

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with clean.willing("serve", "--port", str(port), WILLING_HOME=str(tmp_path)) as server:
        try:
            wait_for(server, f"http://127.0.0.1:{port}/sign-in/")
            yield known, say
        finally:
            server.terminate()


def test_without_the_face_engine_a_gate_a_visitor_and_a_roll_call_work(without_face):
    known, say = without_face
    assert known["engine"] == [], "this environment should have no face engine"
    passed = say("/gate/card/", press=str(uuid4()), code=known["card"])
    assert (passed.status, "Welcome, Ada" in passed.text) == (200, True)
    visitor = {"name": "Piet Plumber", "kind": "contractor", "host": known["office"], "key": str(uuid4())}
    received = say("/staff/visits/receive/", **visitor, is_inducted="on", badge_number="1")
    assert received.status == 302, received.text
    assert "Piet Plumber" in say("/staff/visits/").text

    roll, call, phone = "/staff/roll-call", str(uuid4()), str(uuid4())
    people = {one["name"]: one for one in json.loads(say(f"{roll}/list/?device={phone}").body)["people"]}
    assert (people["Ada Oak"]["why"], people["Piet Plumber"]["why"]) == ("came_in", "visitor")
    begun = json.loads(say(f"{roll}/begin/", {"id": call, "kind": "drill"}).body)
    assert begun["running"]["id"] == call
    at = datetime.now(UTC).isoformat()
    tick = {"subject": known["pupil"], "state": "safe", "at": at, "by": known["office"], "device": phone}
    message = {"roll_call": call, "user": known["office"], "device": phone, "ticks": [tick]}
    assert [one["code"] for one in json.loads(say(f"{roll}/ticks/", message).body)["done"]] == [""]
    page = say(f"{roll}/{call}/")
    assert (page.status, "Piet Plumber" in page.text) == (200, True)
    assert json.loads(say(f"{roll}/end/", {"id": call}).body)["running"]["ended_at"]
    assert say(f"{roll}/sheets.pdf").body.startswith(b"%PDF")
    assert say(f"{roll}/{call}/report.pdf").body.startswith(b"%PDF")


def test_without_the_extra_the_wheel_says_how_the_engine_is_installed(clean):
    code, _, errors = clean.run("face", "--help")
    assert code == 1
    assert "willing[face]" in errors


@pytest.mark.face
def test_the_wheel_with_the_face_engine_tells_the_whole_story(clean, tmp_path):
    give_tables(tmp_path)  # the other test of the wheel runs its migrations
    variables = {"WILLING_HOME": str(tmp_path), "WILLING_PORTRAITS": str(ROOT / ".cache" / "portraits")}
    code, printed, errors = clean.run("demo", "--once", "--json", extras=("face",), **variables)
    assert code == 0, errors
    told = [json.loads(line) for line in printed.splitlines()]
    assert {step["way"] for step in told if step["outcome"].startswith("paid")} == {
        "card",
        "card and face",
        "cash",
        "face",
        "pin",
    }
    assert told[-1]["outcome"].startswith("found: entry")
