"""What every answer says about itself: that nobody keeps it, that no other site loads it, and no more."""

import json
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.test import Client, override_settings
from tests.api.caller import Till
from tests.support.lines import ask
from tests.support.migrated import give_tables
from tests.support.server import Server, environment, free_port
from tests.support.signing import sign_in
from whitenoise.storage import MissingFileError

from willing.config.serve import serve
from willing.config.static_files import HashedStaticFiles
from willing.core import clock
from willing.core.contacts import read_contact


def test_no_answer_of_the_api_is_kept(cast):
    till = Till(cast, cast.till)
    for answer in (
        till.get("/terminal"),
        till.get("/menu"),
        till.get("/nowhere"),
        till.post("/pair", {"code": "WRONG"}),
        till.client.get("/api/v1/menu"),
        till.client.delete("/api/v1/menu"),
        till.client.options("/api/v1/menu"),
        till.client.head("/api/v1/menu"),
    ):
        assert answer["Cache-Control"] == "no-store"
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize(("path", "status"), [("/staff/log/", 403), ("/staff/nowhere/", 404), ("/", 200)])
def test_a_page_that_says_no_to_somebody_signed_in_is_not_kept(cast, path, status):
    answer = sign_in(Client(), cast.user("cashier")).get(path)
    assert answer.status_code == status
    assert "no-store" in answer["Cache-Control"]
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"


def test_static_files_are_for_this_site_only(db):
    answer = Client().get("/static/ui/favicon.svg")
    answer.close()
    assert (answer.status_code, answer["Cross-Origin-Resource-Policy"]) == (200, "same-origin")
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_the_server_does_not_say_which_program_it_is(cast, monkeypatch):
    asked = {}
    monkeypatch.setattr("uvicorn.run", lambda **options: asked.update(options))
    monkeypatch.setattr("willing.config.startup.start_process", lambda: None)
    serve("127.0.0.1", 0)
    assert asked["server_header"] is False


# --- static files that browsers keep


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A server with the real settings on a home that was set up for it."""
    home = tmp_path_factory.mktemp("static") / "home"
    give_tables(home)
    done = subprocess.run(
        [sys.executable, "-m", "willing.cli", "init", "Test School", "--without-journal"],
        env=environment(home),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    server = Server(home, free_port()).start()
    yield server
    server.process.terminate()
    server.process.wait()


def fetch(server, path, **headers):
    answer = ask(server.port, "GET", path, **headers)
    return answer, answer.body


@pytest.mark.whole
@pytest.mark.sqlite
def test_pages_name_static_files_by_their_hash_and_browsers_keep_those(served):
    _answer, page = fetch(served, "/sign-in/")
    names = re.findall(r'/static/[^"]+\.(?:css|js|svg)', page.decode())
    assert names
    for name in names:
        assert re.search(r"\.[0-9a-f]{12}\.\w+$", name), name
        answer, body = fetch(served, name, Accept_Encoding="gzip")
        assert answer.status == 200
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        if len(body) > 500:
            assert answer.headers["Content-Encoding"] == "gzip"


@pytest.mark.whole
@pytest.mark.sqlite
def test_scripts_import_each_other_by_hash_and_style_sheets_their_pictures(served):
    manifest = json.loads((served.home / "static" / "staticfiles.json").read_text())["paths"]
    script = (served.home / "static" / manifest["kiosk/till.js"]).read_text()
    assert f'from "./{urlsplit(manifest["kiosk/scan.js"]).path.rsplit("/", 1)[1]}"' in script
    assert 'from "./scan.js"' not in script


def test_a_part_that_was_not_fetched_stops_no_server_and_another_missing_file_does(tmp_path):
    storage = HashedStaticFiles(location=tmp_path, base_url="/static/")
    names = {"console/needs.js": "ui/parts/gone/index.js", "console/wrong.js": "ui/gone.js"}
    for name, missing in names.items():
        storage.save(name, ContentFile(f'import {{ x }} from "../{missing}";\n'.encode()))
    done = list(storage.post_process({name: (storage, name) for name in names}))
    assert [name for name, _, out in done if isinstance(out, MissingFileError)] == ["console/wrong.js"]
    written = (tmp_path / storage.stored_name("console/needs.js")).read_text()
    assert '"../ui/parts/gone/index.js"' in written


@pytest.mark.whole
@pytest.mark.sqlite
def test_they_are_written_once_and_anew_where_one_has_changed(served):
    stamp = served.home / "static" / "written-from"
    before = stamp.stat().st_mtime_ns
    served.process.terminate()
    served.process.wait()
    served.start()
    assert stamp.stat().st_mtime_ns == before
    served.process.terminate()
    served.process.wait()
    stamp.write_text("another version")
    served.start()
    assert stamp.read_text() != "another version"
    assert not list(served.home.glob("static.*"))


@pytest.mark.whole
@pytest.mark.sqlite
def test_what_a_power_cut_left_empty_is_written_anew_and_stops_no_server(served):
    static = served.home / "static"
    manifest = static / "staticfiles.json"
    script = static / json.loads(manifest.read_text())["paths"]["kiosk/till.js"]
    for path in (script, manifest):
        served.process.terminate()
        served.process.wait()
        path.write_bytes(b"")
        served.start()
        assert path.stat().st_size > 0
        _answer, page = fetch(served, "/sign-in/")
        assert re.search(r"/static/[^\"]+\.[0-9a-f]{12}\.css", page.decode())


# --- whom to tell of a weakness


@override_settings(SECURITY_CONTACT="mailto:it@school.example")
def test_security_txt_names_the_contact_and_when_it_ends(db):
    answer = Client().get("/.well-known/security.txt")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in answer.content.decode().splitlines())
    assert fields["Contact"] == "mailto:it@school.example"
    expires = datetime.strptime(fields["Expires"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert timedelta(days=30) < expires - clock.now() < timedelta(days=365)
    secure = Client().get("/.well-known/security.txt", secure=True).content.decode()
    assert "Canonical: https://testserver/.well-known/security.txt" in secure


def test_without_a_contact_there_is_no_security_txt(db):
    assert Client().get("/.well-known/security.txt").status_code == 404


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("", ""),
        (" it@school.example ", "mailto:it@school.example"),
        ("mailto:it@school.example", "mailto:it@school.example"),
        ("https://school.example/security", "https://school.example/security"),
        ("tel:+44-1-2345", "tel:+44-1-2345"),
    ],
)
def test_a_contact_is_read_as_an_address(said, read):
    assert read_contact(said) == read


@pytest.mark.parametrize("said", ["the office", "http://school.example", "javascript:x@y", "a@b\nContact: c"])
def test_a_contact_that_is_none_is_refused_by_name(said):
    with pytest.raises(ImproperlyConfigured, match="WILLING_SECURITY_CONTACT"):
        read_contact(said)
