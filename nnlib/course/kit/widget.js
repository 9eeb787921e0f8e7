// The view of every widget: controls in, scenes out. What a scene is, scene.py says; draw.js draws it.
// That file and element.js are appended to this one.

function render({ model, el }) {
  const view = {
    title: element("p", { className: "nnlib-title" }),
    goal: element("p", { className: "nnlib-goal" }),
    figures: element("div", { className: "nnlib-figures" }),
    controls: element("div", { className: "nnlib-controls" }),
    words: element("p", { className: "nnlib-words", ariaHidden: "true" }),
    status: element("p", { className: "nnlib-hidden", role: "status" }),
  };
  el.classList.add("nnlib");
  const top = element("div", { className: "nnlib-top" }, view.figures, view.controls);
  const ask = conversation(model, el);
  const tour = touring(top, ask, () => stop());
  const head = element("div", { className: "nnlib-head" }, view.title, tour.button);
  el.replaceChildren(head, view.goal, tour.bar, top, view.words, view.status);

  const controls = model.get("state").controls.map((control) => make[control.kind](control, ask));
  const reset = element("button", { type: "button", textContent: "Reset" });
  const stop = () => controls.forEach((control) => control.stop?.());
  reset.onclick = () => {
    stop();
    ask({ reset: true });
  };
  view.controls.append(...controls.map((control) => control.element), reset);
  view.controls.addEventListener("input", stop);
  const labels = [...view.controls.querySelectorAll(".nnlib-row")].map((row) => row.firstChild.length);
  view.controls.style.setProperty("--label", `${Math.min(Math.max(4, ...labels) + 1, 18)}ch`);
  dragging(view.figures, model, controls);

  let frame, settled;
  const paint = () => paintPanels(view.figures, model.get("state"), model.get("colors"));
  const repaint = () => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => {
      paint();
      tour.light(controls);
    });
  };
  const update = () => {
    const state = model.get("state");
    const { title, goal, scene, error } = state;
    const words = error?.words ?? scene.words + (goal.here ? ` Goal: ${goal.words}. Reached.` : "");
    view.title.textContent = title;
    view.goal.textContent = goal.words && `Goal: ${goal.words}.${goal.ever ? " ✓ Reached." : ""}`;
    view.words.textContent = words;
    view.words.classList.toggle("nnlib-error", error !== null);
    controls.forEach((control, k) => control.update(state.controls[k], state));
    const said = error?.words ?? tour.update(state) ?? words;
    clearTimeout(settled); // a screen reader hears where a slider came to rest, not its way
    settled = setTimeout(() => (view.status.textContent = said), 500);
    repaint();
  };
  update();

  model.on("change:state", update);
  const resized = new ResizeObserver(repaint);
  resized.observe(view.figures);
  const themed = new MutationObserver(() => setTimeout(repaint, 50));
  themed.observe(document.body, { attributes: true });
  return () => {
    model.off("change:state", update);
    ask.end();
    resized.disconnect();
    themed.disconnect();
    clearTimeout(settled);
    stop();
  };
}

// --- Talking to Python: one message at a time; until its answer is painted, newer ones wait. -----
// Where that takes more than a moment, the page says that it is being computed.

function conversation(model, el) {
  const queue = [];
  let busy = false;
  let waiting;
  const next = () => {
    if (busy || !queue.length) return;
    busy = true;
    model.send(queue.shift());
    waiting = setTimeout(() => (el.ariaBusy = "true"), 150);
  };
  const painted = () => {
    busy = false;
    clearTimeout(waiting);
    el.ariaBusy = null;
    next();
  };
  const answered = () => requestAnimationFrame(() => setTimeout(painted));
  model.on("msg:custom", answered);
  const ask = (message) => {
    const last = queue.at(-1);
    if (last?.change && message.change) Object.assign(last.change, message.change);
    else queue.push(message);
    queueMicrotask(next); // so changes of one moment go together
  };
  return Object.assign(ask, {
    busy: () => busy || queue.length > 0,
    behind: () => queue.length > 0,
    end: () => {
      model.off("msg:custom", answered);
      clearTimeout(waiting);
    },
  });
}

