"""The pages of set-up, under /set-up/. None of them is there once the set-up is finished."""

from django.urls import path

from willing.pages.set_up import administrator, opening, school

app_name = "set-up"
urlpatterns = [
    path("", school.code, name="code"),
    path("school/", school.school, name="school"),
    path("law/", school.law, name="law"),
    path("language-and-money/", school.region, name="region"),
    path("address/", school.address, name="address"),
    path("administrator/", administrator.administrator, name="administrator"),
    path("people/", opening.people, name="people"),
    path("menu/", opening.menu, name="menu"),
    path("till/", opening.till, name="till"),
]
