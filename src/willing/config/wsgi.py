"""The application: Django's synchronous handler, on an installation that may be served."""

import os

from willing.core.modes import keep_private

keep_private()

import django  # noqa: E402  # only after the umask

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "willing.config.settings")
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402  # only after Django is set up

from willing.config.startup import require_startable, start_process  # noqa: E402
from willing.config.static_files import prepare_static_files  # noqa: E402

require_startable()
prepare_static_files()  # before the middleware looks for them
application = get_wsgi_application()
start_process()
