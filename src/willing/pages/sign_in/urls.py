"""Signing in: of allauth's addresses those that are needed, under its names, since its views look them up.

What is missing stays shut: signing up, mailed codes and links, other people's providers, e-mail addresses.
"""

from django.urls import path

from willing.pages.sign_in import card_help, card_sign_in, invitations, openid, till_pin, views

urlpatterns = [
    path("sign-in/", views.sign_in, name="account_login"),
    path("sign-in/passkey/", views.passkey_sign_in, name="mfa_login_webauthn"),
    path("sign-in/second/", views.second_factor, name="mfa_authenticate"),
    path("sign-in/code/", invitations.enter_code, name="invitation"),
    path("sign-in/code/answer/", invitations.answer, name="invitation-answer"),
    path("sign-in/code/passkey/", invitations.make_passkey, name="invitation-passkey"),
    path("sign-in/code/password/", invitations.make_password, name="invitation-password"),
    path("c", card_sign_in.show_card, name="card"),
    path("sign-in/card/", card_sign_in.sign_in_by_card, name="pupil-sign-in"),
    path("sign-in/card/lost/", card_help.lost_card, name="card-lost"),
    path("sign-in/card/pin/", card_help.forgotten_pin, name="card-pin"),
    path("sign-in/with/<slug:provider_id>/", openid.start, name="openid_connect_login"),
    path("sign-in/with/<slug:provider_id>/back/", openid.finish, name="openid_connect_callback"),
    path("sign-out/", views.sign_out, name="account_logout"),
    path("my-sign-in/", views.my_sign_in, name="mfa_index"),
    path("my-sign-in/app/", views.add_app, name="mfa_activate_totp"),
    path("my-sign-in/app/remove/", views.remove_app, name="mfa_deactivate_totp"),
    path("my-sign-in/passkey/", views.add_passkey, name="mfa_add_webauthn"),
    path("my-sign-in/passkey/<int:pk>/remove/", views.remove_passkey, name="mfa_remove_webauthn"),
    path("my-sign-in/recovery/", views.recovery_codes, name="mfa_view_recovery_codes"),
    path("my-sign-in/recovery/new/", views.new_recovery_codes, name="mfa_generate_recovery_codes"),
    path("my-sign-in/password/", views.password, name="account_change_password"),
    path("my-sign-in/till-pin/", till_pin.till_pin, name="till-pin"),
    path("my-sign-in/everywhere/", views.everywhere_out, name="everywhere-out"),
]