// --- Controls: `update` shows what Python says; `move` sets a slider as the student would. --------

const make = {
  Slider({ name, label }, ask) {
    const same = (v) => v;
    return slider(name, label, ask, ({ low, high, step }) => {
      return { range: { min: low, max: high, step }, value: same, place: same, text: number };
    });
  },

  LogSlider({ name, label }, ask) {
    return slider(name, label, ask, ({ low, high, per_decade }) => {
      const max = Math.ceil(per_decade * Math.log10(high / low) - 1e-9);
      const two = (v) => +v.toPrecision(2);
      return {
        range: { min: 0, max, step: 1 },
        value: (k) => Math.min(high, Math.max(low, two(low * 10 ** (k / per_decade)))),
        place: (v) => Math.round(per_decade * Math.log10(v / low)),
        text: (v) => number(two(v)),
      };
    });
  },

  Text({ name, label, width }, ask) {
    const input = element("input", { type: "text", size: width, spellcheck: false });
    input.autocomplete = "off";
    let known;
    const send = () => {
      if (input.value === known) return;
      known = input.value;
      ask({ change: { [name]: known } });
    };
    input.onchange = send;
    input.onkeydown = ({ key }) => {
      if (key === "Enter") send(); // not every page lets Enter change a field
    };
    const row = element("label", { className: "nnlib-row nnlib-text" }, label, input);
    const update = (_, { settings, error }) => {
      const wrong = error?.settings.includes(name) ?? false;
      input.ariaInvalid = String(wrong);
      if (wrong || input.matches(":focus")) return; // while one types
      input.value = known = settings[name];
    };
    return { element: row, update };
  },

  Choice({ name, label, options }, ask) {
    const choices = options.map(([value, text]) => new Option(text, value));
    const select = element("select", {}, ...choices);
    select.onchange = () => ask({ change: { [name]: select.value } });
    const row = element("label", { className: "nnlib-row" }, label, select);
    return { element: row, update: (_, { settings }) => (select.value = settings[name]) };
  },

  Button({ action, label, plays, interval }, ask) {
    const button = element("button", { type: "button", textContent: label });
    let playing = null;
    const stop = () => {
      clearInterval(playing);
      playing = null;
      button.textContent = label;
    };
    const press = () => ask({ press: action });
    button.onclick = () => {
      if (button.ariaDisabled === "true") return;
      if (!plays) return press();
      if (playing) return stop();
      press();
      playing = setInterval(() => ask.busy() || press(), interval); // a slow Python is waited for
      button.textContent = "Pause";
    };
    button.hidden = plays && matchMedia("(prefers-reduced-motion: reduce)").matches;
    const update = (_, { idle }) => {
      button.ariaDisabled = String(idle.includes(action)); // "disabled" would drop the focus
      if (idle.includes(action)) stop();
    };
    return { element: button, update, stop };
  },
};

// `scaleOf` a slider's specification: its range on the page, and the way from there and back.
function slider(name, label, ask, scaleOf) {
  const input = element("input", { type: "range" });
  const shown = element("span", { className: "nnlib-value", ariaHidden: "true" });
  let scale;
  const show = (value) => {
    shown.textContent = scale.text(value);
    input.setAttribute("aria-valuetext", shown.textContent);
  };
  input.oninput = () => {
    const value = scale.value(+input.value);
    show(value);
    ask({ change: { [name]: value } });
  };
  const update = (specification, { settings }) => {
    if (ask.behind()) return; // an older answer: the slider has moved on
    scale = scaleOf(specification);
    Object.assign(input, scale.range);
    input.value = scale.place(settings[name]);
    show(settings[name]);
  };
  const move = (value) => {
    const before = input.value;
    input.value = scale.place(value); // the browser keeps it to the range and its steps
    if (input.value !== before) input.dispatchEvent(new Event("input", { bubbles: true }));
  };
  return { element: element("label", { className: "nnlib-row" }, label, input, shown), name, update, move };
}

