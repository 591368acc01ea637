// The page at /docs: reads /openapi.json, shows every operation, and lets people try it.
import { attemptForm } from "/docs/attempt.js";
import { el, prose } from "/docs/elements.js";
import { exampleOf, fieldsTable, resolve, use } from "/docs/schema.js";

const METHODS = ["get", "post", "put", "patch", "delete"];
const main = document.getElementById("operations");

function answer(status, response) {
  const found = resolve(response);
  const [type, media] = Object.entries(found.content || {})[0] || [];
  const headers = Object.entries(found.headers || {}).map(([name, header]) =>
    el("p", { className: "said" }, el("code", {}, name), ": ", ...prose(resolve(header).description)));
  const parts = [el("p", {}, ...prose(found.description)), ...headers];
  if (media && status < "300") {
    parts.push(fieldsTable(media.schema, { request: false }) || "");
    parts.push(el("details", {}, el("summary", {}, `Example, ${type}`), el("pre", {}, exampleOf(media))));
  }
  return el("tr", {}, el("td", {}, el("code", {}, status)), el("td", {}, ...parts));
}

function answers(responses) {
  const known = Object.entries(responses);
  const good = known.filter(([status]) => status < "400").map(([status, one]) => answer(status, one));
  const bad = known.filter(([status]) => status >= "400").map(([status, one]) => answer(status, one));
  const table = (rows) => el("table", {}, el("tbody", {}, ...rows));
  return [el("h4", {}, "Answers"), table(good),
    el("h4", {}, "Refusals: problem documents, by ", el("a", { href: "/docs/errors" }, "code")), table(bad)];
}

function whoMay(operation) {
  const roles = operation["x-roles"] || [];
  const said = roles.includes("public") ? ["for everybody"] : roles.map((role) => `role ${role}`);
  return el("p", { className: "roles" }, ...said.map((role) => el("span", {}, role)));
}

function inside(method, path, operation, shared) {
  const parameters = [...shared, ...(operation.parameters || [])].map(resolve).filter((one) => one.in !== "cookie");
  const body = operation.requestBody && resolve(operation.requestBody);
  const made = [
    operation.description ? el("p", {}, ...prose(operation.description)) : "",
    whoMay(operation),
  ];
  if (body) {
    const [type, media] = Object.entries(body.content)[0];
    const table = fieldsTable(media.schema, { request: true });
    if (table) made.push(el("h4", {}, `Request body, ${type}`), table);
  }
  made.push(attemptForm(method, path, parameters, body), ...answers(operation.responses));
  return made;
}

// Shows an operation as a line; what is inside is made when it is opened first.
function operationView(method, path, operation, shared) {
  const content = el("div", { className: "inside" });
  const view = el("details", { className: "operation", id: operation.operationId },
    el("summary", {}, el("span", { className: `method ${method}` }, method.toUpperCase()),
      el("span", { className: "path" }, path), el("span", { className: "summary" }, operation.summary || "")),
    content);
  view.addEventListener("toggle", () => {
    if (!content.firstChild) content.append(...inside(method, path, operation, shared));
  });
  return view;
}

function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target && target.tagName === "DETAILS") {
    target.open = true;
    target.scrollIntoView();
  }
}

function operationsOf(specification, tag) {
  return Object.entries(specification.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method] && item[method].tags[0] === tag.name)
      .map((method) => [method, path, item[method], item.parameters || []]));
}

// Shows the introduction if this process serves what it speaks of, and the operations by tag.
function show(specification) {
  const contents = document.getElementById("contents");
  main.replaceChildren();
  for (const tag of specification.tags) {
    const found = operationsOf(specification, tag);
    if (!found.length) continue;
    main.append(el("h2", {}, tag.name), el("p", { className: "note" }, ...prose(tag.description)));
    const links = el("section", {}, el("h3", {}, tag.name));
    for (const [method, path, operation, shared] of found) {
      main.append(operationView(method, path, operation, shared));
      const link = el("a", { href: `#${operation.operationId}`, title: `${method.toUpperCase()} ${path}` }, operation.summary || path);
      link.dataset.words = `${method} ${path} ${operation.summary} ${operation.operationId}`.toLowerCase();
      links.append(link);
    }
    contents.append(links);
  }
  const steps = [...document.querySelectorAll("#start a[href^='#']")];
  document.getElementById("start").hidden = !steps.every((link) => document.getElementById(link.hash.slice(1)));
  openTarget();
}

document.getElementById("filter").addEventListener("input", (event) => {
  const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const link of document.querySelectorAll("#contents a")) {
    link.hidden = !words.every((word) => link.dataset.words.includes(word));
  }
  for (const section of document.querySelectorAll("#contents section")) {
    section.hidden = !section.querySelector("a:not([hidden])");
  }
});
window.addEventListener("hashchange", openTarget);

fetch("/openapi.json")
  .then((response) => response.json())
  .then((document_) => { use(document_); show(document_); })
  .catch((error) => {
    main.replaceChildren(el("p", { className: "bad" }, `The specification cannot be read: ${error.message}`));
  });
