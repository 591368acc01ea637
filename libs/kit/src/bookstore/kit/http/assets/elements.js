// Elements of the page: text is never read as HTML.

// Makes an element: el("p", { className: "note" }, "text", child, …).
export function el(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

// Makes nodes of a description: what stands between backticks is code.
export function prose(text) {
  return (text || "").split("`").map((part, index) => (index % 2 ? el("code", {}, part) : part));
}
