// Drawing a scene on canvases, as `picture` in scene.py does it with Matplotlib.

const FONT = 13; // pixels of the page
const SMALL = 11;
const ROW = 20;
const SHADES = 255; // of each color of a heat map, from paper on

function paintPanels(figures, { title, scene }, colors) {
  const { panels, words, columns } = scene;
  while (figures.children.length > panels.length) figures.lastChild.remove();
  while (figures.children.length < panels.length)
    figures.append(element("canvas", { role: "img" }));
  const { classList } = figures.closest(".nnlib");
  classList.toggle("nnlib-wide", columns > 1);
  classList.toggle("nnlib-rows", columns > 1 && panels.length > columns);
  figures.style.setProperty("--columns", columns);
  figures.style.setProperty("--least", panels.some((panel) => panel.axes) ? "12rem" : "5rem");
  const seen = look(figures, colors);
  const canvases = [...figures.children];
  const widths = canvases.map((canvas) => canvas.clientWidth); // all at once: painting changes heights
  panels.forEach((panel, k) => {
    canvases[k].ariaLabel = k ? panel.title || panel.ylabel : `${title}. ${words}`;
    if (widths[k]) paintPanel(canvases[k], widths[k], panel, seen); // 0: scrolled out of the page
  });
}

function look(node, colors) {
  const style = getComputedStyle(node.closest(".nnlib"));
  const own = { ink: style.color, paper: style.backgroundColor };
  own.gray = css(mix(rgb(own.ink), rgb(own.paper), 0.4));
  const color = (name) => own[name] ?? colors[name];
  const shades = (name) =>
    Array.from({ length: SHADES + 1 }, (_, k) => {
      return [...mix(rgb(own.paper), rgb(color(name)), (0.4 * k) / SHADES), 255];
    });
  const font = (size, weight = "normal") => `${weight} ${size}px ${style.fontFamily}`;
  // Text is thin: its colors lean to the ink, or some could not be read.
  const letters = (name) => css(mix(rgb(color(name)), rgb(own.ink), 0.4));
  return { color, letters, low: shades("low"), high: shades("high"), font };
}

function paintPanel(canvas, width, panel, look) {
  const ctx = canvas.getContext("2d");
  ctx.font = look.font(FONT);
  const heat = panel.items.find((item) => item.kind === "Heat" && item.label);
  const { axes, title, xlabel, ylabel } = panel;
  const left = axes ? (ylabel ? 48 : 34) + (panel.ylog ? 8 : 0) : 4;
  const legend = legendPlaces(ctx, panel.items, left, width);
  const head = title ? ROW : 0;
  const right = heat ? 78 : axes ? 12 : 4;
  const box = { left, top: (axes ? 8 : 4) + head + ROW * legend.rows, width: width - left - right };
  box.height = box.width * panel.height;
  const height = box.top + box.height + (axes ? (xlabel ? 42 : 24) : 4);

  canvas.style.height = `${height}px`;
  canvas.style.cursor = panel.drag ? "crosshair" : "";
  canvas.style.touchAction = panel.drag ? "none" : ""; // a finger drags, and does not scroll
  canvas.width = width * devicePixelRatio;
  canvas.height = height * devicePixelRatio;
  Object.assign(ctx, { font: look.font(FONT), lineJoin: "round" });
  ctx.scale(devicePixelRatio, devicePixelRatio);

  const at = (canvas.at = scales(panel, box));
  for (const item of panel.items) {
    ctx.save();
    if (item.kind !== "Label") clip(ctx, box);
    draw[item.kind](ctx, item, at, look);
    ctx.restore();
  }
  if (axes) paintAxes(ctx, panel, box, at, look);
  if (heat) paintScale(ctx, heat, box, look);
  for (const { item, x, y } of legend.places) paintLegend(ctx, item, x, y + head, look);
  ctx.font = look.font(FONT, "600");
  text(ctx, title, box.left + box.width / 2, 10, "center", look.color("ink"));
}

function clip(ctx, { left, top, width, height }) {
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
}

