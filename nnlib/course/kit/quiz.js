// A quiz: one form per question; nothing leaves the browser.

function render({ model, el }) {
  el.classList.add("nnlib");
  el.replaceChildren(...model.get("asked").map(asked));
}

function asked({ text, options, answer, explanations }) {
  const { form, say, clear } = question(text, ...radios(options), button("Check"));
  form.onsubmit = (event) => {
    event.preventDefault();
    const chosen = form.querySelector(":checked")?.value;
    if (chosen === undefined) return say(null, "Choose an option first.");
    const right = +chosen === answer;
    say(right, right ? "Right." : "Not this one.", explanations[chosen]);
  };
  form.onchange = clear;
  return form;
}

export default { render };
