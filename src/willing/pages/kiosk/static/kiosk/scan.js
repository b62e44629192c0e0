// A bar-code reader types like a very fast person and ends with Enter. This tells the two apart by speed.

const GAP_MS_MAX = 80; // readers send a key every 1-20 ms; people are rarely this fast for a whole code
const LENGTH_MIN = 4; // with no field in focus: nobody types into nothing
const LENGTH_MIN_IN_FIELD = 8; // longer than a number or a PIN, as bar codes and card codes are

export function listenForScans(onScan) {
  let typed = "";
  let lastAt = 0;
  let isFast = true;

  function reset() {
    typed = "";
    isFast = true;
  }

  document.addEventListener(
    "keydown",
    (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
      const gap = event.timeStamp - lastAt;
      lastAt = event.timeStamp;
      const field = event.target.closest?.("input, textarea, select") ?? null;
      if (event.key === "Enter") {
        const isScan = field
          ? typed.length >= LENGTH_MIN_IN_FIELD && isFast && gap <= GAP_MS_MAX
          : typed.length >= LENGTH_MIN;
        if (isScan && !field?.matches("[name=code]")) {
          // Enter would press the button that has the focus, or send a half-filled form.
          event.preventDefault();
          event.stopPropagation();
          if (field) field.value = "";
          const code = typed;
          reset();
          onScan(code);
        } else reset();
        return;
      }
      if (event.key.length !== 1) return;
      if (gap > 1500) reset();
      else if (typed && gap > GAP_MS_MAX) isFast = false;
      typed += event.key;
      // A space in a scanned code must not press the focused button.
      if (!field && typed.length > 1 && event.key === " ") event.preventDefault();
    },
    true,
  );
}
