// A desk with a script: clocks that tick, keys, drafts, and pages that change by themselves. Nothing needs it.
"use strict";
{
const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];
const units = JSON.parse(one("[data-units]").dataset.units);

// As pages/dates.py says spans: the two largest units.
function lasting(seconds) {
  const minutes = Math.max(0, Math.floor(seconds / 60));
  if (!minutes) return units.none;
  const days = Math.floor(minutes / 1440), hours = Math.floor((minutes % 1440) / 60);
  const parts = days ? [["days", days], ["hours", hours]] : [["hours", hours], ["minutes", minutes % 60]];
  const said = ([unit, count]) => units[unit][count === 1 ? 0 : 1].replace("{count}", count);
  return parts.filter(([, count]) => count).map(said).join(" ");
}

function tick() {
  for (const each of all("[data-until]")) {
    const left = (new Date(each.dataset.until) - Date.now()) / 1000;
    const said = (left < 0 ? units.passed : units.left).replace("{span}", lasting(Math.abs(left)));
    if (each.textContent !== said) each.textContent = said;
  }
}

// What would come of a choice, told as it is made; then there is no need to look before sending.
function foretell(select) {
  const form = select.form, shown = form.querySelector("[data-fate].fate"), option = select.selectedOptions[0];
  const fate = option?.dataset.fate;
  shown.hidden = !fate;
  shown.textContent = option?.dataset.says || "";
  shown.className = `fate ${fate || ""}`;
  if (!form.dataset.check) form.dataset.check = form.getAttribute("action");
  form.setAttribute("action", fate ? form.dataset.final : form.dataset.check);
  const button = form.querySelector("button[data-send]");
  button.dataset.look ||= button.textContent;
  button.textContent = fate ? button.dataset.send : button.dataset.look;
}

// Drafts: what is written in an act's form is kept on this device until it is sent, its writer signs out, or somebody
// else signs in: people share a desk, and not every session is ended by whoever began it.
const DRAFTS = "estafet-desk:", DRAFT = `${DRAFTS}${one("[data-who]").dataset.who}:`;
const kept = (form) => all("textarea, select, input", form).filter((each) => each.name && each.type !== "hidden" && each.type !== "file");
function store(action) {
  try {
    action();
  } catch {
    // this browser keeps nothing
  }
}
function restore(form) {
  store(() => {
    const written = JSON.parse(localStorage.getItem(DRAFT + form.dataset.draft) || "null");
    const area = form.querySelector("textarea");
    if (!written || !area || area.value) return;
    for (const each of kept(form)) if (written[each.name] && each.type !== "radio") each.value = written[each.name];
    if (area.value) form.closest("details").open = true;
  });
}
function draft(form) {
  const now = {};
  for (const each of kept(form)) if (each.value && each.type !== "radio") now[each.name] = each.value;
  store(() => localStorage.setItem(DRAFT + form.dataset.draft, JSON.stringify(now)));
}
function forget(some) {
  store(() => {
    for (const name of Object.keys(localStorage)) if (name.startsWith(DRAFTS) && some(name)) localStorage.removeItem(name);
  });
}

// Parts are replaced where they changed, and never under somebody's hands. The focus stays where it was.
const bare = (node) => node.innerHTML.replace(/name="proof" value="[^"]*"|data-until="[^"]*">[^<]*/g, "");
const busy = (part) =>
  part.contains(document.activeElement) && document.activeElement.matches("input, select, textarea") ||
  all("textarea", part).some((each) => each.value && !each.readOnly) ||
  all("input[type=checkbox]", part).some((each) => each.checked) ||
  all("input[type=file]", part).some((each) => each.files.length);
