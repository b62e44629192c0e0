"""The reference of the log names what the code has."""

from pathlib import Path

import click

from willing.audit.cli import audit
from willing.audit.verify.errors import Unproven
from willing.audit.verify_entry import FAULT_CODES

REFERENCE = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "log.md").read_text(
    encoding="utf-8"
)


def test_every_fault_and_reason_is_in_the_reference():
    assert not [code for code in {*FAULT_CODES, *Unproven.CODES} if f"`{code}`" not in REFERENCE]


def test_every_command_and_option_is_in_the_reference():
    for name, command in audit.commands.items():
        assert f"`{name}" in REFERENCE
        options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
        assert not [option.opts[0] for option in options if option.opts[0] not in REFERENCE], name
