"""The ASGI application that uvicorn serves."""

import os

from willing.core.modes import keep_private

keep_private()

import django  # noqa: E402  # only after the umask

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "willing.config.settings")
django.setup()

from django.conf import settings  # noqa: E402  # only after Django is set up
from django.core.asgi import get_asgi_application  # noqa: E402

from willing.config.limits import LimitBody  # noqa: E402
from willing.config.startup import require_startable, start_process  # noqa: E402
from willing.config.static_files import prepare_static_files  # noqa: E402

require_startable()
prepare_static_files()  # before the middleware looks for them
application = LimitBody(get_asgi_application(), settings.FILE_UPLOAD_MAX_MEMORY_SIZE)
start_process()
