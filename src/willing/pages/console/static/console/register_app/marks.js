// What the register on this device says: what the server said last, and on top of it what waits to be sent. Pure.

const MINUTE_MS = 60_000;

export function isSame(item, held, register) {
  return item.group === register.group && item.number === register.number && item.day === held.day;
}

// The school's time in milliseconds. It never goes back: a device whose clock is set back meanwhile counts on from
// the latest moment that it knew.
export function clock(held, deviceMs) {
  return Math.max(deviceMs + held.offset, held.latest ?? 0);
}

// Whether what is held names pupils longer than it may: its day is over.
export function isOver(held, deviceMs) {
  return clock(held, deviceMs) >= Date.parse(held.ends);
}

export function isMine(item, held) {
  return item.user === held.user;
}

// The mark of this device that waits for a person, the latest one; undefined where there is none.
export function waitingFor(queue, held, register, person) {
  return queue.findLast((item) => isMine(item, held) && isSame(item, held, register) && item.person === person && item.state === "waiting");
}

// What a line shows: { symbol, minutes, isWaiting }.
export function shown(queue, held, register, line) {
  const item = waitingFor(queue, held, register, line.person);
  if (item) return { symbol: item.symbol, minutes: item.minutes, isWaiting: true };
  return { symbol: line.symbol, minutes: line.minutes, isWaiting: false };
}

export function hasBegun(held, register, at) {
  return at >= Date.parse(register.opens);
}

// Whether a change now is a correction: the register is closed, or has closed by itself since the server was heard.
export function isClosed(queue, held, register, at) {
  if (register.closed) return true;
  if (at < Date.parse(register.closes)) return false;
  const isTaken = register.lines.some((line) => line.symbol);
  return isTaken || queue.some((item) => isSame(item, held, register) && Date.parse(item.at) < Date.parse(register.closes));
}

// The code of who comes now, and the minutes since the beginning.
export function late(held, register, at) {
  const minutes = Math.max(1, Math.ceil((at - Date.parse(register.opens)) / MINUTE_MS));
  const symbol = at < Date.parse(register.closes) ? held.late : held.late_after_close;
  return { symbol, minutes };
}

export function isLate(held, symbol) {
  return symbol === held.late || symbol === held.late_after_close;
}

export function count(queue, held, register) {
  const found = { here: 0, away: 0, blank: 0 };
  for (const line of register.lines) {
    const { symbol } = shown(queue, held, register, line);
    if (!symbol) found.blank += 1;
    else if (held.codes[symbol]?.here) found.here += 1;
    else found.away += 1;
  }
  return found;
}

// Whom one press for all present means: those without a mark of whom nobody has said that they are away.
export function unmarked(queue, held, register) {
  return register.lines.filter((line) => !line.planned?.explained && !shown(queue, held, register, line).symbol);
}

// What the server has said, put together with what is held: names that were sent before stay, those of others go.
export function heldAnew(held, content, deviceMs) {
  const isSameDay = held && held.user === content.user.id && held.day === content.day;
  const before = new Map((isSameDay ? held.registers : []).map((one) => [`${one.group}/${one.number}`, one.names]));
  const registers = content.registers.map((one) => ({ ...one, names: one.names ?? before.get(`${one.group}/${one.number}`) ?? {} }));
  return {
    ...content,
    user: content.user.id,
    userName: content.user.name,
    registers,
    extra: isSameDay ? held.extra : [],
    offset: Date.parse(content.now) - deviceMs,
    latest: Date.parse(content.now),
  };
}

// Whether a line has no name yet, as a pupil's who has come into the group since.
export function lacksNames(held) {
  return held.registers.some((register) => register.lines.some((line) => !register.names[line.person]));
}
