// The view of every widget: controls in, scenes out. What a scene is, scene.py says.

function render({ model, el }) {
  const view = {
    title: element("p", { className: "nnlib-title" }),
    figures: element("div", { className: "nnlib-figures" }),
    controls: element("div", { className: "nnlib-controls" }),
    words: element("p", { className: "nnlib-words", ariaHidden: "true" }),
    status: element("p", { className: "nnlib-hidden", role: "status" }),
  };
  el.classList.add("nnlib");
  const top = element("div", { className: "nnlib-top" }, view.figures, view.controls);
  el.replaceChildren(view.title, top, view.words, view.status);

  const ask = conversation(model);
  const controls = model.get("state").controls.map((control) => make[control.kind](control, ask));
  const reset = element("button", { type: "button", textContent: "Reset" });
  reset.onclick = () => ask({ reset: true });
  view.controls.append(...controls.map((control) => control.element), reset);
  view.controls.addEventListener("input", () => controls.forEach((control) => control.stop?.()));

  let frame, settled;
  const paint = () => paintPanels(view.figures, model.get("state"), model.get("colors"));
  const repaint = () => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(paint);
  };
  const update = () => {
    const { title, scene, controls: specifications, settings, idle } = model.get("state");
    view.title.textContent = title;
    view.words.textContent = scene.words;
    controls.forEach((control, k) => control.update(specifications[k], settings, idle));
    clearTimeout(settled); // a screen reader hears where a slider came to rest, not its way
    settled = setTimeout(() => (view.status.textContent = scene.words), 500);
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
    resized.disconnect();
    themed.disconnect();
    clearTimeout(settled);
    controls.forEach((control) => control.stop?.());
  };
}

// --- Talking to Python: one message at a time; while it is answered, newer ones wait. ------------

function conversation(model) {
  const queue = [];
  let timeout = null;
  const next = () => {
    clearTimeout(timeout);
    timeout = null;
    if (!queue.length) return;
    model.send(queue.shift());
    timeout = setTimeout(next, 1000); // no answer comes where nothing changed
  };
  model.on("change:state", next);
  const ask = (message) => {
    const last = queue.at(-1);
    if (last?.change && message.change) Object.assign(last.change, message.change);
    else queue.push(message);
    if (timeout === null) next();
  };
  return Object.assign(ask, { busy: () => timeout !== null });
}

// --- Controls --------------------------------------------------------------------------------

const make = {
  Slider({ name, label }, ask) {
    const input = element("input", { type: "range" });
    const value = element("span", { className: "nnlib-value", ariaHidden: "true" });
    input.oninput = () => {
      value.textContent = number(+input.value);
      ask({ change: { [name]: +input.value } });
    };
    const row = element("label", { className: "nnlib-row" }, label, input, value);
    const update = ({ low, high, step }, settings) => {
      if (ask.busy()) return; // an older answer: the slider has moved on
      Object.assign(input, { min: low, max: high, step });
      input.value = settings[name];
      value.textContent = number(settings[name]);
      input.setAttribute("aria-valuetext", value.textContent);
    };
    return { element: row, update };
  },

  Choice({ name, label, options }, ask) {
    const choices = options.map(([value, text]) => new Option(text, value));
    const select = element("select", {}, ...choices);
    select.onchange = () => ask({ change: { [name]: select.value } });
    const row = element("label", { className: "nnlib-row" }, label, select);
    return { element: row, update: (_, settings) => (select.value = settings[name]) };
  },

  Button({ action, label, plays }, ask) {
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
      playing = setInterval(press, 700);
      button.textContent = "Pause";
    };
    button.hidden = plays && matchMedia("(prefers-reduced-motion: reduce)").matches;
    const update = (_, settings, idle) => {
      button.ariaDisabled = String(idle.includes(action)); // "disabled" would drop the focus
      if (idle.includes(action)) stop();
    };
    return { element: button, update, stop };
  },
};

// --- Drawing ---------------------------------------------------------------------------------

const FONT = 13; // pixels of the page
const ROW = 20;

function paintPanels(figures, state, colors) {
  const { panels, words } = state.scene;
  while (figures.children.length < panels.length)
    figures.append(element("canvas", { role: "img" }));
  panels.forEach((panel, k) => {
    const canvas = figures.children[k];
    canvas.ariaLabel = k ? panel.ylabel : `${state.title}. ${words}`;
    paintPanel(canvas, panel, look(figures, colors));
  });
}

function look(node, colors) {
  const style = getComputedStyle(node.closest(".nnlib"));
  const own = { ink: style.color, paper: style.backgroundColor };
  own.gray = css(mix(rgb(own.ink), rgb(own.paper), 0.4));
  const color = (name) => own[name] ?? colors[name];
  const shades = [rgb(color("low")), rgb(own.paper), rgb(color("high"))];
  return { color, shades, font: `${FONT}px ${style.fontFamily}` };
}