async function look() {
  const answer = await fetch(location.href, { cache: "no-store" });
  if (!answer.ok || answer.redirected) return;
  const next = new DOMParser().parseFromString(await answer.text(), "text/html");
  let changed = false, held = false;
  for (const part of all("[data-part]")) {
    const fresh = next.querySelector(`[data-part="${part.dataset.part}"]`);
    if (!fresh || bare(part) === bare(fresh)) continue;
    if (busy(part)) {
      held = true;
      continue;
    }
    const focused = part.contains(document.activeElement) ? document.activeElement : null;
    const open = all("details[open]", part).map((each) => each.id);
    part.className = fresh.className;
    part.replaceChildren(...fresh.childNodes);
    for (const id of open) if (document.getElementById(id)) document.getElementById(id).open = true;
    if (focused) (all("a", part).find((each) => each.href === focused.href) || part.querySelector("a, summary, button"))?.focus();
    changed = true;
  }
  if (changed) begin();
  const said = one("[data-changed]");
  if (held) said.textContent = said.dataset.held;
  else if (changed) said.textContent = said.dataset.changed;
}

// Keys. They can be switched off, and do nothing while somebody writes.
const ON = "estafet-desk-keys";
const dialog = one("#keys"), switched = one("[data-keys-on]");
let keysOn = true;
try {
  keysOn = localStorage.getItem(ON) !== "off";
} catch {
  // they are on
}
function move(step) {
  const links = all(".item .go");
  const item = document.activeElement?.closest?.(".item");
  const at = links.findIndex((each) => item?.contains(each));
  links[Math.min(links.length - 1, Math.max(0, at + step))]?.focus();
}
function press(key) {
  if (key === "j") return move(1);
  if (key === "k") return move(-1);
  if (key === "?") return dialog.showModal();
  if (key === "x") return document.activeElement?.closest?.(".item")?.querySelector("input[type=checkbox]")?.click();
  const target = one(`[data-key="${CSS.escape(key)}"]`);
  if (!target) return undefined;
  const actForm = target.closest("details");
  if (actForm) {
    actForm.open = true;
    actForm.querySelector("select, textarea, input:not([type=hidden]), button")?.focus();
    actForm.scrollIntoView({ block: "nearest" });
  } else target.focus();
  return true;
}
document.addEventListener("keydown", (event) => {
  if (!keysOn || event.ctrlKey || event.altKey || event.metaKey || event.target.matches("textarea, select, input:not([type=checkbox])")) return;
  if (dialog.open || !/^[a-z?/]$/.test(event.key)) return;
  if (press(event.key) !== undefined || "jkx?".includes(event.key)) event.preventDefault();
});

function begin() {
  for (const each of all("form[data-draft]")) if (!each.dataset.begun) restore(each);
  for (const each of all("form[data-draft]")) each.dataset.begun = "1";
  for (const each of all("[data-photos]")) shrink(each);
  for (const each of all("[data-fates]")) foretell(each);
  for (const each of all(".all")) each.hidden = false;
  for (const each of all("[data-sends]")) each.form.querySelector("button").hidden = true;
  tick();
}

document.addEventListener("change", (event) => {
  const field = event.target;
  if (field.matches("[data-fates]")) foretell(field);
  if (field.matches("[data-sends]")) field.form.requestSubmit();
  if (field.matches("[data-all]")) for (const each of all(".item input[type=checkbox]")) each.checked = field.checked;
});
document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-draft]");
  if (form) draft(form);
});
document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-leave]")) forget(() => true);
});

const sentForm = one("[data-sent]");
if (sentForm) forget((name) => name.startsWith(DRAFT + sentForm.dataset.sent.replace("hidden-note", "note")));
forget((name) => !name.startsWith(DRAFT));
begin();
setInterval(tick, 10000);
one("[data-focus]")?.focus();
const keysButton = one("[data-keys]");
keysButton.hidden = false;
keysButton.addEventListener("click", () => dialog.showModal());
switched.checked = keysOn;
switched.addEventListener("change", () => {
  keysOn = switched.checked;
  store(() => localStorage.setItem(ON, keysOn ? "on" : "off"));
});
const desk = one("[data-desk]"), report = one("[data-report]");
if (desk) watch(`${desk.dataset.desk}?since`, desk.dataset.since, look, look);
if (report) watch(`${report.dataset.report}/events?length`, report.dataset.length, look, look);
}
