"""The HTTP API, version 1."""

from ninja import NinjaAPI

api = NinjaAPI(title="Willing", version="1.0.0", urls_namespace="api")
