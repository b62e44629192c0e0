"""Every page and endpoint of the installation."""

from django.urls import URLPattern, URLResolver, include, path

from willing.accounts.access import allow_anyone
from willing.api.urls import api
from willing.ops.reach import PATH as REACH_PATH
from willing.pages.console.views import home
from willing.pages.ui import look
from willing.pages.ui.authority import authority, authority_file
from willing.pages.ui.help import views as help_views
from willing.pages.ui.metrics import metrics
from willing.pages.ui.reach import reach
from willing.pages.ui.security_txt import PATH, security_txt

MANUAL = "the manual is public"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home, name="home"),
    path(PATH, allow_anyone("whom to tell of a weakness")(security_txt), name="security-txt"),
    path(REACH_PATH.lstrip("/"), allow_anyone("it tells nothing about the school")(reach), name="reach"),
    path("authority/", allow_anyone("a certificate is public")(authority), name="authority"),
    path(
        "authority.<str:kind>", allow_anyone("a certificate is public")(authority_file), name="authority-file"
    ),
    path("metrics", allow_anyone("it asks for the operator's own token")(metrics), name="metrics"),
    path("look/<str:colour>.css", allow_anyone("a colour")(look.colour), name="look-colour"),
    path("look/<str:digest>.png", allow_anyone("the school's own sign")(look.logo), name="look-logo"),
    path("help/", allow_anyone(MANUAL)(help_views.contents), name="help-contents"),
    path("help/<slug:key>/", allow_anyone(MANUAL)(help_views.topic), name="help"),
    path("help/manual/<slug:folder>/<slug:name>/", allow_anyone(MANUAL)(help_views.page), name="manual"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("till/", include("willing.pages.kiosk.urls")),
    path("pupil/", include("willing.pages.kiosk.pupil_urls", namespace="second-screen")),
    path("gate/", include("willing.pages.lane.urls")),
    path("family/", include("willing.pages.portal.urls")),
    path("set-up/", include("willing.pages.set_up.urls")),
    path("staff/", include("willing.pages.console.urls")),
    path("", include("willing.pages.sign_in.urls")),
    path("api/v1/", api.urls),
]

handler400 = "willing.pages.ui.views.bad_request"
handler403 = "willing.pages.ui.views.forbidden"
handler404 = "willing.pages.ui.views.not_found"
handler500 = "willing.pages.ui.views.server_error"