// From data to pixels, and from pixels to data for the mouse.
function scales({ xlim, ylim, xlog, ylog, drag }, { left, top, width, height }) {
  const x = axis(xlim, xlog, left, left + width);
  const y = axis(ylim, ylog, top + height, top);
  const inside = (px, py) => px > left && px < left + width && py > top && py < top + height;
  return {
    x: x.pixel,
    y: y.pixel,
    point: ([a, b]) => [x.pixel(a), y.pixel(b)],
    data: (px, py) => [x.data(px), y.data(py)],
    drags: (px, py) => drag && inside(px, py),
    limits: [...xlim, ...ylim],
  };
}

function axis(limits, log, start, end) {
  const scaled = (v) => (log ? Math.log10(Math.max(v, 1e-30)) : v);
  const [low, high] = limits.map(scaled);
  const far = (px) => Math.max(-1e5, Math.min(1e5, px)); // canvases lose what is farther outside
  const share = (px) => low + ((px - start) / (end - start)) * (high - low);
  return {
    pixel: (v) =>
      Number.isFinite(v) ? far(start + ((scaled(v) - low) / (high - low)) * (end - start)) : NaN,
    data: (px) => (log ? 10 ** share(px) : share(px)),
  };
}

const small = new OffscreenCanvas(1, 1); // each heat map is put here, and from here drawn large

const draw = {
  Heat(ctx, { values, ticks, center, extent }, at, look) {
    const [rows, columns] = values.shape;
    const image = new ImageData(columns, rows);
    const shade = shader(ticks, center, look);
    const v = floats(values);
    for (let k = 0; k < v.length; k++) {
      const row = rows - 1 - Math.floor(k / columns); // images begin at the top
      image.data.set(shade(v[k]), 4 * (row * columns + (k % columns)));
    }
    Object.assign(small, { width: columns, height: rows });
    small.getContext("2d").putImageData(image, 0, 0);
    const [x0, x1, y0, y1] = extent ?? at.limits;
    const [left, top] = at.point([x0, y1]);
    ctx.imageSmoothingEnabled = Math.max(rows, columns) > 32; // the cells of a matrix are seen
    ctx.drawImage(small, left, top, at.x(x1) - left, at.y(y0) - top);
  },

  Points(ctx, { xy, marker, color, size }, at, look) {
    const scale = size === "small" ? 0.45 : 1;
    for (const point of pairs(xy)) mark(ctx, marker, ...at.point(point), scale, look.color(color), look);
  },

  Line(ctx, { xy, color, style, marker }, at, look) {
    const points = pairs(xy).map(at.point);
    stroke(ctx, points, look.color(color), style, look);
    const every = Math.ceil(points.length / 12);
    if (marker) points.forEach((p, k) => k % every || dot(ctx, marker, ...p, look.color(color)));
  },

  Arrow(ctx, { start, end, color }, at, look) {
    arrow(ctx, at.point(floats(start)), at.point(floats(end)), look.color(color), look);
  },

  Bars(ctx, { heights, color, positions, width, hatch }, at, look) {
    ctx.fillStyle = hatch ? striped(ctx, look.color(color), look) : look.color(color);
    const middles = positions && floats(positions);
    floats(heights).forEach((h, k) => {
      const middle = middles?.[k] ?? k + 1;
      const [left, right] = [at.x(middle - width / 2), at.x(middle + width / 2)];
      ctx.fillRect(left, at.y(h), right - left, at.y(0) - at.y(h));
    });
  },

  Label(ctx, { xy, text: words, color, boxed, align, size }, at, look) {
    const [x, y] = at.point(floats(xy));
    const lines = words.split("\n");
    const pixels = size === "small" ? SMALL : FONT;
    ctx.font = look.font(pixels);
    const high = 1.3 * pixels;
    if (boxed) frame(ctx, x, y, lines, high, align, color, look);
    const top = y - ((lines.length - 1) / 2) * high;
    lines.forEach((line, k) => text(ctx, line, x, top + k * high, align, look.letters(color)));
  },
};

const SHAPES = {
  square: [[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]],
  triangle: [[0, -1.1], [1.1, 0.9], [-1.1, 0.9]],
  diamond: [[0, -1.2], [1.2, 0], [0, 1.2], [-1.2, 0]],
  cross: [
    [0, -0.5], [0.6, -1.1], [1.1, -0.6], [0.5, 0], [1.1, 0.6], [0.6, 1.1],
    [0, 0.5], [-0.6, 1.1], [-1.1, 0.6], [-0.5, 0], [-1.1, -0.6], [-0.6, -1.1],
  ],
};

