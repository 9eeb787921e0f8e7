// A node with its properties and children. Widgets and questions are made with it.
function element(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  if (properties.role) node.setAttribute("role", properties.role);
  // Or JupyterLab takes a slider's arrow keys for its cells. It asks the focused element alone.
  if ("disabled" in node) node.dataset.lmSuppressShortcuts = "true";
  node.append(...children);
  return node;
}

// A text as part of a longer sentence: without the full stop of its own.
const within = (text) => text.replace(/\.$/, "");
