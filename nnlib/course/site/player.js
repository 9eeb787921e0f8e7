// Widgets and questions without Python. The kit's own views run unchanged; behind them stands a table of
// states in a Worker, or the question itself. All comes by <script>, so that a page lives from disk too.
// record.js stands before this file.

const HERE = document.currentScript.src.replace(/player\.js.*$/, "");
const waiting = {};
globalThis.nnlibTable = (name, text) => waiting[name](text);

const once = {};
const script = (file) =>
  (once[file] ??= new Promise((onload, onerror) =>
    document.head.append(Object.assign(document.createElement("script"), { src: HERE + file, onload, onerror })),
  ));

const tables = {};
function table(name) {
  return (tables[name] ??= new Promise((resolve, reject) => {
    waiting[name] = resolve;
    script(`tables/${name}.js`).catch(reject);
  }));
}

const address = (source) => URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
const modules = {};
async function view(kind) {
  await script("views.js");
  modules[kind] ??= import(address(nnlibViews[kind]));
  return (await modules[kind]).default;
}

// --- What anywidget gives a view, answered here ------------------------------------------------------

function modelOf(state, send) {
  const heard = {};
  const model = {
    state,
    get: (name) => model.state[name],
    on: (event, f) => (heard[event] ??= new Set()).add(f),
    off: (event, f) => heard[event]?.delete(f),
    tell: (event, ...told) => heard[event]?.forEach((f) => f(...told)),
    send,
  };
  return model;
}

async function widget(place, note) {
  const [text] = await Promise.all([table(place.dataset.name), script("views.js")]);
  const worker = new Worker(address(nnlibViews.table));
  const next = () => new Promise((resolve) => (worker.onmessage = ({ data }) => resolve(data)));
  const ask = (message) => {
    worker.postMessage(message);
    return next();
  };
  const first = await ask({ text });
  if (first.failed) throw new Error(first.failed);
  const limits = limitsOf(first);
  note(limits);
  const model = modelOf({ state: first.state, colors: first.colors }, async (message) => {
    const { state, note: said, reached, failed } = await ask(message);
    if (failed) throw new Error(failed);
    model.state.state = state;
    note(said || limits);
    if (reached) rememberAnswer("goal", reached.name, { result: "reached", goal: reached.words });
    model.tell("change:state");
    model.tell("msg:custom", "answered");
  });
  return model;
}

// What a table cannot do, in words beside it.
function limitsOf({ state: { controls, scene }, whole }) {
  if (controls.some(({ kind }) => kind === "Text")) return "Here only some texts are known.";
  if (!whole && scene.panels.some(({ drag }) => drag)) return "Here a drag goes to the nearest position that is known.";
  return "";
}

async function asked(place) {
  const stream = new Blob([Uint8Array.from(atob(await table(`${place.dataset.page}.questions`)), (c) => c.charCodeAt(0))])
    .stream().pipeThrough(new DecompressionStream("gzip"));
  const { asked, name } = (await new Response(stream).json())[place.dataset.name];
  return modelOf({ asked }, ({ answered: { kind, ...told } }) => name && rememberAnswer(kind, name, told));
}

async function revive(place) {
  const { kind } = place.dataset;
  const el = document.createElement("div");
  const note = Object.assign(document.createElement("p"), { className: "nnlib-note" });
  const say = (words) => note.replaceChildren(...(words ? [words, " ", ...elsewhere()] : []));
  note.setAttribute("role", "status");
  const [{ render }, model] = await Promise.all([view(kind), kind === "widget" ? widget(place, say) : asked(place)]);
  place.replaceChildren(el, ...(kind === "widget" ? [note] : []));
  place.classList.add("nnlib-alive");
  render({ model, el });
}

// Where the notebook itself can be had, or opened.
function elsewhere() {
  const link = document.querySelector(".nnlib-open a");
  return link ? ["The notebook knows them all: ", link.cloneNode(true), "."] : [];
}

// A table comes when its widget is near; until then, and if anything fails, the stored picture stays.
const near = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    near.unobserve(target);
    revive(target).catch((error) => console.error(target.dataset.name, error));
  }
}, { rootMargin: "600px" });

// The theme's switch sets an attribute of <html>; a view listens to those of <body>.
const themed = () => (document.body.dataset.theme = document.documentElement.dataset.theme);
new MutationObserver(themed).observe(document.documentElement, { attributeFilter: ["data-theme"] });

// What the theme leaves out for screen readers: a landmark around its name, and names for its arrows.
document.querySelectorAll(".sidebar-primary-item:has(.logo)").forEach((node) => {
  node.setAttribute("role", "navigation");
  node.ariaLabel = "This site";
});
document.querySelectorAll(".bd-sidebar summary").forEach((arrow) => {
  arrow.ariaLabel = `What stands beneath ${arrow.closest("li").querySelector("a").textContent.trim()}`;
});

// JupyterLite needs a service worker: no browser gives one to a file, nor Firefox to a private window.
const lite = document.querySelector(".nnlib-lite");
if (lite && !("serviceWorker" in navigator && location.protocol !== "file:")) {
  const why = location.protocol === "file:" ? "these pages come from a web server" : "the window is not private";
  lite.after(` (only where ${why})`);
}

document.querySelectorAll(".nnlib-live").forEach((place) => near.observe(place));
document.querySelectorAll(".nnlib-record").forEach((place) => showRecord(place));
