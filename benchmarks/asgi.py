"""The application under Django's asynchronous handler, for `benchmarks.servers` only."""

from django.core.asgi import get_asgi_application

from willing.config import wsgi

__all__ = ["application"]

assert wsgi.application  # it is started once, however it is served
application = get_asgi_application()
