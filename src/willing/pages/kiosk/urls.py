"""The till's pages, under /till/."""

from django.urls import path

from willing.pages.kiosk import menu_views, views

app_name = "kiosk"
urlpatterns = [
    path("", views.till, name="till"),
    path("screen/", views.screen, name="screen"),
    path("pair/", views.pair, name="pair"),
    path("add/", views.add, name="add"),
    path("remove/", views.remove, name="remove"),
    path("void/", menu_views.void_line, name="void"),
    path("park/", menu_views.park, name="park"),
    path("take-back/", menu_views.unpark, name="take-back"),
    path("discard/", menu_views.discard, name="discard"),
    path("marking/", menu_views.marking, name="marking"),
    path("sold-out/", menu_views.sold_out, name="sold-out"),
    path("cancel/", views.cancel, name="cancel"),
    path("scan/", views.scan, name="scan"),
    path("way/", views.way, name="way"),
    path("card/", views.card, name="card"),
    path("pin/", views.pin, name="pin"),
    path("people/", views.people, name="people"),
    path("staff/", views.staff, name="staff"),
    path("face/<uuid:session_id>/frame/", views.frame, name="frame"),
    path("face/<uuid:session_id>/close/", views.close, name="close"),
    path("confirm/", views.confirm, name="confirm"),
    path("serve-meal/", views.serve_meal, name="serve-meal"),
    path("deny/", views.deny, name="deny"),
    path("stop/", views.stop, name="stop"),
    path("next/", views.next_customer, name="next"),
]