function shape(ctx, marker, x, y, r) {
  ctx.beginPath();
  if (marker in SHAPES) polygon(ctx, SHAPES[marker].map(([a, b]) => [x + r * a, y + r * b]));
  else ctx.arc(x, y, r, 0, 2 * Math.PI);
}

function mark(ctx, marker, x, y, scale, color, look) {
  const open = marker === "ring" || marker === "diamond";
  shape(ctx, marker, x, y, scale * (open ? 12 : 7));
  Object.assign(ctx, { fillStyle: color, strokeStyle: open ? color : look.color("ink") });
  ctx.lineWidth = scale * (open ? 2.5 : 1.25);
  if (!open) ctx.fill();
  ctx.stroke();
}

function dot(ctx, marker, x, y, color) {
  shape(ctx, marker, x, y, 5);
  Object.assign(ctx, { fillStyle: color }).fill();
}

const DASHES = { solid: [], dashed: [7, 5], dotted: [2, 4] };

function stroke(ctx, points, color, style, look) {
  ctx.setLineDash(DASHES[style]);
  ctx.beginPath();
  let apart = true;
  for (const [x, y] of points) {
    const gap = Number.isNaN(x + y); // what is not finite leaves a gap
    if (!gap) ctx[apart ? "moveTo" : "lineTo"](x, y);
    apart = gap;
  }
  const paper = look.color("paper"); // a rim, so that a line is seen on every shade
  for (const [strokeStyle, lineWidth] of [[paper, 5], [color, 2.5]])
    Object.assign(ctx, { strokeStyle, lineWidth }).stroke();
  ctx.setLineDash([]);
}

function arrow(ctx, [x0, y0], [x1, y1], color, look) {
  const angle = Math.atan2(y1 - y0, x1 - x0);
  const wing = (turn) => [x1 - 12 * Math.cos(angle + turn), y1 - 12 * Math.sin(angle + turn)];
  const neck = [x1 - 8 * Math.cos(angle), y1 - 8 * Math.sin(angle)];
  stroke(ctx, [[x0, y0], neck], color, "solid", look);
  ctx.fillStyle = color;
  ctx.beginPath();
  polygon(ctx, [[x1, y1], wing(0.45), wing(-0.45)]);
  ctx.fill();
}

function polygon(ctx, points) {
  points.forEach(([x, y]) => ctx.lineTo(x, y));
  ctx.closePath();
}

// A filling for bars, which tells them apart without color.
function striped(ctx, color, look) {
  const tile = new OffscreenCanvas(8, 8);
  const on = tile.getContext("2d");
  Object.assign(on, { fillStyle: color, strokeStyle: look.color("paper"), lineWidth: 2 });
  on.fillRect(0, 0, 8, 8);
  for (const x of [-4, 4]) on.moveTo(x, 8), on.lineTo(x + 8, 0);
  on.stroke();
  return ctx.createPattern(tile, "repeat");
}

function frame(ctx, x, y, lines, high, align, color, look) {
  const wide = Math.max(...lines.map((line) => ctx.measureText(line).width));
  const left = x - { left: 0, center: wide / 2, right: wide }[align];
  const tall = lines.length * high;
  ctx.beginPath();
  ctx.roundRect(left - 7, y - tall / 2 - 4, wide + 14, tall + 8, 6);
  Object.assign(ctx, { fillStyle: look.color("paper"), strokeStyle: look.color(color) });
  ctx.lineWidth = 1.75;
  ctx.fill();
  ctx.stroke();
}