function paintPanel(canvas, panel, look) {
  const width = canvas.clientWidth;
  if (!width) return; // scrolled out of a long notebook, the canvas is not on the page
  const ctx = canvas.getContext("2d");
  ctx.font = look.font;
  const legend = legendPlaces(ctx, panel.items, width);
  const heat = panel.items.find((item) => item.kind === "Heat");
  const box = { left: 48, top: 8 + ROW * legend.rows, width: width - 48 - (heat ? 78 : 12) };
  box.height = box.width * panel.height;
  const height = box.top + box.height + 42;

  canvas.style.height = `${height}px`;
  canvas.width = width * devicePixelRatio;
  canvas.height = height * devicePixelRatio;
  Object.assign(ctx, { font: look.font, lineJoin: "round" });
  ctx.scale(devicePixelRatio, devicePixelRatio);

  const at = scales(panel, box);
  ctx.save();
  ctx.rect(box.left, box.top, box.width, box.height);
  ctx.clip();
  for (const item of panel.items) draw[item.kind](ctx, item, at, look, box);
  ctx.restore();
  paintAxes(ctx, panel, box, at, look);
  if (heat) paintScale(ctx, heat, box, look);
  for (const { item, x, y } of legend.places) paintLegend(ctx, item, x, y, look);
}

function scales({ xlim, ylim }, box) {
  const x = (v) => box.left + ((v - xlim[0]) / (xlim[1] - xlim[0])) * box.width;
  const y = (v) => box.top + ((ylim[1] - v) / (ylim[1] - ylim[0])) * box.height;
  return { x, y, point: ([a, b]) => [x(a), y(b)] };
}

const draw = {
  Heat(ctx, { values, ticks, center }, at, look, box) {
    const [rows, columns] = values.shape;
    const image = new ImageData(columns, rows);
    const shade = shader(ticks, center, look);
    const v = floats(values);
    for (let k = 0; k < v.length; k++) {
      const row = rows - 1 - Math.floor(k / columns); // images begin at the top
      image.data.set(shade(v[k]), 4 * (row * columns + (k % columns)));
    }
    const small = new OffscreenCanvas(columns, rows);
    small.getContext("2d").putImageData(image, 0, 0);
    ctx.drawImage(small, box.left, box.top, box.width, box.height);
  },

  Points(ctx, { xy, marker, color }, at, look) {
    for (const point of pairs(xy)) mark(ctx, marker, ...at.point(point), look.color(color), look);
  },

  Line(ctx, { xy, color, dashed }, at, look) {
    stroke(ctx, pairs(xy).map(at.point), look.color(color), dashed, look);
  },

  Arrow(ctx, { start, end, color }, at, look) {
    arrow(ctx, at.point(floats(start)), at.point(floats(end)), look.color(color), look);
  },

  Bars(ctx, { heights, color }, at, look) {
    ctx.fillStyle = look.color(color);
    floats(heights).forEach((h, k) => {
      const [left, right] = [at.x(k + 0.6), at.x(k + 1.4)];
      ctx.fillRect(left, at.y(h), right - left, at.y(0) - at.y(h));
    });
  },
};

function mark(ctx, marker, x, y, color, look) {
  const r = { circle: 7, square: 6.5, ring: 12, diamond: 15 }[marker];
  ctx.beginPath();
  if (marker === "square") ctx.rect(x - r, y - r, 2 * r, 2 * r);
  else if (marker === "diamond") polygon(ctx, [[x, y - r], [x + r, y], [x, y + r], [x - r, y]]);
  else ctx.arc(x, y, r, 0, 2 * Math.PI);
  const open = marker === "ring" || marker === "diamond";
  Object.assign(ctx, { fillStyle: color, strokeStyle: open ? color : look.color("ink") });
  ctx.lineWidth = open ? 2.5 : 1.25;
  if (!open) ctx.fill();
  ctx.stroke();
}

function stroke(ctx, points, color, dashed, look) {
  ctx.setLineDash(dashed ? [7, 5] : []);
  ctx.beginPath();
  points.forEach(([x, y]) => ctx.lineTo(x, y));
  const paper = look.color("paper"); // a rim, so that a line is seen on every shade
  for (const [strokeStyle, lineWidth] of [[paper, 5], [color, 2.5]])
    Object.assign(ctx, { strokeStyle, lineWidth }).stroke();
  ctx.setLineDash([]);
}

function arrow(ctx, [x0, y0], [x1, y1], color, look) {
  const angle = Math.atan2(y1 - y0, x1 - x0);
  const wing = (turn) => [x1 - 12 * Math.cos(angle + turn), y1 - 12 * Math.sin(angle + turn)];
  stroke(ctx, [[x0, y0], [x1 - 8 * Math.cos(angle), y1 - 8 * Math.sin(angle)]], color, false, look);
  ctx.fillStyle = color;
  ctx.beginPath();
  polygon(ctx, [[x1, y1], wing(0.45), wing(-0.45)]);
  ctx.fill();
}

function polygon(ctx, points) {
  points.forEach(([x, y]) => ctx.lineTo(x, y));
  ctx.closePath();
}

