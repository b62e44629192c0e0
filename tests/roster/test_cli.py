"""The commands, as an operator types them."""

import json

import pytest
from click.testing import CliRunner
from tests.roster.bundles import Bundle, golden, school, user

from willing.credentials.cards import issue_card
from willing.people.models import Person
from willing.roster.cli import roster


@pytest.fixture
def run(cast):
    return lambda *arguments, **how: CliRunner().invoke(roster, [str(one) for one in arguments], **how)


def test_plan_shows_counts_and_a_list_and_writes_nothing(run, tmp_path):
    done = run("plan", golden("1.1").zip(tmp_path / "b.zip"))
    assert done.exit_code == 0, done.output
    assert "OneRoster 1.1 bulk" in done.output
    assert "added" in done.output
    assert "Una Urban" in done.output
    assert not Person.objects.filter(external_id="u1").exists()


def test_plan_prints_json(run, tmp_path):
    done = run("plan", golden("1.2").zip(tmp_path / "b.zip"), "--json")
    said = json.loads(done.stdout)
    assert (said["counts"]["added"], said["fault_count"], said["changes_count"]) == (3, 0, 3)
    assert said["changes"][0]["external_id"] == "t1"


def test_faults_are_printed_with_file_and_line_and_the_command_fails(run, tmp_path):
    bundle = user(school(Bundle("1.1")), "u1", "Una", role="wizard")
    for command in ("plan", "import"):
        done = run(command, bundle.zip(tmp_path / "b.zip"))
        assert done.exit_code == 1
        assert "users.csv:2 role: role_unknown" in done.output
    said = json.loads(run("plan", tmp_path / "b.zip", "--json").stdout)
    assert said["faults"][0]["reason"]


def test_import_asks_first_and_no_means_no(run, tmp_path):
    path = golden("1.1").zip(tmp_path / "b.zip")
    assert run("import", path, input="n\n").exit_code == 1
    assert not Person.objects.filter(external_id="u1").exists()
    assert run("import", path, input="y\n").exit_code == 0
    assert Person.objects.filter(external_id="u1").exists()


def test_import_says_how_to_let_many_leave(run, tmp_path):
    run("import", golden("1.1").zip(tmp_path / "b.zip"), "--yes")
    bundle = user(school(Bundle("1.1")), "u9", "Zoe").zip(tmp_path / "c.zip")
    done = run("import", bundle, "--yes")
    assert done.exit_code == 1
    assert "--allow-leavers 3" in done.output
    assert "too_many_leavers" in done.output
    assert run("import", bundle, "--yes", "--allow-leavers", "3").exit_code == 0


def test_columns_are_mapped_on_the_command_line(run, tmp_path):
    path = tmp_path / "p.csv"
    path.write_text("Nr,Vorname\n1,Una\n", encoding="utf-8")
    assert (
        run("import", path, "--yes", "--map", "external_id=Nr", "--map", "given_name=Vorname").exit_code == 0
    )
    assert Person.objects.get(external_id="1").given_name == "Una"


def test_who_was_added_by_hand_is_adopted_and_not_added_again(run, cast, tmp_path):
    ada = cast.person("Ada")
    assert run("adopt", ada.till_number, "17").exit_code == 0
    path = tmp_path / "p.csv"
    path.write_text("external_id,given_name,family_name\n17,Ada,Agrees\n", encoding="utf-8")
    assert json.loads(run("plan", path, "--json").stdout)["counts"]["unchanged"] == 1
    for wrong in ((9, "17"), (cast.person("Carl").till_number, "17"), (ada.till_number, " ")):
        assert run("adopt", *wrong).exit_code == 1


@pytest.mark.parametrize(
    "wrong", [("--map", "first=Vorname"), ("--map", "given_name"), ("--encoding", "ebcdic")]
)
def test_a_wrong_option_is_explained(run, tmp_path, wrong):
    path = tmp_path / "p.csv"
    path.write_text("external_id,given_name\n", encoding="utf-8")
    done = run("plan", path, *wrong)
    assert done.exit_code == 2


def test_undo_shows_what_comes_back_asks_and_takes_the_import_back(run, tmp_path):
    assert "no_import_to_undo" in run("undo", "--yes").output
    run("import", golden("1.1").zip(tmp_path / "b.zip"), "--yes")
    no = run("undo", input="n\n")
    assert no.exit_code == 1
    assert "deleted                  3" in no.output
    assert Person.objects.filter(external_id="u1").exists()
    issue_card(Person.objects.get(external_id="u1"))
    done = run("undo", "--yes")
    assert done.exit_code == 0, done.output
    assert "stays  Una Urban  in_use" in done.output
    assert list(Person.objects.exclude(external_id="").values_list("external_id", flat=True)) == ["u1"]
    assert run("undo", "--yes").exit_code == 1
