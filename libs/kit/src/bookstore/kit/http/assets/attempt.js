// Trying an operation: a form of its parameters and its body, and what came of it.
import { el, prose } from "/docs/elements.js";
import { constraints, exampleOf, resolve, typeOf } from "/docs/schema.js";

const MOST_ROWS = 24;
const KEY = "Idempotency-Key";
const token = document.getElementById("token");
let fields = 0;

// Makes a key for one attempt; randomUUID is for secure pages alone.
function freshKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function input(parameter, schema) {
  const choices = schema.enum || (schema.type === "boolean" ? ["true", "false"] : null);
  if (!choices) return el("input", { placeholder: typeOf(schema), spellcheck: false });
  return el("select", {}, el("option", { value: "" }, "—"), ...choices.map((value) => el("option", { value }, value)));
}

function parameterField(parameter) {
  const schema = resolve(parameter.schema);
  const field = input(parameter, schema);
  field.id = `field-${(fields += 1)}`;
  field.required = Boolean(parameter.required);
  field.dataset.name = parameter.name;
  field.dataset.in = parameter.in;
  field.dataset.list = schema.type === "array" ? "yes" : "";
  let renew = null;
  if (parameter.name === KEY) {
    field.value = freshKey();
    renew = el("button", { type: "button", className: "small" }, "Another key");
    renew.addEventListener("click", () => { field.value = freshKey(); });
  }
  const label = el("label", { htmlFor: field.id },
    el("code", { className: parameter.required ? "needed" : "" }, parameter.name),
    el("small", {}, `${parameter.in}, ${typeOf(schema)}`));
  const rules = constraints(schema);
  return [label, el("div", {}, field, renew,
    el("small", {}, ...prose(parameter.description), rules ? " " : "", ...prose(rules)))];
}

// Puts a request together from the form; values of lists are separated by commas.
function request(path, form) {
  const query = new URLSearchParams();
  const headers = new Headers();
  let address = path;
  for (const field of form.querySelectorAll("[data-in]")) {
    const { name, in: place, list } = field.dataset;
    const value = field.value.trim();
    if (place === "path") address = address.replace(`{${name}}`, encodeURIComponent(value));
    else if (value === "") continue;
    else if (place === "header") headers.set(name, value);
    else for (const one of list ? value.split(",") : [value]) query.append(name, one.trim());
  }
  if (token.value) headers.set("Authorization", `Bearer ${token.value.trim()}`);
  return { address: query.size ? `${address}?${query}` : address, headers };
}

async function send(method, path, form, output, contentType) {
  const { address, headers } = request(path, form);
  const body = form.querySelector("textarea");
  if (body) headers.set("Content-Type", contentType);
  const started = performance.now();
  const response = await fetch(address, { method: method.toUpperCase(), headers, body: body ? body.value : undefined });
  const text = await response.text();
  const took = Math.round(performance.now() - started);
  let shown = text;
  let explained = null;
  try {
    const parsed = JSON.parse(text);
    shown = JSON.stringify(parsed, null, 2);
    if (response.ok && parsed.access_token) token.value = parsed.access_token;
    if (!response.ok && parsed.type) explained = el("a", { href: parsed.type }, " What does it mean?");
  } catch { /* not JSON: shown as it is */ }
  const head = [...response.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
  output.replaceChildren(
    el("h4", {}, `${method.toUpperCase()} ${address}`),
    el("strong", { className: response.ok ? "good" : "bad" }, `${response.status} ${response.statusText}`),
    el("span", { className: "said" }, ` in ${took} ms`), explained || "",
    el("pre", {}, shown ? `${head}\n\n${shown}` : head));
}

// Makes the form; the browser refuses to send it while something that is needed is empty.
export function attemptForm(method, path, parameters, requestBody) {
  const form = el("form");
  const output = el("div", { ariaLive: "polite" });
  let contentType = "";
  if (parameters.length) {
    form.append(el("h4", {}, "Parameters"), el("div", { className: "fields" }, ...parameters.flatMap(parameterField)));
  }
  if (requestBody) {
    const [type, media] = Object.entries(requestBody.content)[0];
    contentType = type;
    const value = exampleOf(media);
    const rows = Math.min(value.split("\n").length + 1, MOST_ROWS);
    form.append(el("h4", {}, `Body to send, ${type}`),
      el("textarea", { value, rows, spellcheck: false, required: true, ariaLabel: "Body" }));
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
  return form;
}
