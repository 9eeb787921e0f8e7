// A prediction: the answer comes to the page when one has committed to one's own, or asks to be shown.

function render({ model, el }) {
  const asked = model.get("asked");
  const { read, reveal, controls } = asked.options ? choosing(asked) : guessing(asked);
  const commit = button("Commit");
  const show = button("Show me", () => open(null), { className: "nnlib-quiet" });
  const row = element("div", { className: "nnlib-buttons" }, commit, show);
  const { form, status, say, clear } = question(asked.text, controls, row);

  const open = (own) => {
    const seen = element("div", { className: "nnlib-seen" }, ...paragraphs(asked.seen));
    say(own ? own.right : null, own?.words ?? shown(asked), "", seen);
    reveal(own);
    row.remove();
    status.tabIndex = -1; // the button that had the focus is gone
    status.focus({ preventScroll: true });
  };
  form.onsubmit = (event) => {
    event.preventDefault();
    if (!row.isConnected) return;
    const own = read(form);
    if (own.missing) return say(null, own.missing);
    open(own);
    const { chosen, right } = own;
    remember(model, {
      kind: "predict",
      result: right ? "right" : "wrong",
      question: asked.text,
      chosen,
      right: rightAnswer(asked),
    });
  };
  form.oninput = clear;
  el.classList.add("nnlib");
  el.replaceChildren(form);
}

const rightAnswer = ({ options, answer, number }) => (options ? within(options[answer]) : plain(number));
const shown = (asked) => `The answer: ${rightAnswer(asked)}.`;

// Each option gets its reason beneath it.
function choosing({ options, answer, explanations }) {
  const labels = radios(options);
  const controls = element("div", { className: "nnlib-options", ariaLive: "polite" }, ...labels);
  const read = (form) => {
    const value = form.querySelector(":checked")?.value;
    if (value === undefined) return { missing: "Choose an option first." };
    const right = +value === answer;
    const [chosen, meant] = [value, answer].map((k) => within(options[k]));
    const words = right ? "Right: so it is." : `You predicted: ${chosen}. It is: ${meant}.`;
    return { chosen, right, words, value: +value };
  };
  const reveal = (own) =>
    labels.forEach((label, k) => {
      label.firstChild.disabled = true;
      if (own?.value === k) label.append(element("em", { textContent: "your prediction" }));
      const mark = element("b", { textContent: k === answer ? "✓ " : "✗ " });
      label.after(element("p", { className: "nnlib-reason" }, mark, ...rich(explanations[k])));
    });
  return { controls, read, reveal };
}

function guessing({ number, tolerance }) {
  const input = element("input", { type: "text", size: 10, inputMode: "decimal", autocomplete: "off" });
  const controls = element("label", { className: "nnlib-guess" }, "Your number", input);
  const read = () => {
    const typed = input.value.trim();
    const value = Number(typed.replace(",", ".").replace("−", "-"));
    if (typed === "" || !Number.isFinite(value)) return { missing: "Type a number first, such as 0.5." };
    const right = Math.abs(value - number) <= tolerance * (1 + 1e-9);
    const far = value < number ? "too low" : "too high";
    const words = `${right ? "Near" : `Far, ${far}`}: you predicted ${plain(value)}, it is ${plain(number)}.`;
    return { chosen: plain(value), right, words };
  };
  const reveal = () => (input.readOnly = true);
  return { controls, read, reveal };
}

const plain = (value) => String(+value.toPrecision(6)).replace("-", "−");

export default { render };
