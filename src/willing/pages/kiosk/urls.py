"""The till's pages, under /till/."""

from django.urls import path

from willing.pages.kiosk import (
    basket_views,
    cashier_views,
    customer_views,
    face_views,
    look_up_views,
    menu_views,
    receipt_views,
    views,
    void_views,
)

app_name = "kiosk"
urlpatterns = [
    path("", views.till, name="till"),
    path("screen/", views.screen, name="screen"),
    path("here/", views.here, name="here"),
    path("pair/", views.pair, name="pair"),
    path("cashier/", cashier_views.cashier, name="cashier"),
    path("cashier/off/", cashier_views.off, name="cashier-off"),
    path("add/", basket_views.add, name="add"),
    path("remove/", basket_views.remove, name="remove"),
    path("void/", menu_views.void_line, name="void"),
    path("void-sale/<uuid:sale_id>/", void_views.void_sale, name="void-sale"),
    path("park/", menu_views.park, name="park"),
    path("take-back/", menu_views.unpark, name="take-back"),
    path("discard/", menu_views.discard, name="discard"),
    path("marking/", menu_views.marking, name="marking"),
    path("sold-out/", menu_views.sold_out, name="sold-out"),
    path("cancel/", basket_views.cancel, name="cancel"),
    path("scan/", basket_views.scan, name="scan"),
    path("way/", customer_views.way, name="way"),
    path("card/", customer_views.card, name="card"),
    path("pin/", customer_views.pin, name="pin"),
    path("people/", look_up_views.people, name="people"),
    path("staff/", look_up_views.staff, name="staff"),
    path("face/<uuid:session_id>/frame/", face_views.frame, name="frame"),
    path("face/<uuid:session_id>/close/", face_views.close, name="close"),
    path("confirm/", customer_views.confirm, name="confirm"),
    path("repeat/", customer_views.repeat, name="repeat"),
    path("serve-meal/", customer_views.serve_meal, name="serve-meal"),
    path("deny/", customer_views.deny, name="deny"),
    path("stop/", customer_views.stop, name="stop"),
    path("receipt/", receipt_views.receipt, name="receipt"),
    path("next/", customer_views.next_customer, name="next"),
]
