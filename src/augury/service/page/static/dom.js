// Elements, made from names and texts. Nothing here or later parses HTML: what artifacts, files and answers hold
// becomes text nodes and attributes only.

/** Make an element. Properties are the element's own, `aria-*` and `data-*` its attributes; null leaves one out. */
function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined) continue;
    if (name.includes("-") || name === "role" || name === "for" || name === "list") element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** A name amid other text, so that its direction (Arabic, Hebrew, an override) ends with it. */
function makeName(name) {
  return make("bdi", { className: "name" }, name);
}

let lastId = 0;

/** An id that no other element has: names of fields may hold anything, and two of them may differ in a space. */
function makeId() {
  lastId += 1;
  return `made-${lastId}`;
}

/** Join what may be a word or an element, with a text between. */
function joinNodes(nodes, between) {
  return nodes.flatMap((node, index) => (index === 0 ? [node] : [between, node]));
}

/** A table in a box that scrolls where it is wider than the page, and that the keyboard reaches. */
function makeTable(caption, header, rows) {
  const head = make("tr", {}, ...header.map((name) => make("th", { scope: "col" }, name)));
  const body = rows.map((cells) => make("tr", {}, ...cells.map((cell) => make("td", {}, cell))));
  const table = make(
    "table",
    {},
    make("caption", {}, caption),
    make("thead", {}, head),
    make("tbody", {}, ...body),
  );
  return make("div", { className: "wide", tabIndex: 0, role: "group", "aria-label": caption }, table);
}

function makeFacts(facts) {
  return make("dl", {}, ...facts.flatMap(([term, fact]) => [make("dt", {}, term), make("dd", {}, fact)]));
}

/** Wait without holding up the page; aborting ends the wait at once. */
function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
