"""Hold a gallery in Milvus: for more people than one process should hold, or several that share one gallery.

Optional extra `milvus`. With a file name as its address the embedded milvus-lite runs (the tests use it);
with `http://…` a server on the school's own network. docs/performance.md says when it is worth it: a school
of any size is served faster by the built-in gallery.
"""

from __future__ import annotations

import hashlib
import importlib
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from willing.face.errors import BackendUnavailable, EmptyTemplates, MixedTemplates, UnknownPerson
from willing.face.types import TEMPLATE_LENGTH, Candidate, Float32, Template

_PERSON_LENGTH_MAX = 512


class MilvusGallery:
    """Identify and verify people whose centroids a Milvus collection holds; see `GalleryBackend`.

    A collection holds one model and one rotation: both are part of its name. Searches ask for strong
    consistency: a person who was removed is in no later answer, of whichever process.
    """

    def __init__(self, uri: str, collection: str, *, model_id: str, rotation_id: str = "") -> None:
        """Open or make a collection. Raises BackendUnavailable without pymilvus or a server."""
        try:
            self._milvus: Any = importlib.import_module("pymilvus")
        except ModuleNotFoundError:
            raise BackendUnavailable("a Milvus gallery needs the packages pymilvus and milvus-lite") from None
        kind = hashlib.sha256(repr((model_id, rotation_id)).encode()).hexdigest()[:12]
        self._collection = f"{collection}_{kind}"
        self._kind = (model_id, rotation_id)
        self._writing = threading.Lock()
        try:
            self._client: Any = self._milvus.MilvusClient(uri)
            self._open()
        except self._milvus.MilvusException as error:
            raise BackendUnavailable(f"Milvus at {uri} does not answer: {str(error)[:200]}") from None

    def __len__(self) -> int:
        rows = self._client.query(
            self._collection, filter="", output_fields=["count(*)"], consistency_level="Strong"
        )
        return int(rows[0]["count(*)"])

    def __contains__(self, person: object) -> bool:
        return isinstance(person, str) and bool(self._rows(person))

    def __repr__(self) -> str:
        return f"<MilvusGallery {self._collection}>"

    def add(self, person: str, templates: Sequence[Template]) -> None:
        """Hold a person's references, in place of earlier ones. Raises EmptyTemplates, MixedTemplates."""
        if not templates:
            raise EmptyTemplates("a person needs at least one template")
        for template in templates:
            self._require_same(template)
        mean = np.mean([template.vector for template in templates], axis=0)
        row = {"person": person, "vector": (mean / max(float(np.linalg.norm(mean)), 1e-6)).tolist()}
        with self._writing:
            self._client.upsert(self._collection, [row])

    def remove(self, person: str) -> bool:
        """Forget a person at once; False where nobody had that name."""
        with self._writing:
            if not self._rows(person):
                return False
            self._client.delete(self._collection, ids=[person])
            return True

    def identify(self, template: Template, top: int = 2) -> list[Candidate]:
        """Return the `top` most alike people, best first. Raises MixedTemplates."""
        self._require_same(template)
        answer = self._client.search(
            self._collection,
            data=[template.vector.tolist()],
            anns_field="vector",
            limit=top,
            output_fields=["person"],
            consistency_level="Strong",
        )
        found = [Candidate(hit["entity"]["person"], float(hit["distance"])) for hit in answer[0]]
        return sorted(found, key=lambda candidate: (-candidate.score, candidate.person))

    def verify(self, person: str, template: Template) -> float:
        """Return the score of a probe and one person. Raises UnknownPerson, MixedTemplates."""
        self._require_same(template)
        rows = self._rows(person)
        if not rows:
            raise UnknownPerson("the gallery does not hold this person")
        held: Float32 = np.asarray(rows[0]["vector"], np.float32)
        return float(held @ template.vector)

    def close(self) -> None:
        """Let go of the connection, or of the embedded database's file."""
        self._client.close()

    def _rows(self, person: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self._client.get(
            self._collection, ids=[person], consistency_level="Strong"
        )
        return rows

    def _open(self) -> None:
        if self._client.has_collection(self._collection):
            self._client.load_collection(self._collection)
            return
        kinds = self._milvus.DataType
        schema = self._client.create_schema(auto_id=False)
        schema.add_field("person", kinds.VARCHAR, is_primary=True, max_length=_PERSON_LENGTH_MAX)
        schema.add_field("vector", kinds.FLOAT_VECTOR, dim=TEMPLATE_LENGTH)
        index = self._client.prepare_index_params()
        # FLAT compares with everybody: an approximate index would miss people without saying so.
        index.add_index("vector", index_type="FLAT", metric_type="IP")
        self._client.create_collection(self._collection, schema=schema, index_params=index)

    def _require_same(self, template: Template) -> None:
        if (template.model_id, template.rotation_id) != self._kind:
            raise MixedTemplates("the template is of another model or rotation than the collection")
