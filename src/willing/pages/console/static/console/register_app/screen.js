// Draws today's registers and one of them. Everything is made from the page's templates and set as text; a line that
// is there is changed and not made anew, so that the focus stays where it is.

import { partsOf } from "../../ui/page_parts.js";
import { count, isClosed, isSame, hasBegun, shown, unmarked } from "./marks.js";

const root = document.querySelector("[data-register-app]");
export const { part, made, words, clockOf, dayOf } = partsOf(root);

export function labelOf(held, register, symbol) {
  const quick = { [register.present]: "present", [held.late]: "late", [held.unexplained]: "absent", [held.illness]: "illness" }[symbol];
  return quick ? words(quick) : (held.codes[symbol]?.label ?? symbol);
}

export function nameOf(register, person) {
  return register?.names[person] ?? words("a-pupil");
}

function badge(kind, text) {
  const found = made("badge");
  found.className = `badge ${kind}`.trim();
  found.textContent = text;
  return found;
}

function stateOf(queue, held, register, at) {
  const { blank } = count(queue, held, register);
  const isBegun = blank < register.lines.length;
  if (isClosed(queue, held, register, at)) return ["good", words("closed")];
  if (!blank && isBegun) return ["good", words("taken")];
  if (isBegun) return ["info", words("begun")];
  return hasBegun(held, register, at) ? ["warn", words("not-taken")] : ["", words("not-yet")];
}

export function drawList(queue, held, at) {
  const rows = held.registers.map((register) => {
    const row = made("row");
    row.querySelector("strong").textContent = register.title;
    row.querySelector(".muted").textContent = `${register.name}, ${clockOf(register.opens)}`;
    row.querySelector(".cluster").prepend(badge(...stateOf(queue, held, register, at)));
    const link = row.querySelector("a");
    link.setAttribute("href", `#${register.group}/${register.number}`);
    link.querySelector(".visually-hidden").textContent = ` ${register.title}, ${register.name}`;
    return row;
  });
  part("rows").replaceChildren(...rows);
  part("none").hidden = held.registers.length > 0;
  const mine = new Set(held.registers.map(({ group }) => group));
  const others = held.groups.filter(({ id }) => !mine.has(id));
  part("other").replaceChildren(...others.map(({ id, title }) => new Option(title, id)));
  part("others").hidden = others.length === 0;
}

function quickOf(held, register, isOver) {
  return [
    [register.present, words("present")],
    [isOver ? held.late_after_close : held.late, words("late")],
    [held.unexplained, words("absent")],
    [held.illness, words("illness")],
  ];
}

// What a line lets choose from: it is made anew where this changes, as with the close.
function choices(queue, held, register, at) {
  const isOver = at >= Date.parse(register.closes);
  const quick = quickOf(held, register, isOver);
  const chosen = new Set(quick.map(([symbol]) => symbol));
  const others = Object.entries(held.codes).filter(
    ([symbol, code]) => code.listed && !chosen.has(symbol) && ["", register.slot].includes(code.slot),
  );
  return { quick, others };
}

function makeLine(register, line, { quick, others }) {
  const row = made("line");
  row.dataset.person = line.person;
  const name = nameOf(register, line.person);
  row.querySelector("[data-name]").textContent = name;
  const codes = quick.map(([symbol, label]) => {
    const code = made("code");
    const input = code.querySelector("input");
    input.name = `code-${line.person}`;
    input.value = symbol;
    code.querySelector("span").textContent = label;
    return code;
  });
  row.querySelector(".codes").replaceChildren(...codes);
  row.querySelector("summary .visually-hidden").textContent = ` ${name}`;
  const [select, minutes] = row.querySelectorAll("select, input.minutes");
  select.id = `other-${line.person}`;
  minutes.id = `minutes-${line.person}`;
  for (const label of row.querySelectorAll("label[data-for]")) label.htmlFor = `${label.dataset.for}-${line.person}`;
  select.append(...others.map(([symbol, { label }]) => new Option(`${symbol} · ${label}`, symbol)));
  return row;
}

