"""Every column is written by an action."""

from collections import defaultdict
from functools import cache

from django.contrib.auth.models import AbstractUser
from tests.architecture.source import (
    CREATES,
    OURS,
    assigned_fields,
    fills_itself,
    modules,
    writes_of,
)
from tests.architecture.test_writers import WRITERS

_MARK = "keys.set_up._mark writes both databases' marks through a table of the two"
_MOVE = "the database moves it with each transfer (the ledger's triggers)"
_ENTRY = "the database makes it with each transfer of cash (its triggers)"
_TRIGGER = "the database copies it from the passkey that Django's sign-in stores"
# Columns that are written where the syntax does not show it.
UNSEEN = {
    "core.Installation.installation_id": _MARK,
    "core.Installation.master_check": _MARK,
    "core.Installation.number": "always 1: a second row has no place",
    "keys.KeysInstallation.installation_id": _MARK,
    "keys.KeysInstallation.master_check": _MARK,
    "keys.KeysInstallation.number": "always 1: a second row has no place",
    "ledger.Account.debits_pending": _MOVE,
    "ledger.Account.debits_posted": _MOVE,
    "ledger.Account.credits_pending": _MOVE,
    "ledger.Account.credits_posted": _MOVE,
    "drawers.DrawerEntry.session": _ENTRY,
    "drawers.DrawerEntry.transfer": _ENTRY,
    "accounts.Passkey.authenticator": _TRIGGER,
    "accounts.Passkey.credential_digest": _TRIGGER,
}
# Columns that are Django's own: a password, when somebody last signed in.
DJANGOS = {one.name for one in AbstractUser._meta.get_fields()}


def written_fields():
    """Return the fields that action modules name, by model; the demo's school counts for nothing."""
    found: dict[str, set[str]] = defaultdict(set)
    for name in WRITERS:
        for write in writes_of(modules()[name]):
            if write.model in OURS:
                found[write.model] |= write.fields
        for model, field in assigned_fields(modules()[name]):
            found[model].add(field)
    return found


@cache
def unwritten():
    """Return every column, as `room.Model.field`, that no action writes."""
    written = written_fields()
    return {
        f"{model._meta.app_label}.{name}.{field.name}"
        for name, model in OURS.items()
        for field in model._meta.local_fields
        if not fills_itself(field)
        and not (issubclass(model, AbstractUser) and field.name in DJANGOS)
        and written[name].isdisjoint({field.name, field.attname})
    }


def test_every_column_is_written_by_an_action():
    new = unwritten() - UNSEEN.keys()
    assert not new, f"{new}: write it in an action, or remove it; a column that nobody fills misleads"


def test_what_is_seen_to_be_written_is_on_no_list():
    done = UNSEEN.keys() - unwritten()
    assert not done, f"{done}: take it off the list"


def test_every_table_gets_its_rows_from_an_action():
    makers = {
        write.model
        for module in WRITERS
        for write in writes_of(modules()[module])
        if write.verb in CREATES | {"save", "create_user"}
    }
    makers |= {one.split(".")[1] for one in UNSEEN}
    empty = OURS.keys() - makers
    assert not empty, f"{empty}: nothing ever makes a row"
