// What was predicted, ordered and reached on these pages: kept by the browser, as progress.py keeps it in
// a file, and sent nowhere.

const KEPT = "nnlib progress";
const ANSWERS = { predict: "Predictions", order: "Orderings", goal: "Goals" };
const WRITTEN = "<!-- Written by progress() of nnlib. -->";

function kept() {
  try {
    return JSON.parse(localStorage.getItem(KEPT)) ?? {};
  } catch {
    return {}; // it is not allowed here, or is not ours
  }
}

// The first prediction, the first success.
function rememberAnswer(kind, name, told) {
  const record = kept();
  const key = `${kind}: ${name}`;
  if (record[key] && (kind === "predict" || record[key].result !== "wrong")) return;
  const date = `${new Date().toISOString().slice(0, 19)}+00:00`;
  const { result, ...more } = told;
  try {
    localStorage.setItem(KEPT, JSON.stringify({ ...record, [key]: { result, date, ...more } }));
  } catch {
    return; // nothing on the page hangs on it
  }
}

function begun(record) {
  const lessons = Object.keys(record).map((key) => key.split(": ")[1].split("/")[0]);
  return [...new Set(lessons)].sort();
}

function answersOf(record, kind, lesson) {
  const start = `${kind}: ${lesson}/`;
  const own = Object.entries(record).filter(([key]) => key.startsWith(start));
  return own.map(([key, answer]) => [key.slice(start.length), answer]);
}

// The page that progress(export=…) writes.
function markdown(record, today) {
  const lines = [WRITTEN, "", `# My progress on ${today}`];
  for (const lesson of begun(record)) {
    lines.push("", `## Lesson ${lesson}`);
    for (const [kind, title] of Object.entries(ANSWERS)) {
      const items = answersOf(record, kind, lesson).map(([name, answer]) => line(kind, name, answer));
      if (items.length) lines.push("", `### ${title}`, "", ...items);
    }
  }
  return `${lines.join("\n")}\n`;
}

function line(kind, name, answer) {
  const date = answer.date.slice(0, 10);
  if (kind === "goal") return `- ✓ ${name}: ${answer.goal ?? ""}, ${date}`;
  const mark = answer.result === "right" ? "✓" : "✗";
  const question = answer.question ?? name;
  if (kind === "order") return `- ${mark} ${question} ${answer.words ?? ""} ${date}`;
  return `- ${mark} ${question}\n  My prediction: ${answer.chosen ?? ""}. What is right: ${answer.right ?? ""}. ${date}`;
}

function inWords(record, lesson) {
  const predicted = answersOf(record, "predict", lesson).map(([, { result }]) => result);
  const right = predicted.filter((result) => result === "right").length;
  return [
    ...(predicted.length ? [`${right} of ${predicted.length} predicted right`] : []),
    ...answersOf(record, "order", lesson).map(([name, { result }]) =>
      result === "right" ? `✓ ${name} in order` : `○ ${name} tried`),
    ...answersOf(record, "goal", lesson).map(([name]) => `✓ goal of ${name} reached`),
  ].join(", ");
}

// The table on the map, with *Export* and *Forget*.
function showRecord(place) {
  const record = kept();
  const node = (tag, textContent = "", ...children) => {
    const made = Object.assign(document.createElement(tag), { textContent });
    made.append(...children);
    return made;
  };
  const row = (lesson) => node("tr", "", node("th", lesson), node("td", inWords(record, lesson)));
  const head = node("thead", "", node("tr", "", node("th", "Lesson"), node("th", "In the lesson")));
  const table = node("table", "", head, node("tbody", "", ...begun(record).map(row)));
  table.querySelectorAll("thead th").forEach((th) => (th.scope = "col"));
  table.querySelectorAll("tbody th").forEach((th) => (th.scope = "row"));
  const press = (words, onclick) => Object.assign(node("button", words), { type: "button", onclick });
  const buttons = node("div", "", press("Export", exportRecord), press("Forget it all", () => {
    localStorage.removeItem(KEPT);
    showRecord(place);
  }));
  buttons.className = "nnlib-buttons";
  const none = node("p", "Nothing yet: what you predict, order and reach on these pages is listed here.");
  place.replaceChildren(...(begun(record).length ? [table, buttons] : [none]));
}

function exportRecord() {
  const text = markdown(kept(), new Date().toISOString().slice(0, 10));
  const href = URL.createObjectURL(new Blob([text], { type: "text/markdown" }));
  Object.assign(document.createElement("a"), { href, download: "my-progress.md" }).click();
}
