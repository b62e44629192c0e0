"""The families' pages, under /family/."""

from django.urls import path

from willing.portal import family, policy, views

app_name = "portal"
urlpatterns = [
    path("", family.family, name="family"),
    path("me/", family.me, name="me"),
    path("policy/", policy.policy, name="policy"),
    path("c/<str:token>/", views.consent, name="consent"),
    path("c/<str:token>/decide/", views.decide, name="decide"),
]