function paintAxes(ctx, { xlim, ylim, xlabel, ylabel, whole, xlog, ylog }, box, at, look) {
  const [bottom, right] = [box.top + box.height, box.left + box.width];
  Object.assign(ctx, { strokeStyle: look.color("gray"), lineWidth: 1 });
  ctx.strokeRect(box.left, box.top, box.width, box.height);
  const [ink, left] = [look.color("ink"), box.left - 6];
  const across = xlog ? decades(xlim, box.width / 40) : steps(xlim, whole, Math.min(7, box.width / 40));
  for (const [v, name] of across) text(ctx, name, at.x(v), bottom + 12, "center", ink);
  const up = ylog ? decades(ylim, box.height / 25) : steps(ylim, whole, box.height / 25);
  for (const [v, name] of up) text(ctx, name, left, at.y(v), "right", ink);
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
    ctx.fillStyle = css(shade(high - (k / height) * (high - low)));
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

function legendPlaces(ctx, items, left, width) {
  const labelled = items.filter((item) => item.label && item.kind !== "Heat");
  const places = [];
  let [x, row] = [left, 0];
  for (const item of labelled) {
    const wide = ctx.measureText(item.label).width + 44;
    if (x + wide > width && x > left) [x, row] = [left, row + 1];
    places.push({ item, x, y: 10 + ROW * row });
    x += wide;
  }
  // Two rows at least, so that the picture does not jump when a line appears.
  return { places, rows: labelled.length ? Math.max(2, row + 1) : 0 };
}

function paintLegend(ctx, item, x, y, look) {
  const color = look.color(item.color);
  const middle = x + 12;
  if (item.kind === "Points") mark(ctx, item.marker, middle, y, item.size === "small" ? 0.45 : 0.7, color, look);
  if (item.kind === "Line") stroke(ctx, [[x, y], [x + 24, y]], color, item.style, look);
  if (item.kind === "Line" && item.marker) dot(ctx, item.marker, middle, y, color);
  if (item.kind === "Arrow") arrow(ctx, [x, y], [x + 24, y], color, look);
  if (item.kind === "Bars") {
    ctx.fillStyle = item.hatch ? striped(ctx, color, look) : color;
    ctx.fillRect(x + 6, y - 6, 12, 12);
  }
  text(ctx, item.label, x + 30, y, "left", look.color("ink"));
}

function text(ctx, words, x, y, textAlign, fillStyle) {
  Object.assign(ctx, { textAlign, fillStyle, textBaseline: "middle" });
  ctx.fillText(words, x, y);
}

// --- Small things ----------------------------------------------------------------------------

const floats = (array) =>
  Array.isArray(array)
    ? array
    : new Float32Array(
        array.bytes.buffer.slice(array.bytes.byteOffset, array.bytes.byteOffset + array.bytes.byteLength),
      );

function pairs(array) {
  const v = floats(array);
  return Array.from({ length: v.length / 2 }, (_, k) => [v[2 * k], v[2 * k + 1]]);
}

// Where an axis has its ticks, and what is written there: round steps, or powers of ten.
function steps([low, high], whole, most) {
  const rough = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  let step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough);
  if (whole) step = Math.max(1, step);
  return multiples(low / step, high / step).map((k) => [k * step, number(k * step)]);
}

function decades(limits, most) {
  const [low, high] = limits.map(Math.log10);
  const step = Math.ceil((high - low) / most);
  const raised = (k) => [...String(k)].map((c) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[c] ?? "⁻").join("");
  return multiples(low / step, high / step).map((k) => [10 ** (k * step), `10${raised(k * step)}`]);
}

function multiples(low, high) {
  const first = Math.ceil(low - 1e-9);
  return Array.from({ length: Math.floor(high + 1e-9) - first + 1 }, (_, k) => first + k);
}

// The color of a value: the paper at the center, ever more of `low` below and of `high` above.
function shader(ticks, center, { low, high }) {
  const [least, most] = [ticks[0][0], ticks.at(-1)[0]];
  const two = ticks.length === 2;
  return (v) => {
    const share = v < center ? (center - v) / (center - least) : (v - center) / (most - center);
    const strength = two ? 1 : Math.min(share, 1) || 0; // what is no number stays paper
    return (v < center ? low : high)[Math.round(SHADES * strength)];
  };
}

const mix = (from, to, share) => from.map((v, k) => v + share * (to[k] - v));
const css = ([r, g, b]) => `rgb(${r} ${g} ${b})`;

function rgb(color) {
  if (color.startsWith("#")) return [1, 3, 5].map((k) => parseInt(color.slice(k, k + 2), 16));
  return color.match(/[\d.]+/g).slice(0, 3).map(Number);
}
