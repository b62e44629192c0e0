"""Third-party till: speaks HTTP and nothing else."""

import json
from uuid import uuid4

from django.test import Client

from willing.api.schemas import MEALS_MAX
from willing.terminals.pairing import start_pairing


class Till:
    def __init__(self, cast, terminal, *, key=None):
        self.client = Client()
        self.terminal = terminal
        code = start_pairing(terminal)
        answer = self.post("/pair", {"code": code}, key=key)
        self.token = answer.json()["token"]

    token = ""
    shown_minor = 0  # the sum of the basket that was answered last, which a confirmation repeats

    def headers(self, key):
        headers = {"Idempotency-Key": key} if key else {}
        return headers | ({"Authorization": f"Bearer {self.token}"} if self.token else {})

    def get(self, path):
        return self.client.get(f"/api/v1{path}", headers=self.headers(""))

    def post(self, path, body=None, *, key=None):
        if path.endswith("/confirm") and body is None:
            body = {"total_minor": self.shown_minor, "main_meals_checked": MEALS_MAX, "repeat_checked": True}
        answer = self.client.post(
            f"/api/v1{path}",
            json.dumps(body or {}),
            content_type="image/jpeg" if path.endswith("/frames") else "application/json",
            headers=self.headers(uuid4().hex if key is None else key),
        )
        if answer.status_code < 300 and "lines" in answer.json() and "total_minor" in answer.json():
            self.shown_minor = answer.json()["total_minor"]
        return answer

    def basket(self, cast, *, key=None, quantity=1):
        answer = self.post(
            "/baskets", {"lines": [{"product": str(cast.meal.id), "quantity": quantity}]}, key=key
        )
        assert answer.status_code == 201, answer.content
        return answer.json()

    def sell(self, cast, name="Carl"):
        basket = self.basket(cast)
        self.post(f"/baskets/{basket['id']}/identify", {"way": "card", "code": cast.cards[name]})
        answer = self.post(f"/baskets/{basket['id']}/confirm")
        assert answer.status_code == 200, answer.content
        return answer.json()
