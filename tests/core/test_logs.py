import io
import logging

from django.test import Client

from willing.consent.links import sign_link


def test_a_failed_request_never_writes_a_consent_links_token(cast, monkeypatch):
    handler = next(one for one in logging.getLogger().handlers if type(one) is logging.StreamHandler)
    stream = io.StringIO()
    monkeypatch.setattr(handler, "stream", stream)
    token = sign_link(cast.guardian("Gus"))
    assert Client().get(f"/family/c/{token}/nothing/here/").status_code == 404
    assert Client(raise_request_exception=False).put(f"/family/c/{token}/").status_code >= 400
    assert "/family/c/…" in stream.getvalue()
    assert token not in stream.getvalue()
