// Schemas of the specification: what they refer to, their fields as a table, an example of each.
import { el, prose } from "/docs/elements.js";

const LARGEST = 2 ** 53 - 1;
const DEEPEST = 6;
let specification = {};

export function use(document_) {
  specification = document_;
}

// Returns what a reference names; a schema that only wraps another is taken for that one.
export function resolve(node) {
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

// Says of which type a value is.
export function typeOf(schema) {
  const found = resolve(schema);
  if (found.type === "array") return `list of ${typeOf(found.items)}`;
  if (found.enum) return "one of a few";
  const uuid = (found.pattern || "").startsWith("^[0-9a-f]{8}-");
  if (uuid) return "UUID";
  return found.format && found.format !== "int64" ? found.format : found.type || "";
}

function between(least, most, unit, smallest, largest) {
  const low = least !== undefined && least > smallest;
  const high = most !== undefined && most < largest;
  if (low && high) return least === most ? `${least}${unit}` : `${least}–${most}${unit}`;
  if (high) return `at most ${most}${unit}`;
  return low ? `at least ${least}${unit}` : "";
}

// Says what a value has to keep to, part by part.
export function constraints(schema) {
  const found = resolve(schema);
  const items = found.type === "array" ? resolve(found.items) : {};
  const values = found.enum || items.enum;
  const parts = [
    values ? values.map((value) => `\`${value}\``).join(" ") : "",
    found.type === "integer" ? between(found.minimum, found.maximum, "", -Infinity, LARGEST) : "",
    typeOf(found) === "UUID" ? "" : between(found.minLength, found.maxLength, " characters", 0, Infinity),
    between(found.minItems, found.maxItems, " items", 0, Infinity),
    found.pattern && typeOf(found) !== "UUID" ? `like \`${found.pattern}\`` : "",
    found.default !== undefined && found.default !== null ? `\`${JSON.stringify(found.default)}\` by default` : "",
    found.nullable ? "may be `null`" : "",
  ];
  return parts.filter(Boolean).join(", ");
}

// Lists the fields of a document, inner ones after their outer one: [path, schema, required].
function fields(schema, prefix = "", depth = 0) {
  const found = resolve(schema);
  if (!found || depth > DEEPEST) return [];
  if (found.type === "array") return fields(found.items, `${prefix}[]`, depth);
  const needed = found.required || [];
  return Object.entries(found.properties || {}).flatMap(([name, inner]) => {
    const path = prefix ? `${prefix}.${name}` : name;
    return [[path, inner, needed.includes(name)], ...fields(inner, path, depth + 1)];
  });
}

// Says what a field is; what every id is goes without saying.
function meaning(schema) {
  return /\/(Id|Uuid|Instant)$/.test(schema.$ref || "") ? "" : resolve(schema).description;
}

// Makes the table of a document's fields; of a request's, it says which are needed.
export function fieldsTable(schema, { request }) {
  const rows = fields(schema).map(([path, inner, needed]) => {
    const cut = path.lastIndexOf(".") + 1;
    return el("tr", {},
      el("td", {}, el("code", { className: "outer" }, path.slice(0, cut)),
        el("code", { className: request && needed ? "needed" : "" }, path.slice(cut))),
      el("td", {}, typeOf(inner)),
      request ? el("td", {}, needed ? "yes" : "") : null,
      el("td", {}, ...prose(constraints(inner))),
      el("td", {}, ...prose(meaning(inner))));
  });
  if (!rows.length) return null;
  const heads = ["Field", "Type", ...(request ? ["Needed"] : []), "Constraints", "What it is"];
  return el("div", { className: "wide" }, el("table", { className: "schema" },
    el("thead", {}, el("tr", {}, ...heads.map((head) => el("th", {}, head)))),
    el("tbody", {}, ...rows)));
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

export function exampleOf(media) {
  const example = media.example !== undefined ? media.example : sketch(media.schema);
  return typeof example === "string" ? example : JSON.stringify(example, null, 2);
}
