"""The ASGI application that uvicorn serves."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "willing.config.settings")
application = get_asgi_application()

from willing.config.startup import start_process  # noqa: E402  # only after Django is set up

start_process()
