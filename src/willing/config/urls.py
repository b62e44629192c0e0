"""Every page and endpoint of the installation."""

from django.urls import URLPattern, URLResolver, include, path

from willing.api.urls import api
from willing.console.views import home
from willing.people.access import allow_anyone
from willing.ui.security_txt import PATH, security_txt

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home, name="home"),
    path(PATH, allow_anyone("whom to tell of a weakness")(security_txt), name="security-txt"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("till/", include("willing.kiosk.urls")),
    path("family/", include("willing.portal.urls")),
    path("staff/", include("willing.console.urls")),
    path("", include("willing.entrance.urls")),
    path("api/v1/", api.urls),
]

handler400 = "willing.ui.views.bad_request"
handler403 = "willing.ui.views.forbidden"
handler404 = "willing.ui.views.not_found"
handler500 = "willing.ui.views.server_error"
