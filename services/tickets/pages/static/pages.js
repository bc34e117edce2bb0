// What is nicer with a script. Nothing that a citizen must do needs it.
"use strict";

const one = (selector) => document.querySelector(selector);

// The key in a link's fragment, which no browser sends: into the form, out of the address.
function bring() {
  const key = decodeURIComponent(location.hash.slice(1));
  if (!/^[A-Z2-7]{4}(-[A-Z2-7]{4}){5}$/i.test(key)) return;
  history.replaceState(null, "", location.pathname + location.search);
  const form = one("[data-key-form]");
  if (!form) return;
  form.elements.secret.value = key;
  form.requestSubmit();
}

// The report being written is kept on this device.
function keep(form) {
  const name = form.dataset.keep;
  const kept = one(".kept");
  const fields = [...form.elements].filter((each) => each.name && each.type !== "hidden" && each.type !== "file");
  const ticked = (each) => each.type === "radio" || each.type === "checkbox";
  let written;
  try {
    written = JSON.parse(localStorage.getItem(name) || "null");
  } catch {
    return; // this browser keeps nothing
  }
  const fresh = !fields.some((each) => (ticked(each) ? each.checked : each.tagName !== "SELECT" && each.value));
  if (written && fresh) {
    for (const each of fields) {
      if (ticked(each)) each.checked = (written[each.name] || []).includes(each.value);
      else if (written[each.name]) each.value = written[each.name][0];
    }
    kept.hidden = false;
  }
  form.addEventListener("input", () => {
    const now = {};
    for (const each of fields) {
      if (each.value && (!ticked(each) || each.checked)) (now[each.name] ||= []).push(each.value);
    }
    localStorage.setItem(name, JSON.stringify(now));
    kept.hidden = false;
  });
  one("[data-forget]").addEventListener("click", () => {
    localStorage.removeItem(name);
    for (const each of fields) {
      if (ticked(each)) each.checked = false;
      else each.value = "";
    }
    kept.hidden = true;
    form.scrollIntoView();
  });
}

function find(field) {
  const none = one("[data-none]");
  field.closest("label").hidden = false;
  field.addEventListener("input", () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const group of document.querySelectorAll("[data-group]")) {
      let here = 0;
      for (const choice of group.querySelectorAll("[data-words]")) {
        const fits = words.every((word) => choice.dataset.words.toLowerCase().includes(word));
        choice.hidden = !fits;
        here += fits;
      }
      group.hidden = !here;
      found += here;
    }
    none.hidden = found > 0;
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault(); // the report is not sent by searching
  });
}

function count(field) {
  const shown = one(".count");
  const say = () => (shown.textContent = field.dataset.count.replace("{used}", field.value.length));
  field.addEventListener("input", say);
  say();
}

// A photo is made smaller before it is sent: on a slow line that is seconds instead of minutes.
const LONGEST = 1600;
const LIGHT = 400000;

async function smaller(file) {
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
    if (scale === 1 && file.size < LIGHT) return file;
    const sheet = document.createElement("canvas");
    sheet.width = Math.max(1, Math.round(picture.width * scale));
    sheet.height = Math.max(1, Math.round(picture.height * scale));
    const draw = sheet.getContext("2d");
    draw.fillStyle = "#fff";
    draw.fillRect(0, 0, sheet.width, sheet.height);
    draw.drawImage(picture, 0, 0, sheet.width, sheet.height);
    picture.close();
    const made = await new Promise((done) => sheet.toBlob(done, "image/jpeg", 0.8));
    return made && made.size < file.size ? new File([made], "photo.jpg", { type: "image/jpeg" }) : file;
  } catch {
    return file; // what this browser cannot read is for the server to judge
  }
}

const shrunk = new WeakSet();
function shrink(field) {
  if (shrunk.has(field)) return;
  shrunk.add(field);
  const shown = field.parentElement.querySelector("[data-chosen]");
  let work = null;
  field.addEventListener("change", () => {
    const chosen = [...field.files];
    const many = chosen.length > Number(field.dataset.photos);
    field.setCustomValidity(many ? field.dataset.many : "");
    shown.textContent = "";
    if (many) return field.reportValidity();
    if (!chosen.length) return;
    shown.textContent = field.dataset.busy;
    const mine = (work = Promise.all(chosen.map(smaller)).then((made) => {
      if (mine !== work) return; // others were chosen meanwhile
      const list = new DataTransfer();
      for (const each of made) list.items.add(each);
      field.files = list.files;
      const size = Math.max(0.1, made.reduce((sum, each) => sum + each.size, 0) / 1e6);
      const said = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 }).format(size);
      shown.textContent = field.dataset.ready.replace("{count}", made.length).replace("{size}", said);
      work = null;
    }));
  });
  field.form.addEventListener("submit", (event) => {
    if (!work) return;
    event.preventDefault();
    const { submitter } = event;
    work.then(() => field.form.requestSubmit(submitter));
  });
}

// Parts are replaced only where they changed, and never under somebody's hands.
function put(part, next) {
  const bare = (node) => node.innerHTML.replace(/name="proof" value="[^"]*"/g, "");
  if (bare(part) === bare(next)) return false;
  if ([...part.querySelectorAll("textarea")].some((each) => each.value)) return false;
  if (part.contains(document.activeElement)) return false;
  part.className = next.className;
  part.replaceChildren(...next.childNodes);
  return true;
}

async function look(live) {
  const answer = await fetch(live.dataset.live + "/now", { cache: "no-store" });
  if (!answer.ok) return;
  const next = new DOMParser().parseFromString(await answer.text(), "text/html");
  let changed = false;
  for (const each of next.querySelectorAll("[data-part]")) {
    const part = live.querySelector(`[data-part="${each.dataset.part}"]`);
    if (part && put(part, each)) changed = true;
  }
  const said = one("[data-changed]");
  if (changed) said.textContent = said.dataset.changed;
}

// A stream says when there is something new since what was `seen`. A page that nobody looks at holds no line; `back` is
// what is done when somebody looks at it again.
function watch(address, seen, look, back = () => {}) {
  let stream, at = seen;
  const open = () => {
    stream = new EventSource(`${address}=${at}`);
    stream.addEventListener("changed", (event) => {
      at = event.data;
      look();
    });
    stream.addEventListener("error", () => {
      if (stream.readyState === EventSource.CLOSED) setTimeout(open, 30000);
    });
  };
  document.addEventListener("visibilitychange", () => {
    stream?.close();
    if (document.hidden) return;
    back();
    open();
  });
  if (!document.hidden) open();
}

const written = one("[data-keep]");
const sent = one("[data-sent]");
const finder = one("[data-find]");
const counted = one("[data-count]");
const printing = one("[data-print]");
const live = one("[data-live]");
const photographed = document.querySelectorAll("[data-photos]");
if (written) keep(written);
if (sent) localStorage.removeItem(sent.dataset.sent);
if (finder) find(finder);
if (counted) count(counted);
photographed.forEach(shrink);
if (printing) {
  printing.hidden = false;
  printing.addEventListener("click", () => print());
}
bring();
if (live) watch(`${live.dataset.live}/events?length`, live.dataset.length, () => look(live));
