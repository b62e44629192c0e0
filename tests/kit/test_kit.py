"""The workflows, the container and the templates: valid, pinned, and about commands that exist."""

import importlib.metadata
import json
import re
import shlex
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import click
import pytest
import yaml
from tests.kit.clean import ROOT

import willing

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
FORMS = sorted(path for path in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml")
COMPOSE = sorted(ROOT.glob("compose*.yaml"))
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
PINNED = re.compile(r"^\s*(?:- )?uses: (?:\./\S+( #.*)?|[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$")
# Which jobs may write, and what; every other job reads the source and nothing else.
WRITES = {
    "release.yml packages": {"attestations", "id-token"},
    "release.yml container": {"attestations", "id-token", "packages"},
    "release.yml publish": {"id-token"},
    "release.yml release": {"contents"},
}
VALID = {
    "vendor.github-workflows": WORKFLOWS,
    "vendor.dependabot": [GITHUB / "dependabot.yml"],
    "vendor.github-issue-forms": FORMS,
    "vendor.github-issue-config": [GITHUB / "ISSUE_TEMPLATE" / "config.yml"],
    "vendor.compose-spec": COMPOSE,
}


def read(path):
    return yaml.safe_load(path.read_text("utf-8"))


def jobs():
    return [(path, name, job) for path in WORKFLOWS for name, job in read(path)["jobs"].items()]


def run(tool, *arguments):
    command = [str(Path(sys.executable).with_name(tool)), *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("schema", VALID)
def test_every_file_has_the_form_that_its_reader_expects(schema):
    assert VALID[schema]
    done = run("check-jsonschema", "--builtin-schema", schema, *map(str, VALID[schema]))
    assert done.returncode == 0, done.stdout


def test_no_workflow_has_a_known_weakness():
    done = run("zizmor", "--offline", "--no-progress", str(GITHUB))
    assert done.returncode == 0, done.stdout


def test_every_action_is_pinned_to_a_commit_and_everywhere_to_the_same():
    lines = [line for path in WORKFLOWS for line in path.read_text("utf-8").splitlines() if "uses:" in line]
    assert len(lines) > 10
    assert [line for line in lines if not PINNED.match(line)] == []
    pins = {tuple(line.split("uses: ")[1].split(" ")[0].split("@")) for line in lines if "@" in line}
    assert len({name for name, _ in pins}) == len(pins)


def test_a_job_may_do_no_more_than_it_needs_and_ends_by_itself():
    for path in WORKFLOWS:
        assert read(path)["permissions"] == {}, path
    for path, name, job in jobs():
        writes = {what for what, may in job["permissions"].items() if may != "read"}
        assert writes == WRITES.get(f"{path.name} {name}", set()), (path.name, name)
        assert "uses" in job or job["timeout-minutes"] <= 60, (path.name, name)


def test_no_job_leaves_a_token_in_its_checkout():
    steps = [step for _, _, job in jobs() for step in job.get("steps", ())]
    checkouts = [step for step in steps if step.get("uses", "").startswith("actions/checkout@")]
    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_the_versions_of_python_are_the_ones_that_the_package_names():
    matrix = read(GITHUB / "workflows" / "checks.yml")["jobs"]["tests"]["strategy"]["matrix"]["python"]
    named = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["project"]["classifiers"]))
    assert matrix == named
    assert PROJECT["project"]["requires-python"] == f">={matrix[0]}"
    assert PROJECT["tool"]["mypy"]["python_version"] == matrix[0]
    assert PROJECT["tool"]["ruff"]["target-version"] == f"py{matrix[0].replace('.', '')}"
    files = [
        DOCKERFILE,
        *(path.read_text("utf-8") for path in [*WORKFLOWS, ROOT / ".devcontainer/devcontainer.json"]),
    ]
    used = {version for text in files for version in re.findall(r"python:(3\.\d+)", text)}
    assert used
    assert used <= set(matrix)


def test_the_version_is_the_same_wherever_it_is_written():
    assert willing.__version__ == PROJECT["project"]["version"]


