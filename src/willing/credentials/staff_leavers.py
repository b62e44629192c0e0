"""The writer about colleagues who have left for good: their sign-in, and their PIN for the till with it."""

from willing.accounts import staff
from willing.accounts.models import User
from willing.core.transactions import atomic
from willing.credentials.staff_pins import remove_pin
from willing.people.models import School


@atomic
def delete_staff(school: School, user_id: int, *, by: User) -> User:
    """Delete a colleague's sign-in and PIN; every session and sign-on of theirs is over at once.

    Raises Refused unknown_user, own_account, last_administrator.
    """
    remove_pin(user_id, by=by)
    return staff.delete_user(school, user_id, by=by)
