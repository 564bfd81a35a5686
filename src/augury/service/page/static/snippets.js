// The record of the form as a program would send it, in three languages, with a button that copies.

const LANGUAGES = { curl: writeCurl, Python: writePython, JavaScript: writeJavaScript };
const KEY = "YOUR-KEY";

/** Quote a text for a POSIX shell. */
function quoteShell(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function writeCurl(url, members, hasKey) {
  const key = hasKey ? ` -H 'X-API-Key: ${KEY}'` : "";
  const body = quoteShell(writeRecord(members));
  return `curl ${quoteShell(url)}${key} \\\n  -H 'Content-Type: application/json' \\\n  -d ${body}`;
}

/** Python's literals are JSON's but for three words; a text that is one of them stands in quotes. */
function writePython(url, members, hasKey) {
  const words = { null: "None", true: "True", false: "False" };
  const lines = members.map(([name, value]) => `    ${JSON.stringify(name)}: ${words[value] ?? value},\n`);
  const key = hasKey ? `, headers={"X-API-Key": "${KEY}"}` : "";
  const call = `requests.post(${JSON.stringify(url)}, json=record${key})`;
  return `import requests\n\nrecord = {\n${lines.join("")}}\nprint(${call}.json())`;
}

function writeJavaScript(url, members, hasKey) {
  // In a literal of the language "__proto__" is no member, but in brackets it is.
  const writeName = (name) => (/^[a-z]\w*$/i.test(name) ? name : `[${JSON.stringify(name)}]`);
  const lines = members.map(([name, value]) => `  ${writeName(name)}: ${value},\n`);
  const key = hasKey ? `, "X-API-Key": "${KEY}"` : "";
  return (
    `const record = {\n${lines.join("")}};\n` +
    `const response = await fetch(${JSON.stringify(url)}, {\n  method: "POST",\n` +
    `  headers: { "Content-Type": "application/json"${key} },\n  body: JSON.stringify(record),\n});\n` +
    "console.log(await response.json());"
  );
}

/** Make the tabs: `{element, show}`. Arrow keys go from tab to tab, Tab goes on to the text. */
function makeSnippets() {
  const panels = Object.keys(LANGUAGES).map(makePanel);
  const tabs = panels.map(({ tab }) => tab);
  const list = make("div", { className: "tabs", role: "tablist", "aria-label": "Language" }, ...tabs);

  function choose(chosen) {
    for (const { tab, panel } of panels) {
      const isChosen = tab === chosen;
      tab.setAttribute("aria-selected", String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
      panel.hidden = !isChosen;
    }
  }

  list.addEventListener("click", (event) => {
    if (event.target.role === "tab") choose(event.target);
  });
  list.addEventListener("keydown", (event) => {
    const next = findTab(panels, event);
    if (next === null) return;
    event.preventDefault();
    choose(next);
    next.focus();
  });
  choose(panels[0].tab);
  const heading = make("h2", {}, "Ask for this record");
  return {
    element: make("section", { className: "snippets" }, heading, list, ...panels.map(({ panel }) => panel)),
    show(url, members, hasKey) {
      for (const { language, text } of panels) text.textContent = LANGUAGES[language](url, members, hasKey);
    },
  };
}

function makePanel(language) {
  const [tabId, panelId] = [makeId(), makeId()];
  const tab = make("button", { type: "button", role: "tab", id: tabId, "aria-controls": panelId }, language);
  const text = make("code");
  const pre = make("pre", { tabIndex: 0 }, text);
  const panel = make("div", { role: "tabpanel", id: panelId, "aria-labelledby": tabId }, pre, makeCopyButton(text));
  return { language, tab, panel, text };
}

function findTab(panels, event) {
  const at = panels.findIndex(({ tab }) => tab === event.target);
  const last = panels.length - 1;
  const [after, before] = [at === last ? 0 : at + 1, at === 0 ? last : at - 1];
  const next = { ArrowRight: after, ArrowLeft: before, Home: 0, End: last }[event.key];
  return at < 0 || next === undefined ? null : panels[next].tab;
}

function makeCopyButton(text) {
  const told = make("span", { role: "status", className: "hint" });
  const button = make("button", { type: "button" }, "Copy");
  button.addEventListener("click", async () => {
    told.textContent = (await copy(text)) ? "Copied." : "It is selected: copy it with the keyboard.";
  });
  return make("p", { className: "row" }, button, told);
}

/** Copy a text; browsers let pages do so over HTTPS and on this machine only, so that elsewhere it is selected. */
async function copy(element) {
  try {
    await navigator.clipboard.writeText(element.textContent);
    return true;
  } catch {
    getSelection().selectAllChildren(element);
    return false;
  }
}