function paintAxes(ctx, { xlim, ylim, xlabel, ylabel, whole }, box, at, look) {
  const [bottom, right] = [box.top + box.height, box.left + box.width];
  Object.assign(ctx, { strokeStyle: look.color("gray"), lineWidth: 1 });
  ctx.strokeRect(box.left, box.top, box.width, box.height);
  const [ink, left] = [look.color("ink"), box.left - 6];
  for (const v of steps(xlim, whole)) text(ctx, number(v), at.x(v), bottom + 12, "center", ink);
  for (const v of steps(ylim, whole, box.height / 25)) text(ctx, number(v), left, at.y(v), "right", ink);
  text(ctx, xlabel, (box.left + right) / 2, bottom + 30, "center", ink);
  ctx.save();
  ctx.translate(12, box.top + box.height / 2);
  ctx.rotate(-Math.PI / 2);
  text(ctx, ylabel, 0, 0, "center", ink);
  ctx.restore();
}

function paintScale(ctx, { ticks, center, label }, box, look) {
  const [low, high] = [ticks[0][0], ticks.at(-1)[0]];
  const [x, top, height] = [box.left + box.width + 14, box.top + 26, Math.min(150, box.height - 26)];
  const shade = shader(ticks, center, look);
  for (let k = 0; k < height; k++) {
    const value = high - (k / height) * (high - low);
    ctx.fillStyle = css(shade(ticks.length === 2 ? Math.round(value) : value));
    ctx.fillRect(x, top + k, 14, 1.5);
  }
  Object.assign(ctx, { strokeStyle: look.color("gray"), lineWidth: 1 });
  ctx.strokeRect(x, top, 14, height);
  text(ctx, label, x, box.top + 8, "left", look.color("ink"));
  for (const [value, name] of ticks) {
    const y = top + 6 + ((high - value) / (high - low)) * (height - 12);
    text(ctx, name, x + 20, y, "left", look.color("ink"));
  }
}

function legendPlaces(ctx, items, width) {
  const labelled = items.filter((item) => item.label && item.kind !== "Heat");
  const places = [];
  let [x, row] = [48, 0];
  for (const item of labelled) {
    const wide = ctx.measureText(item.label).width + 44;
    if (x + wide > width && x > 48) [x, row] = [48, row + 1];
    places.push({ item, x, y: 10 + ROW * row });
    x += wide;
  }
  // Two rows at least, so that the picture does not jump when a line appears.
  return { places, rows: labelled.length ? Math.max(2, row + 1) : 0 };
}

function paintLegend(ctx, item, x, y, look) {
  const color = look.color(item.color);
  if (item.kind === "Points") {
    ctx.save();
    ctx.translate(x + 12, y);
    ctx.scale(0.7, 0.7);
    mark(ctx, item.marker, 0, 0, color, look);
    ctx.restore();
  }
  if (item.kind === "Line") stroke(ctx, [[x, y], [x + 24, y]], color, item.dashed, look);
  if (item.kind === "Arrow") arrow(ctx, [x, y], [x + 24, y], color, look);
  if (item.kind === "Bars") Object.assign(ctx, { fillStyle: color }).fillRect(x + 6, y - 6, 12, 12);
  text(ctx, item.label, x + 30, y, "left", look.color("ink"));
}

function text(ctx, words, x, y, textAlign, fillStyle) {
  Object.assign(ctx, { textAlign, fillStyle, textBaseline: "middle" });
  ctx.fillText(words, x, y);
}

// --- Small things ----------------------------------------------------------------------------

function element(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  if (properties.role) node.setAttribute("role", properties.role);
  // Or JupyterLab takes a slider's arrow keys for its cells. It asks the focused element alone.
  if ("disabled" in node) node.dataset.lmSuppressShortcuts = "true";
  node.append(...children);
  return node;
}

// As base.number writes it: two decimals at most, and a true minus sign.
const number = (v) => String(Math.round(v * 100) / 100).replace("-", "−");

const floats = ({ bytes }) =>
  new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));

function pairs(array) {
  const v = floats(array);
  return Array.from({ length: v.length / 2 }, (_, k) => [v[2 * k], v[2 * k + 1]]);
}

function steps([low, high], whole, most = 7) {
  const rough = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  let step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough);
  if (whole) step = Math.max(1, step);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, k) => (first + k) * step);
}

// The color of a value: the paper at the center, ever more of `low` below and of `high` above.
function shader(ticks, center, { shades: [low, paper, high] }) {
  const [least, most] = [ticks[0][0], ticks.at(-1)[0]];
  return (v) => {
    const share = v < center ? (center - v) / (center - least) : (v - center) / (most - center);
    return [...mix(paper, v < center ? low : high, 0.4 * Math.min(share, 1)), 255];
  };
}

const mix = (from, to, share) => from.map((v, k) => v + share * (to[k] - v));
const css = ([r, g, b]) => `rgb(${r} ${g} ${b})`;

function rgb(color) {
  if (color.startsWith("#")) return [1, 3, 5].map((k) => parseInt(color.slice(k, k + 2), 16));
  return color.match(/[\d.]+/g).slice(0, 3).map(Number);
}

export default { render };
