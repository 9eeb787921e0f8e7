// A quiz: one form per question; nothing leaves the browser.

function render({ model, el }) {
  el.classList.add("nnlib");
  el.replaceChildren(...model.get("questions").map(form));
}

// A form of its own keeps a question's options apart from those of every other quiz on the page.
function form(question) {
  const form = document.createElement("form");
  form.innerHTML = `<fieldset><legend></legend><button>Check</button><p role="status"></p></fieldset>`;
  const [legend, button, status] = form.firstChild.children;
  legend.textContent = question.text;
  button.before(...question.options.map(choice));
  form.onsubmit = (event) => {
    event.preventDefault();
    const chosen = form.querySelector(":checked");
    status.textContent = chosen ? verdict(question, +chosen.value) : "Choose an option first.";
  };
  form.onchange = () => (status.textContent = "");
  for (const part of form.elements) part.dataset.lmSuppressShortcuts = "true"; // see widget.js
  return form;
}

function choice(option, value) {
  const label = document.createElement("label");
  const input = Object.assign(document.createElement("input"), { type: "radio", name: "option", value });
  label.append(input, option);
  return label;
}

function verdict({ answer, explanations }, chosen) {
  return `${chosen === answer ? "✓ Right." : "✗ Not this one."} ${explanations[chosen]}`;
}

export default { render };
