"""What a person does with a page, counted: presses, and characters typed."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator

# Counted by a page itself, in `window.__presses`: clicks, and keys that change something.
COUNT_PRESSES = """
  window.__presses = 0;
  window.addEventListener("click", (event) => { if (event.isTrusted) window.__presses += 1; }, true);
  window.addEventListener("beforeinput", (event) => { if (event.isTrusted) window.__presses += 1; }, true);
"""

# Timed by the page itself: from the last press until the till shows a name, in milliseconds, painted.
TIME_TO_NAME = """
  window.addEventListener("click", () => { window.__pressed = performance.now(); }, true);
  new MutationObserver(() => {
    if (window.__named || document.getElementById("screen").dataset.stage !== "identified") return;
    window.__named = 1;
    requestAnimationFrame(() => requestAnimationFrame(() => {
      window.__toName = performance.now() - window.__pressed;
    }));
  }).observe(document.body, { childList: true, subtree: true });
"""


@dataclass
class Hand:
    """Someone's hand: everything that it does is counted. Choosing a field to type into is a press too."""

    presses: int = 0
    characters: int = 0

    def press(self, what: Locator) -> None:
        """Press a button, a link, a box or an entry of a list."""
        what.click()
        self.presses += 1

    def type(self, where: Locator, text: str) -> None:
        """Type into a field, in place of what is in it."""
        where.click()
        where.fill(text)
        self.presses += 1
        self.characters += len(text)

    def choose(self, where: Locator, label: str) -> None:
        """Choose from a list: one press opens it, one takes the entry."""
        where.select_option(label=label)
        self.presses += 2

    def __str__(self) -> str:
        return f"{self.presses} presses, {self.characters} characters typed"


def note(task: str, presses: int, *, characters: int = 0, seconds: float = 0.0) -> None:
    """Note what a task took, where `make presses` asks for it. task: as tests/presses/tasks.toml names it."""
    counted = os.environ.get("PRESSES_COUNTED", "")
    if counted:
        line = {"task": task, "presses": presses, "characters": characters, "seconds": seconds}
        with Path(counted).open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(line) + "\n")