def test_both_databases_are_tested():
    assert read(GITHUB / "workflows" / "checks.yml")["jobs"]["tests"]["strategy"]["matrix"]["database"] == [
        "sqlite",
        "postgresql",
    ]
    steps = read(GITHUB / "workflows" / "checks.yml")["jobs"]["tests"]["steps"]
    run = "\n".join(one["run"] for one in steps if "run" in one).split("\n")
    # The rooms beside the till and the register too, every rule, and what the check of HTML needs.
    assert {"bash tests/postgres/run.sh", "REST=1 bash tests/postgres/run.sh", "make rules"} <= set(run)
    assert "make dev browser java" in run


def targets():
    found = re.findall(r"^([\w-]+):(?!=)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert "check" in found
    return set(found)


def command_of_willing(words):
    """Return whether these words begin with a command, and with a subcommand where it is a group."""
    from willing.cli import main

    command: click.Command | None = main
    for word in words:
        if not isinstance(command, click.Group):
            return True
        command = command.get_command(click.Context(command), word)
        if command is None:
            return False
    return True


def lines_run():
    """Yield every line that a workflow, the development container or a hook runs, with its file's name."""
    for path, _, job in jobs():
        for step in job.get("steps", ()):
            yield from ((path.name, line.strip()) for line in step.get("run", "").splitlines())
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text("utf-8"))
    yield "devcontainer.json", container["postCreateCommand"]
    for hook in read(ROOT / ".pre-commit-config.yaml")["repos"][0]["hooks"]:
        yield ".pre-commit-config.yaml", hook["entry"]
    for path in COMPOSE:
        yield from ((path.name, line.lstrip("# ")) for line in path.read_text("utf-8").splitlines())


def test_every_command_that_they_run_exists():
    found = set()
    for name, line in lines_run():
        try:
            words = shlex.split(line, comments=True)
        except ValueError:  # a sentence with an apostrophe, no command
            continue
        if not words:
            continue
        if words[0] == "make":
            assert set(words[1:]) <= targets(), (name, line)
        elif words[0] == "bash":
            assert (ROOT / words[1]).is_file(), (name, line)
        elif words[0].startswith(".venv/bin/"):
            assert (ROOT / words[0]).is_file(), (name, line)
            assert all((ROOT / word).exists() for word in words if word.startswith("tests/")), (name, line)
        elif "willing" in words and words[0] == "docker":
            assert command_of_willing(words[words.index("willing") + 1 :][:1]), (name, line)
        else:
            continue
        found.add(words[0])
    assert {"make", "bash", "docker", ".venv/bin/pytest", ".venv/bin/ruff", ".venv/bin/codespell"} <= found


def test_the_image_installs_only_what_a_lock_names_and_runs_as_nobody_special():
    flat = DOCKERFILE.replace("\\\n", " ")
    installs = re.findall(r"pip install ([^&\n]*)", flat)
    assert len(installs) == 3
    assert all("--require-hashes" in line or "--no-index --no-deps" in line for line in installs)
    assert not re.search(r"\b(curl|wget|ADD|git clone)\b", flat)
    assert re.search(r"^USER 10001:10001$", flat, re.MULTILINE)
    assert flat.rindex("USER ") < flat.index("ENTRYPOINT")
    assert "HEALTHCHECK" in flat
    assert re.findall(r"^FROM (\S+)", flat, re.MULTILINE) == ["python:3.11-slim-bookworm"] * 2
    [served] = map(json.loads, re.findall(r"^CMD (\[.*\])$", flat, re.MULTILINE))
    assert command_of_willing(served[:1])


def test_what_the_image_is_made_of_is_there_and_nothing_else_gets_into_it():
    kept = [
        line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")
    ]
    assert all((ROOT / name).exists() for name in kept)
    locks = re.findall(r"requirements[\w-]*\.lock", DOCKERFILE)
    assert set(locks) <= set(kept)
    build = PROJECT["tool"]["hatch"]["build"]
    needed = {"pyproject.toml", PROJECT["project"]["readme"], build["hooks"]["custom"]["path"], "src"}
    assert needed | set(PROJECT["project"]["license-files"]) <= set(kept)
    secret = [
        "var/secrets/master.key",
        ".env",
        ".git/config",
        "tests/conftest.py",
        ".cache/portraits/biden.jpg",
    ]
    assert not [name for name in secret if any(fnmatch(name, f"{one}*") for one in kept)]


