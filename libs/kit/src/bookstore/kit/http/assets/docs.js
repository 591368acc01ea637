// The page at /docs: reads /openapi.json, shows every operation, and lets people try it.
"use strict";

const METHODS = ["get", "post", "put", "patch", "delete"];
const token = document.getElementById("token");
let specification;
let fields = 0;

// Makes an element: el("p", { className: "note" }, "text", child, …). Text is never read as HTML.
function el(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

// Returns what a reference names; a schema that only wraps another is taken for that one.
function resolve(node) {
  if (node && node.$ref) {
    const found = node.$ref.slice(2).split("/").reduce((inner, key) => inner[key], specification);
    return resolve(found);
  }
  if (node && node.allOf && node.allOf.length === 1) {
    const { allOf, ...beside } = node;
    return { ...resolve(allOf[0]), ...beside };
  }
  return node;
}

// Says in a few words what a value may be.
function describe(schema) {
  const found = resolve(schema);
  const parts = [];
  if (found.enum) parts.push(found.enum.join(" | "));
  else if (found.type === "array") parts.push(`list of ${describe(found.items)}`);
  else parts.push(found.format ? `${found.type} (${found.format})` : found.type || "");
  if (found.minimum !== undefined && found.maximum !== undefined && found.maximum < 2 ** 53 - 1) {
    parts.push(`${found.minimum}–${found.maximum}`);
  }
  if (found.default !== undefined) parts.push(`default ${JSON.stringify(found.default)}`);
  return parts.filter(Boolean).join(", ");
}

// Makes a document that shows a schema's shape, where the specification gives no example.
function sketch(schema) {
  const found = resolve(schema);
  if (!found) return null;
  if (found.example !== undefined) return found.example;
  if (found.default !== undefined) return found.default;
  if (found.nullable) return null;
  if (found.enum) return found.enum[0];
  if (found.type === "array") return [sketch(found.items)];
  if (found.type === "integer") return found.minimum ?? 0;
  if (found.type === "boolean") return false;
  if (found.type === "string") return "";
  const members = Object.entries(found.properties || {});
  return Object.fromEntries(members.map(([name, inner]) => [name, sketch(inner)]));
}

function exampleOf(media) {
  const example = media.example !== undefined ? media.example : sketch(media.schema);
  return typeof example === "string" ? example : JSON.stringify(example, null, 2);
}

function parameterField(parameter) {
  const schema = resolve(parameter.schema);
  const choices = schema.enum || (schema.type === "boolean" ? ["true", "false"] : null);
  const field = choices
    ? el("select", {}, el("option", { value: "" }, "—"), ...choices.map((value) => el("option", { value }, value)))
    : el("input", { placeholder: describe(parameter.schema), spellcheck: false });
  field.dataset.name = parameter.name;
  field.dataset.in = parameter.in;
  field.dataset.list = schema.type === "array" ? "yes" : "";
  field.id = `field-${(fields += 1)}`;
  const label = el("label", { htmlFor: field.id },
    el("code", { className: parameter.required ? "needed" : "" }, parameter.name),
    el("small", {}, parameter.in));
  return [label, el("div", {}, field, el("small", {}, parameter.description || ""))];
}

// Sends what the form says; values of lists are separated by commas.
async function send(method, path, form, output, contentType) {
  const query = new URLSearchParams();
  const headers = new Headers();
  let address = path;
  for (const field of form.querySelectorAll("[data-in]")) {
    const { name, in: place, list } = field.dataset;
    if (place === "path") address = address.replace(`{${name}}`, encodeURIComponent(field.value));
    else if (field.value === "") continue;
    else if (place === "header") headers.set(name, field.value);
    else if (place === "query") {
      for (const value of list ? field.value.split(",") : [field.value]) query.append(name, value.trim());
    }
  }
  if (token.value) headers.set("Authorization", `Bearer ${token.value.trim()}`);
  const body = form.querySelector("textarea");
  if (body) headers.set("Content-Type", contentType);
  const asked = query.size ? `${address}?${query}` : address;
  const started = performance.now();
  const response = await fetch(asked, { method: method.toUpperCase(), headers, body: body ? body.value : undefined });
  const text = await response.text();
  const took = Math.round(performance.now() - started);
  let shown = text;
  try {
    const parsed = JSON.parse(text);
    shown = JSON.stringify(parsed, null, 2);
    if (response.ok && parsed.access_token) token.value = parsed.access_token;
  } catch { /* not JSON: shown as it is */ }
  const head = [...response.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
  output.replaceChildren(
    el("h4", {}, `${method.toUpperCase()} ${asked}`),
    el("strong", { className: response.ok ? "good" : "bad" }, `${response.status} ${response.statusText}`),
    el("span", { className: "said" }, ` in ${took} ms`),
    el("pre", {}, shown ? `${head}\n\n${shown}` : head));
}

function responsesTable(responses) {
  const rows = Object.entries(responses).map(([status, response]) => {
    const found = resolve(response);
    const media = Object.values(found.content || {})[0];
    const shape = media && status < "300"
      ? el("details", {}, el("summary", {}, "example"), el("pre", {}, exampleOf(media)))
      : null;
    return el("tr", {}, el("td", {}, el("code", {}, status)), el("td", {}, found.description, shape));
  });
  return el("table", {}, el("tbody", {}, ...rows));
}

function operationView(method, path, operation, shared) {
  const parameters = [...shared, ...(operation.parameters || [])].map(resolve).filter((one) => one.in !== "cookie");
  const roles = operation["x-roles"] || [];
  const form = el("form");
  const output = el("div", { ariaLive: "polite" });
  let contentType = "";
  if (parameters.length) {
    form.append(el("h4", {}, "Parameters"), el("div", { className: "fields" }, ...parameters.flatMap(parameterField)));
  }
  if (operation.requestBody) {
    const [type, media] = Object.entries(resolve(operation.requestBody).content)[0];
    contentType = type;
    form.append(el("h4", {}, `Body, ${type}`), el("textarea", { value: exampleOf(media), spellcheck: false }));
  }
  const button = el("button", { type: "submit" }, "Try it");
  form.append(button, output);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    try {
      await send(method, path, form, output, contentType);
    } catch (error) {
      output.replaceChildren(el("p", { className: "bad" }, `No answer: ${error.message}`));
    } finally {
      button.disabled = false;
    }
  });
  const inside = el("div", { className: "inside" },
    operation.description ? el("p", {}, operation.description) : null,
    el("p", { className: "roles" }, ...roles.map((role) => el("span", {}, role === "public" ? "for everybody" : `role ${role}`))),
    form, el("h4", {}, "Answers"), responsesTable(operation.responses));
  return el("details", { className: "operation", id: operation.operationId },
    el("summary", {}, el("span", { className: `method ${method}` }, method.toUpperCase()),
      el("span", { className: "path" }, path), el("span", { className: "summary" }, operation.summary || "")),
    inside);
}

