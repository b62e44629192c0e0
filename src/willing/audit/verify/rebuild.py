"""Count a log's tree again, entry by entry, and hold it against signed checkpoints on the way. Pure."""

from collections import defaultdict
from collections.abc import Iterable

from willing.audit.verify.merkle import CompactRange, HashedSubtree
from willing.audit.verify.restores import Restore
from willing.audit.verify.signed_note import Checkpoint


class Recount:
    """The tree as far as it was counted. It needs memory for the checkpoints, not for the entries.

    checkpoints: what was signed. start: the right edge of what came before, where counting begins later.
    """

    def __init__(self, checkpoints: Iterable[Checkpoint] = (), start: CompactRange | None = None) -> None:
        self.tree = start or CompactRange()
        self.contradicted: list[Checkpoint] = []
        self.lost: list[Checkpoint] = []  # of entries that a restore owns up to having lost
        self.confirmed_size = 0  # of the longest checkpoint that was met and agrees
        self._waiting: dict[int, list[Checkpoint]] = defaultdict(list)
        for checkpoint in checkpoints:
            self._waiting[checkpoint.size].append(checkpoint)
        self.uncovered = [one for size, met in self._waiting.items() if size < self.tree.size for one in met]
        self._meet()

    @property
    def unreached(self) -> list[Checkpoint]:
        """Return the checkpoints of more entries than were counted."""
        return [one for size, met in self._waiting.items() if size > self.tree.size for one in met]

    def add(self, leaf_hash: bytes) -> list[HashedSubtree]:
        """Count one more leaf. Return the complete subtrees that it completes."""
        completed = self.tree.append(leaf_hash)
        if self.tree.size in self._waiting:
            self._meet()
        return completed

    def close(self, restore: Restore) -> None:
        """Stop waiting for what was signed of entries that a restore lost; its own entry is counted next."""
        for size, met in self._waiting.items():
            self.lost += [one for one in met if restore.covers(one)]
            self._waiting[size] = [one for one in met if not restore.covers(one)]

    def _meet(self) -> None:
        met = self._waiting.get(self.tree.size, [])
        wrong = [one for one in met if one.root != self.tree.root()]
        self.contradicted += wrong
        if met and not wrong:
            self.confirmed_size = self.tree.size
