"""The pages of a lane, under /gate/."""

from django.urls import path

from willing.pages.lane import face_views, staff_views, views

app_name = "lane"
urlpatterns = [
    path("", views.lane, name="lane"),
    path("pair/", views.pair, name="pair"),
    path("here/", views.here, name="here"),
    path("card/", views.card, name="card"),
    path("pin/", views.pin, name="pin"),
    path("passed/<uuid:press_id>/", views.passed, name="passed"),
    path("staff/", staff_views.staff, name="staff"),
    path("staff/person/", staff_views.person, name="person"),
    path("staff/open/", staff_views.open_door, name="open"),
    path("face/", face_views.face, name="face"),
    path("face/<uuid:session_id>/frame/", face_views.frame, name="frame"),
    path("face/<uuid:session_id>/share/", face_views.share, name="share"),
    path("face/<uuid:session_id>/close/", face_views.close, name="close"),
]
