// Where a file is chosen or dropped, how far it is, and what came of it.

const LEAVES = "It is read in this browser, and sent in parts to this service and nowhere else.";

/** Make the panel for files: `{element, take, close}`; `take` scores a file, `close` ends whatever goes on. */
function makeFilePanel(model, limits, ask) {
  const id = makeId();
  const input = make("input", { type: "file", id, accept: ".csv,.tsv,.txt,text/csv" });
  const label = make("label", { for: id }, "Choose a CSV file, or drop one anywhere on this page");
  const zone = make("div", { className: "zone" }, label, input, make("p", { className: "hint" }, LEAVES));
  const run = makeRunPanel();
  const result = make("div", { className: "result" });
  const element = make("section", { className: "file" }, make("h2", {}, "Score a file"), zone, run.element, result);
  let current = null;
  let offered = null;

  function forget() {
    current?.abort();
    if (offered !== null) URL.revokeObjectURL(offered);
    offered = null;
    result.replaceChildren();
  }

  async function take(file) {
    forget();
    const running = new AbortController();
    current = running;
    run.begin(file, () => running.abort());
    const started = performance.now();
    const tools = { ask, signal: running.signal, progress: run.move };
    try {
      const outcome = await scoreFile(file, model, limits, tools);
      offered = URL.createObjectURL(outcome.scored);
      run.end(summarise(outcome.tally, (performance.now() - started) / 1000));
      result.replaceChildren(...writeResult(model, file, outcome, offered));
    } catch (error) {
      if (current === running) run.end(explain(error, running.signal));
    }
  }

  input.addEventListener("change", () => {
    if (input.files.length > 0) take(input.files[0]);
    input.value = ""; // so that the same file can be chosen again once it is mended
  });
  return { element, zone, take, close: forget };
}

/** Make what shows how far a file is, with a button that stops it. */
function makeRunPanel() {
  const said = make("p", { role: "status", className: "said" });
  const bar = make("progress", { max: 1, value: 0, hidden: true, "aria-label": "Rows scored" });
  const far = make("span", { className: "hint" });
  const stop = make("button", { type: "button" }, "Stop");
  const row = make("div", { className: "row", hidden: true }, bar, far, stop);
  return {
    element: make("div", {}, said, row),
    begin(file, onStop) {
      said.textContent = `Reading ${file.name}…`;
      stop.onclick = onStop;
      row.hidden = bar.hidden = false;
      far.textContent = "";
      bar.removeAttribute("value");
    },
    move(done, count) {
      bar.value = done / count;
      far.textContent = `${done.toLocaleString("en")} of ${showCount(count, "row")}`;
    },
    end(sentence) {
      said.textContent = sentence;
      row.hidden = true;
    },
  };
}

/** What went wrong, in a sentence; what is none of ours is a mistake in this page, and the console shall show it. */
function explain(error, signal) {
  if (signal.aborted) return "Stopped: nothing is offered of a file that was not scored to its end.";
  if (error instanceof TableError || error instanceof ServiceError) return error.message;
  reportError(error);
  return "This page failed: its console says where.";
}

function summarise(tally, seconds) {
  const [accepted, refused] = [tally.accepted, tally.refused].map((count) => count.toLocaleString("en"));
  const time = seconds < 0.1 ? "less than 0.1" : seconds.toFixed(1);
  return `${showCount(tally.done, "row")} in ${time} s: ${accepted} scored, ${refused} refused.`;
}

function writeResult(model, file, { tally, plan, scored }, url) {
  const name = `${file.name.replace(/\.[^.]*$/, "")}-scored.csv`;
  const link = make("a", { href: url, download: name, className: "button" }, `Save ${name}`);
  return [
    make("p", {}, link),
    makeFacts(listFacts(model, tally, plan, scored.size)),
    ...(tally.refused > 0 ? writeRefusals(tally) : []),
  ];
}

function listFacts(model, tally, plan, size) {
  const percent = ((100 * tally.positive) / tally.accepted).toFixed(1);
  const share = tally.accepted > 0 ? ` (${percent} % of those scored)` : "";
  const facts = [
    [`${model.target}: true`, tally.positive.toLocaleString("en") + share],
    ["scored with a note", tally.noted.toLocaleString("en")],
    ["refused", tally.refused.toLocaleString("en")],
    ["the file to save", `${showSize(size)}, held by this page until you leave it or score another`],
  ];
  if (plan.missing.length > 0) facts.push(["columns that lack", joinNames(plan.missing)]);
  if (plan.unused.length > 0) facts.push(["columns that are not used", joinNames(plan.unused)]);
  return facts;
}

function showSize(bytes) {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function joinNames(names) {
  return make("span", {}, ...joinNodes(names.map(makeName), ", "));
}

function writeRefusals(tally) {
  const kinds = [...tally.byFault].sort(([, one], [, other]) => other - one);
  const counts = kinds.map(([kind, count]) => [...JSON.parse(kind).map(makeName), count.toLocaleString("en")]);
  const shown = tally.refused > SHOWN_ROWS ? `, of the first ${SHOWN_ROWS} rows; all are in the file` : "";
  return [
    make("h3", {}, "Why rows are refused"),
    makeTable("How many rows have which fault", ["field", "code", "rows"], counts),
    makeTable(
      `Each fault of a refused row${shown}`,
      ["row", "field", "code", "what is wrong"],
      tally.listed.map(([row, field, code, detail]) => [row, makeName(field), code, detail]),
    ),
  ];
}
