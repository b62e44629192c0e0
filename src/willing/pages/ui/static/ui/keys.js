// The name of the key of a keydown, "+" before it with Shift; empty for keys that write nothing. It says which key
// it was whatever layout the computer is set to, and while a Chinese input method takes the characters.

const WRITES = /^(Key[A-Z]|Digit\d|Numpad(\d|Subtract)|Minus|Equal|Bracket(Left|Right)|Semicolon|Quote|Backslash|Comma|Period|Slash|Space)$/;

export function keyName(event) {
  if (WRITES.test(event.code)) return (event.shiftKey ? "+" : "") + event.code;
  return event.key.length === 1 ? "Other" : "";
}
