"""`willing people`: pupils and staff, for those who automate."""

from datetime import datetime

import click


@click.group()
def people() -> None:
    """Look after pupils and staff."""


@people.command("add")
@click.argument("given_name")
@click.argument("family_name", default="")
@click.option("--class", "year", default="", help="Their class; a new one is added.")
@click.option("--staff", is_flag=True, help="A member of staff, not a pupil.")
@click.option("--born", type=click.DateTime(["%Y-%m-%d"]), help="Date of birth, as 2014-05-31.")
@click.option("--id", "external_id", default="", help="Their id in the school's register.")
def add(
    given_name: str, family_name: str, year: str, staff: bool, born: datetime | None, external_id: str
) -> None:
    """Add GIVEN_NAME FAMILY_NAME with the next free till number. The same again adds nobody.

    Two people of one name and class need --id to be told apart.
    """
    from willing.core.errors import Refused
    from willing.people.models import Person
    from willing.people.persons import NewPerson, add_person_unless_there
    from willing.people.queries import require_school

    kind = Person.Kind.STAFF if staff else Person.Kind.PUPIL
    birth_date = born.date() if born else None
    new = NewPerson(given_name, family_name, kind, year, external_id, birth_date)
    try:
        person, is_new = add_person_unless_there(require_school(), new)
    except Refused as refused:
        raise click.ClickException(str(refused.message)) from None
    word = "added" if is_new else "is here already"
    click.echo(f"{person.full_name} {word}, till number {person.till_number}")
