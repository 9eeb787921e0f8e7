// What quiz.js, predict.js and order.js share; it is appended to each of them, with element.js.

// A form of its own keeps a question's options apart from those of all others on the page.
function question(text, ...children) {
  const status = element("div", { className: "nnlib-verdict", role: "status" });
  const fieldset = element("fieldset", {}, element("legend", {}, ...rich(text)), ...children, status);
  const form = element("form", { className: "nnlib-question" }, fieldset);
  // `good` is true, false, or null where nothing is judged; `reason` follows on the same line.
  const say = (good, words, reason = "", ...more) => {
    const mark = { true: "✓ ", false: "✗ " }[good] ?? "";
    const judged = element(good === null ? "span" : "b", {}, mark, ...rich(words));
    status.replaceChildren(element("p", {}, judged, " ", ...rich(reason)), ...more);
  };
  return { form, status, say, clear: () => status.replaceChildren() };
}

function radios(options) {
  return options.map((option, value) => {
    const input = element("input", { type: "radio", name: "option", value });
    return element("label", {}, input, element("span", {}, ...rich(option)));
  });
}

function button(textContent, onclick, properties = {}) {
  return element("button", { type: onclick ? "button" : "submit", textContent, onclick, ...properties });
}

// Text, with `…` set as code.
function rich(text) {
  return text.split("`").map((part, k) => (k % 2 ? element("code", { textContent: part }) : part));
}

function paragraphs(text) {
  return text.split("\n\n").map((part) => element("p", {}, ...rich(part)));
}

// Python may be gone, or never have been there: then nothing is remembered, and nothing else changes.
function remember(model, answered) {
  try {
    model.send({ answered });
  } catch {
    return;
  }
}
