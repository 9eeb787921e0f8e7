// A table of states, read and asked in a Worker. packing.py says how it is stored, states.py what it holds.

const NEAR = "This page knows some positions only, and shows the nearest.";
const BACK = "This page knows some positions only: for this one, other settings had to change.";
const NONE = "This page has no answer to that.";

async function unpack(text) {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const buffer = await new Response(stream).arrayBuffer();
  const size = new DataView(buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, size)));
  let at = 4 + size;
  const take = (n) => new Uint8Array(buffer, (at += n) - n, n);
  return { head, take };
}

// The parts stand in the file in the order in which they were packed.
async function read(text) {
  const { head, take } = await unpack(text);
  const numbers = (part) => (typeof part === "number" ? () => part : at(sums(codes(take(part.n), 4))));
  const at = (list) => (k) => list[k];
  for (const action in head.press) head.press[action] = numbers(head.press[action]);
  for (const name in head.jump) head.jump[name] = head.jump[name].map(([value, to]) => [value, numbers(to)]);
  for (const { columns } of head.groups) for (const column of columns) column.i = numbers(column.i);
  head.entries = head.entries.map(numbers);
  for (const pool of head.pools) pool.bytes = take(pool.n);
  head.where = head.where.map(numbers);
  head.keys = head.keys.map((values) => values.map(plain));
  head.states = head.keys.map((values) => Object.fromEntries(values.map((v, k) => [head.names[k], v])));
  head.index = new Map(head.keys.map((values, k) => [JSON.stringify(values), k]));
  return head;
}

// A setting that can be compared: without the noise of binary fractions, and a list as one text.
const plain = (v) => (typeof v === "number" ? +v.toFixed(9) : Array.isArray(v) ? JSON.stringify(v) : v);

// The planes of bytes, together again.
function codes(planes, size) {
  const n = planes.length / size;
  const out = new Int32Array(n);
  for (let p = 0; p < size; p++) for (let k = 0; k < n; k++) out[k] |= planes[p * n + k] << (8 * p);
  return out;
}

function sums(steps, stride = 1) {
  for (let k = stride; k < steps.length; k++) steps[k] += steps[k - stride];
  return steps;
}

// An array as widget.js gets it from Python: float32 bytes.
function arrayAt(head, number, [, tail, kind, low, high]) {
  const [pool, row, length] = head.entries.map((part) => part(number));
  const values = kind === "f"
    ? numbersAt(head.pools[pool], row, length)
    : shadesAt(head.pools[pool], row, tail[0], low, high);
  const rows = length / tail.reduce((a, b) => a * b, 1);
  return { shape: [rows, ...tail], bytes: new Uint8Array(values.buffer) };
}

// The pool is summed when it is first asked for.
function numbersAt(pool, row, length) {
  pool.codes ??= sums(codes(pool.bytes, 3), pool.length);
  const own = pool.codes.subarray(row * pool.length, row * pool.length + length);
  return new Float32Array(Int32Array.from(own, (code) => code << 8).buffer);
}

function shadesAt({ bytes, length }, row, width, low, high) {
  const own = bytes.slice(row * length, (row + 1) * length);
  sums(own, width);
  for (let k = 0; k < length; k += width) sums(own.subarray(k, k + width));
  return Float32Array.from(own, (code) => (code === 255 ? NaN : low + (code / 254) * (high - low)));
}

function stateAt(head, k) {
  const { shape, columns } = head.groups[head.where[0](k)];
  const row = head.where[1](k);
  let c = 0;
  const build = (slot) => {
    if (slot === 0) {
      const { v, i } = columns[c++];
      return v[i(row)];
    }
    if (slot[0] === "A") return arrayAt(head, columns[c++].i(row), slot);
    if (slot[0] === "L") return slot.slice(1).map(build);
    return Object.fromEntries(Object.entries(slot).map(([name, part]) => [name, build(part)]));
  };
  return build(shape);
}

// --- Where a control leads: a state and what is to be said of it, or an error. ----------------------

const target = (to) => (to < 0 ? [undefined, NONE] : [to >> 1, to & 1 ? NEAR : ""]);