def test_a_container_keeps_its_data_in_volumes_and_can_write_nowhere_else():
    service = read(ROOT / "compose.yaml")["services"]["willing"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    [declared] = map(json.loads, re.findall(r"^VOLUME (\[.*\])$", DOCKERFILE, re.MULTILINE))
    assert sorted(volume.rsplit(":", 1)[1] for volume in service["volumes"]) == sorted(declared)


def test_every_setting_that_compose_passes_is_in_the_reference():
    reference = (ROOT / "docs" / "reference" / "settings.md").read_text("utf-8")
    names = {name for path in COMPOSE for name in read(path)["services"]["willing"].get("environment", {})}
    assert names
    assert [name for name in sorted(names) if f"`{name}`" not in reference] == []
    # What a school sets in .env arrives, but for where things lie, which the image and the volumes say.
    inside = {"WILLING_HOME", "WILLING_MASTER_KEY_FILE", "WILLING_JOURNAL_DIR", "WILLING_PORTRAITS"}
    assert set(re.findall(r"^\| `(WILLING_\w+)`", reference, re.MULTILINE)) - names == inside


def test_the_page_on_reporting_a_weakness_says_what_the_product_and_the_manual_say():
    text = (ROOT / "SECURITY.md").read_text("utf-8")
    for target in re.findall(r"\]\(([^)#]+)", text):
        assert (ROOT / target).exists(), target
    assert "`/.well-known/security.txt`" in text
    assert "`WILLING_SECURITY_CONTACT`" in text
    promises = re.findall(r"^\d+\. \*\*", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    assert len(promises) == 12
    assert "one of the twelve promises" in text
    manual = (ROOT / "docs" / "operate" / "security.md").read_text("utf-8")
    assert "## What it does not withstand" in manual
    for place in (GITHUB / "ISSUE_TEMPLATE" / "privacy.yml", GITHUB / "ISSUE_TEMPLATE" / "bug.yml"):
        assert "SECURITY.md" in place.read_text("utf-8")


def test_the_form_for_a_broken_promise_lists_them_all():
    readme = (ROOT / "README.md").read_text("utf-8")
    promises = re.findall(r"^(\d+)\. \*\*([^*.]+)\.\*\*", readme, re.MULTILINE)
    assert [int(number) for number, _ in promises] == list(range(1, 13))
    [choice] = [
        part for part in read(GITHUB / "ISSUE_TEMPLATE" / "privacy.yml")["body"] if part["type"] == "dropdown"
    ]
    assert choice["attributes"]["options"][:-1] == [f"{number} {name}" for number, name in promises]


# With pip, what set-up compiles and Willing itself that is at most 720 MB in .venv.
PACKAGES_MB_MAX = 680


def test_what_a_school_installs_takes_no_more_of_its_disk_than_the_manual_says():
    """Weighed: the packages of the lock as they are in this environment, without what set-up leaves out."""
    left_out = re.search(r"rm -f \S+/(openvino/libs)/\{(\S+)\}", (ROOT / "Makefile").read_text("utf-8"))
    assert left_out
    away = {f"{left_out[1]}/{name}" for name in left_out[2].split(",")}
    names = set(re.findall(r"^([\w.-]+)==", (ROOT / "requirements.lock").read_text("utf-8"), re.MULTILINE))
    weights, recorded = {}, set()
    for name in names:
        files = importlib.metadata.files(name) or ()
        recorded |= {str(one) for one in files}
        paths = [Path(one.locate()) for one in files if str(one) not in away and one.suffix != ".pyc"]
        weights[name] = sum(path.stat().st_size for path in paths if path.is_file()) / 1e6
    assert away <= recorded, "what set-up leaves out is no longer there"
    heaviest = sorted(weights.items(), key=lambda one: -one[1])[:12]
    assert sum(weights.values()) <= PACKAGES_MB_MAX, heaviest