function drawLine(queue, held, register, line, row, { quick }) {
  const now = shown(queue, held, register, line);
  for (const input of row.querySelectorAll(".codes input")) input.checked = input.value === now.symbol;
  const isQuick = quick.some(([symbol]) => symbol === now.symbol);
  const select = row.querySelector("select");
  if (document.activeElement !== select) select.value = isQuick ? "" : now.symbol;
  const minutes = row.querySelector("input.minutes");
  if (document.activeElement !== minutes) minutes.value = now.minutes ?? "";
  const badges = [];
  if (now.symbol && !isQuick) badges.push(badge("info", labelOf(held, register, now.symbol)));
  if (now.minutes) badges.push(badge("", words("minutes", { count: now.minutes })));
  if (now.isWaiting) badges.push(badge("warn", words("waits")));
  row.querySelector("[data-badges]").replaceChildren(...badges);
  const planned = row.querySelector("[data-planned]");
  planned.hidden = !line.planned || Boolean(now.symbol);
  if (line.planned) {
    const label = line.planned.symbol ? (held.codes[line.planned.symbol]?.label ?? "") : "";
    planned.querySelector("span").textContent = label ? words("planned", { label }) : words("planned-open");
    const button = planned.querySelector("button");
    button.hidden = !label;
    button.value = line.planned.symbol;
  }
  const dispute = row.querySelector("[data-dispute]");
  dispute.hidden = !line.dispute;
  if (line.dispute) dispute.textContent = words("disputed", { who: line.dispute.who, label: line.dispute.label });
}

let drawn = "";

export function drawRegister(queue, held, register, at) {
  const choice = choices(queue, held, register, at);
  const lines = part("lines");
  const isOpen = !isClosed(queue, held, register, at);
  const key = JSON.stringify([register.group, register.number, choice.quick, register.lines.map(({ person }) => [person, register.names[person]])]);
  if (drawn !== key) {
    lines.replaceChildren(...register.lines.map((line) => makeLine(register, line, choice)));
    drawn = key;
  }
  register.lines.forEach((line, place) => drawLine(queue, held, register, line, lines.children[place], choice));
  const { here, away, blank } = count(queue, held, register);
  part("register-title").textContent = `${register.title}, ${register.name}`;
  part("register-times").textContent = words("from-to", { from: clockOf(register.opens), to: clockOf(register.closes) });
  part("counted").textContent = words("counted", { here, away, blank });
  part("not-begun").hidden = hasBegun(held, register, at);
  part("nobody").hidden = register.lines.length > 0;
  // Some codes ask for a reason at any time: who is writing one goes on.
  part("reason-field").hidden = isOpen && !part("reason").value && document.activeElement !== part("reason");
  part("closed-badge").hidden = isOpen;
  const everyone = part("everyone");
  const meant = unmarked(queue, held, register).length;
  everyone.hidden = !meant || !isOpen || !hasBegun(held, register, at);
  everyone.querySelector("span").textContent = words("everyone", { count: meant });
  const cards = queue.filter((item) => item.sealed && item.state === "waiting" && isSame(item, held, register)).length;
  part("cards").hidden = !cards;
  part("cards").textContent = words("cards", { count: cards });
}

// Takes off the page what names pupils; what is hidden is there still for who looks for it.
export function eraseDrawn() {
  for (const name of ["rows", "lines", "refused-rows"]) part(name).replaceChildren();
  part("undo-text").textContent = "";
  part("reason").value = "";
  drawn = "";
}

// Marks that the server did not record: each with its cause, and what can be done about it.
export function drawRefused(queue, held) {
  const refused = queue.filter((item) => item.state === "refused" && item.user === held?.user);
  part("refused").hidden = !refused.length;
  const rows = refused.map((item) => {
    const row = made("refused-row");
    row.dataset.seq = item.seq;
    const register = held.registers.find((one) => isSame(item, held, one));
    const label = item.symbol ? (register ? labelOf(held, register, item.symbol) : (held.codes[item.symbol]?.label ?? item.symbol)) : words("a-card");
    row.querySelector("strong").textContent = item.person ? nameOf(register, item.person) : words("a-card");
    row.querySelector(".muted").textContent = `${item.title}, ${dayOf(item.day)}: ${label}`;
    row.querySelector("[data-message]").textContent = item.message || words("not-valid");
    const reason = row.querySelector("[data-why]");
    reason.hidden = item.code !== "mark_reason_missing";
    const field = reason.querySelector("input");
    field.id = `why-${item.seq}`;
    reason.querySelector("label").htmlFor = field.id;
    row.querySelector("[data-again]").hidden = item.code === "scan_unknown";
    return row;
  });
  const list = part("refused-rows");
  // Who is typing a reason goes on typing.
  const kept = new Map([...list.children].map((row) => [row.dataset.seq, row]));
  list.replaceChildren(...rows.map((row) => kept.get(row.dataset.seq) ?? row));
}

export function show(name, isShown) {
  part(name).hidden = !isShown;
}