// A tour: at each stop Python sets the state; here a panel or a control gets a ring and a tag, and a
// sentence says what it is. It ends where it began.
function touring(top, ask, stop) {
  let state, lit;
  const go = (at) => {
    stop();
    ask({ tour: at });
  };
  const on = () => state.tour.at !== null;
  const last = () => state.tour.at === state.tour.stops - 1;
  const press = (textContent, onclick) => element("button", { type: "button", textContent, onclick });
  const button = press("Tour", () => go(on() ? null : 0));
  const back = press("Back", () => go(Math.max(state.tour.at - 1, 0)));
  const next = press("Next", () => go(last() ? null : state.tour.at + 1));
  const end = press("End", () => go(null));
  const words = element("p");
  const buttons = element("div", { className: "nnlib-buttons" }, back, next, end);
  const bar = element("div", { className: "nnlib-tour", role: "group", ariaLabel: "Tour" }, words, buttons);
  const tag = element("span", { className: "nnlib-tag", ariaHidden: "true" });
  bar.onkeydown = ({ key }) => {
    if (key === "Escape") go(null);
  };
  top.append(tag);

  const told = ({ tour }) => {
    const name = tour.light && `${tour.light}: `;
    return `${tour.at + 1} of ${tour.stops}. ${name}${tour.words}`;
  };
  const light = (controls) => {
    lit?.classList.remove("nnlib-lit");
    lit = on() ? spoken(top, state, controls) : undefined;
    tag.hidden = !lit;
    if (!lit) return;
    lit.classList.add("nnlib-lit");
    tag.textContent = `◀ ${state.tour.at + 1}`;
    tag.style.left = `${lit.offsetLeft + lit.offsetWidth - tag.offsetWidth - 6}px`;
    tag.style.top = `${lit.offsetTop - tag.offsetHeight / 2}px`;
  };
  // Where another stop is reached, it gives back what is to be said.
  const update = (now) => {
    const was = state?.tour.at ?? null;
    const inside = bar.contains(document.activeElement); // before it is hidden
    state = now;
    const { at, stops } = state.tour;
    button.hidden = stops === 0;
    button.ariaExpanded = String(on());
    bar.hidden = !on();
    if (on()) words.textContent = told(state);
    back.ariaDisabled = String(at === 0);
    next.textContent = on() && last() ? "Finish" : "Next";
    if (was === null && on()) next.focus();
    if (inside && !on()) button.focus();
    return on() && was !== at ? told(state) : undefined;
  };
  return { button, bar, update, light };
}

// The panel or the control that a stop of the tour speaks of.
function spoken(top, { tour, scene, controls }, views) {
  const panel = scene.panels.findIndex(({ title }) => title === tour.light);
  if (panel >= 0) return top.querySelectorAll("canvas")[panel];
  return views[controls.findIndex(({ label }) => label === tour.light)]?.element;
}

// A panel with `drag` moves its two sliders to where the mouse is pressed.
function dragging(figures, model, controls) {
  const move = ({ target, offsetX, offsetY }) => {
    const { drag } = model.get("state").scene.panels[[...figures.children].indexOf(target)];
    const there = target.at.data(offsetX, offsetY);
    drag.forEach((name, k) => controls.find((control) => control.name === name).move(there[k]));
  };
  figures.onpointerdown = (event) => {
    const { target, offsetX, offsetY, pointerId } = event;
    if (!target.at?.drags(offsetX, offsetY)) return;
    target.setPointerCapture(pointerId);
    move(event);
  };
  figures.onpointermove = (event) => {
    if (event.target.hasPointerCapture(event.pointerId)) move(event);
  };
}

// Free of the noise of binary fractions, and with a true minus sign.
const number = (v) => String(+v.toPrecision(6)).replace("-", "−");

export default { render };
