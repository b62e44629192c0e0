"""The families' pages, under /family/."""

from django.urls import path

from willing.portal import views

app_name = "portal"
urlpatterns = [
    path("c/<str:token>/", views.consent, name="consent"),
    path("c/<str:token>/decide/", views.decide, name="decide"),
]