function changed(head, now, change) {
  const before = head.states[now];
  let besides = {};
  for (const [name, value] of Object.entries(change)) {
    const same = ([v]) => plain(v) === plain(value);
    const jump = head.jump[name]?.find(same)?.[1](now);
    if (jump >= 0) return target(jump);
    besides = { ...besides, ...head.drag[name]?.find(same)?.[1] };
  }
  const wish = { ...before };
  for (const [name, value] of Object.entries({ ...besides, ...change })) wish[name] = plain(value);
  const exact = head.index.get(JSON.stringify(head.names.map((name) => wish[name])));
  return exact === undefined ? nearest(head, before, wish, Object.keys(change)) : [exact, ""];
}

// First of all the other settings stay as they are; then what was moved comes to where it was moved, and
// does move that way, or a key would bring a slider back to where it was; then it is near in time.
function nearest(head, before, wish, moved) {
  const span = spans(head);
  const far = (name, settings) => {
    const [a, b] = [settings[name], wish[name]];
    return a === b ? 0 : typeof a === "number" ? Math.abs(a - b) / span[name] : Infinity;
  };
  const others = head.names.filter((name) => name !== head.time && !moved.includes(name));
  const rank = (settings) => {
    const there = moved.reduce((sum, name) => sum + far(name, settings), 0);
    const onward = (name) => typeof wish[name] !== "number" || (settings[name] - before[name]) * (wish[name] - before[name]) > 0;
    const stuck = moved.some(onward) ? 0 : 1;
    const apart = others.filter((name) => settings[name] !== wish[name]);
    const away = apart.reduce((sum, name) => sum + Math.min(1, far(name, settings)), 0);
    return [there === Infinity ? 1 : 0, stuck, apart.length, there + away, head.time ? far(head.time, settings) : 0];
  };
  let best, least;
  head.states.forEach((settings, k) => {
    const now = rank(settings);
    const d = least ? now.map((v, n) => v - least[n]).find((v) => v) ?? 0 : -1;
    if (d < 0) [best, least] = [k, now];
  });
  if (least[0] || least[1]) return [undefined, NONE];
  return [best, least[2] ? BACK : NEAR];
}

function spans(head) {
  return (head.span ??= Object.fromEntries(head.names.map((name) => {
    const all = head.states.map((settings) => settings[name]).filter((v) => typeof v === "number");
    return [name, Math.max(...all) - Math.min(...all) || 1];
  })));
}

// A text that the table does not have.
function unreadable(head, state, change) {
  const typed = state.controls.find(({ kind, name }) => kind === "Text" && name in change);
  if (!typed) return null;
  const known = [...new Set(head.states.map((settings) => settings[typed.name]))];
  if (known.includes(change[typed.name])) return null;
  const words = `Without Python this page knows only these: ${known.map((v) => `“${v}”`).join("; ")}.`;
  return { words, settings: [typed.name] };
}

// --- The widget itself, as Widget in widget.py ------------------------------------------------------

let head, now, before, at, ever;

function shown(note = "", error = null) {
  const state = stateAt(head, now);
  const tour = { stops: head.tour.length, at, ...(at === null ? {} : head.tour[at]) };
  return { state: { ...state, goal: { ...state.goal, ever }, tour, error }, note };
}

function answer(message) {
  if (message.change || message.press) {
    const error = unreadable(head, stateAt(head, now), message.change ?? {});
    if (error) return shown("", error);
    const [to, note] = message.change ? changed(head, now, message.change) : target(head.press[message.press](now));
    if (to === undefined) return shown(note);
    now = to;
    const { goal } = stateAt(head, now);
    const first = goal.here && !ever && before === null;
    ever ||= first;
    return { ...shown(note), reached: first && head.goal ? { name: head.goal, words: goal.words } : null };
  }
  if (Number.isInteger(message.tour)) {
    before ??= now;
    [at, now] = [message.tour, head.tour[message.tour].to];
  } else if ("tour" in message) {
    [at, now, before] = [null, before ?? now, null];
  } else {
    [at, now, before] = [null, head.start, null];
  }
  return shown();
}

async function begin(text) {
  head = await read(text);
  [now, before, at, ever] = [head.start, null, null, false];
  return { ...shown(), colors: head.colors, whole: head.whole };
}

onmessage = async ({ data }) => {
  try {
    postMessage(data.text ? await begin(data.text) : answer(data));
  } catch (error) {
    postMessage({ failed: String(error) });
  }
};
