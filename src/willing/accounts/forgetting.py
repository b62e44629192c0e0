"""The writer that deletes a sign-in; the row is kept for what was done with it."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.hashers import make_password

from willing.accounts.models import User


def forget_sign_in(user: User) -> None:
    """Delete passwords, passkeys, second factors and names of someone who signs in no more.

    Needs the user's row locked, inside a transaction. Every session of theirs is closed with it.
    """
    for model in (EmailAddress, Authenticator, SocialAccount):
        model.objects.filter(user=user).delete()
    user.username = user.username_key = f"ended-{user.pk}"
    user.email, user.display_name = "", ""
    user.password, user.is_active = make_password(None), False
    user.session_version += 1
    user.save()