function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target && target.tagName === "DETAILS") {
    target.open = true;
    target.scrollIntoView();
  }
}

function show() {
  const main = document.getElementById("operations");
  const contents = document.getElementById("contents");
  main.replaceChildren(el("h2", {}, specification.info.title), el("p", { className: "note" }, specification.info.description || ""));
  for (const tag of specification.tags) {
    const found = [];
    for (const [path, item] of Object.entries(specification.paths)) {
      for (const method of METHODS) {
        if (item[method] && item[method].tags[0] === tag.name) found.push([method, path, item[method], item.parameters || []]);
      }
    }
    if (!found.length) continue;
    main.append(el("h2", {}, tag.name), el("p", { className: "note" }, tag.description || ""));
    const links = el("section", {}, el("h3", {}, tag.name));
    for (const [method, path, operation, shared] of found) {
      main.append(operationView(method, path, operation, shared));
      const link = el("a", { href: `#${operation.operationId}`, title: `${method.toUpperCase()} ${path}` }, operation.summary || path);
      link.dataset.words = `${method} ${path} ${operation.summary} ${operation.operationId}`.toLowerCase();
      links.append(link);
    }
    contents.append(links);
  }
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
  .then((document_) => { specification = document_; show(); })
  .catch((error) => {
    document.getElementById("operations").replaceChildren(el("p", { className: "bad" }, `The specification cannot be read: ${error.message}`));
  });
