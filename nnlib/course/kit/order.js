// Lines to be brought into order; what stands beneath the divider is put aside. A line that moves stays
// in its place on the page's tree, and its neighbors change sides: so it keeps focus and pointer.

const HINT = "Drag a line; or press Space on it and then ↑ or ↓; or use the buttons at its end.";

function render({ model, el }) {
  const asked = model.get("asked");
  const list = element("ol", { className: "nnlib-lines" });
  const heard = element("p", { className: "nnlib-hidden", ariaLive: "polite" });
  const check = button("Check");
  const show = button("Show me", null, { type: "button", className: "nnlib-quiet" });
  const row = element("div", { className: "nnlib-buttons" }, check, show);
  const hint = element("p", { className: "nnlib-hint", textContent: HINT });
  const { form, say } = question(asked.text, hint, list, row, heard);

  const moved = (line) => {
    unmark(lines);
    heard.textContent = `${line.firstChild.textContent}: ${place(line)}.`;
  };
  const aside = asked.lines.length > asked.order.length;
  const lines = asked.lines.map(({ text }) => movable(text, aside, moved));
  const divider = element("li", { className: "nnlib-divider", textContent: "Not part of it:" });
  list.append(...lines, ...(aside ? [divider] : []));

  form.onsubmit = (event) => {
    event.preventDefault();
    const places = [...list.children].filter((each) => each !== divider && inOrder(each));
    const { right, words, faults } = judge(asked, places.map((line) => lines.indexOf(line)));
    lines.forEach((line, k) => mark(line, !faults.some((fault) => fault.k === k)));
    say(right, words, "", right ? why(asked) : reasons(faults));
    remember(model, { kind: "order", result: right ? "right" : "wrong", question: asked.text, words });
  };
  show.onclick = () => {
    const steps = asked.order.map((k) => lines[k]);
    const rest = lines.filter((line) => !steps.includes(line));
    list.replaceChildren(...steps, ...(aside ? [divider, ...rest] : []));
    unmark(lines);
    say(null, "This is the order.", "", why(asked));
  };
  el.classList.add("nnlib");
  el.replaceChildren(form);
}

// --- A line, and its moves ------------------------------------------------------------------------

function movable(text, aside, moved) {
  const grip = element("button", { type: "button", className: "nnlib-line", ariaPressed: "false" });
  grip.append(...rich(text));
  const line = element("li", {}, grip, element("span", { className: "nnlib-mark" }));
  const go = (by) => {
    if (step(line, by)) moved(line);
  };
  const across = () => {
    const from = inOrder(line);
    while (inOrder(line) === from) step(line, from ? 1 : -1);
    moved(line);
  };
  const plain = text.replaceAll("`", "");
  const tool = (sign, does, onclick) => button(sign, onclick, { ariaLabel: `${does}: ${plain}`, title: does });
  line.append(tool("↑", "Move up", () => go(-1)), tool("↓", "Move down", () => go(1)));
  if (aside) line.append(tool("⇅", "Put aside or take back", across));
  byKeys(line, grip, go);
  byPointer(line, grip, go);
  return line;
}

function step(line, by) {
  const neighbor = by < 0 ? line.previousElementSibling : line.nextElementSibling;
  if (!neighbor) return false;
  if (by < 0) line.after(neighbor);
  else line.before(neighbor);
  return true;
}

function byKeys(line, grip, go) {
  const hold = (held) => (grip.ariaPressed = String(held));
  grip.onclick = () => hold(grip.ariaPressed !== "true");
  grip.onblur = () => hold(false);
  grip.onkeydown = (event) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (event.key === "Escape") hold(false);
    if (!by) return;
    event.preventDefault();
    if (grip.ariaPressed === "true") return go(by);
    let next = line;
    do next = by < 0 ? next.previousElementSibling : next.nextElementSibling;
    while (next && !next.querySelector("button"));
    next?.firstChild.focus();
  };
}

function byPointer(line, grip, go) {
  let dragged = false;
  const middle = (node) => {
    const { top, height } = node.getBoundingClientRect();
    return top + height / 2;
  };
  grip.onpointerdown = ({ pointerId }) => {
    dragged = false;
    grip.setPointerCapture(pointerId);
  };
  grip.onpointermove = ({ pointerId, clientY }) => {
    if (!grip.hasPointerCapture(pointerId)) return;
    const { previousElementSibling: above, nextElementSibling: below } = line;
    const by = above && clientY < middle(above) ? -1 : below && clientY > middle(below) ? 1 : 0;
    if (!by) return;
    dragged = true;
    line.classList.add("nnlib-held");
    go(by);
  };
  grip.onlostpointercapture = () => line.classList.remove("nnlib-held");
  grip.addEventListener("click", (event) => dragged && event.stopImmediatePropagation(), true);
}

// --- What is right --------------------------------------------------------------------------------

function inOrder(line) {
  const all = [...line.parentElement.children];
  const divider = all.findIndex((each) => each.className === "nnlib-divider");
  return divider < 0 || all.indexOf(line) < divider;
}

function place(line) {
  if (!inOrder(line)) return "put aside";
  const all = [...line.parentElement.children].filter((each) => each.querySelector("button"));
  const ordered = all.filter(inOrder);
  return `place ${ordered.indexOf(line) + 1} of ${ordered.length}`;
}

// `places` are the lines that are not put aside, by their indices; so is `order`, what is right.
function judge({ lines, order }, places) {
  const ranks = places.map((k) => order.indexOf(k)).filter((rank) => rank >= 0);
  const kept = longestInOrder(ranks).map((rank) => order[rank]);
  const fault = (k) => {
    if (kept.includes(k)) return null;
    if (!order.includes(k)) return places.includes(k) ? "does not belong here" : null;
    return places.includes(k) ? "stands in a wrong place" : "belongs to it";
  };
  const faults = lines.map(({ text, reason }, k) => ({ k, text: within(text), reason, words: fault(k) }));
  const wrong = faults.filter(({ words }) => words);
  const words = wrong.length
    ? `${kept.length} of ${order.length} stand right.`
    : `All ${order.length} stand right.`;
  return { right: !wrong.length, words, faults: wrong };
}

// The steps that stand right are the most that are in order among themselves; of two such choices, the
// one that counts more of those at their very place.
function longestInOrder(ranks) {
  const worth = (run) => run.length + run.filter((rank) => ranks[rank] === rank).length / 1000;
  const better = (a, b) => (worth(b) > worth(a) ? b : a);
  const ending = []; // the best run that ends at each rank
  ranks.forEach((rank, k) => {
    const before = ending.slice(0, k).filter((run) => run.at(-1) < rank);
    ending.push([...before.reduce(better, []), rank]);
  });
  return ending.reduce(better, []);
}

const unmark = (lines) => lines.forEach((line) => mark(line, null));

function mark(line, good) {
  line.dataset.good = String(good ?? "");
  line.children[1].textContent = { true: "✓", false: "✗" }[good] ?? "";
}

function reasons(faults) {
  const told = ({ text, words, reason }) =>
    element("li", {}, ...rich(text), element("span", { textContent: ` ${words}. ` }), ...rich(reason));
  return element("ul", {}, ...faults.map(told));
}

function why({ lines, order }) {
  const told = order.map((k) => element("li", {}, ...rich(lines[k].text), ": ", ...rich(lines[k].reason)));
  return element("ol", {}, ...told);
}

export default { render };
