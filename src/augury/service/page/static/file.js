// Scoring a file: read twice, once to see that it is whole and how long it is, once to send it in parts. Of the file
// itself no more is held than one part; what is offered in the end is held by the browser.

// A part of this many records takes the service about a hundredth of a second, so that others get their turn.
const PART_ROWS = 1000;
// A UTF-16 unit of JSON is at most so many bytes of UTF-8.
const BYTES_A_UNIT = 3;
// More refused rows than these are in the file that is offered.
const SHOWN_ROWS = 100;

/** Find which columns are sent, and as what: all where a field has none, so that the service says which was meant. */
function planColumns(contract, header) {
  checkHeader(header);
  const find = makeFieldFinder(contract.fields);
  const fields = header.map(find);
  const spelt = new Map();
  header.forEach((name, index) => {
    const field = fields[index];
    if (field === null) return;
    if (spelt.has(field)) {
      throw new TableError(`Columns ${spelt.get(field)} and ${name} are spellings of one field, ${field.name}.`);
    }
    spelt.set(field, name);
  });
  const needed = contract.fields.filter((field) => field.absent === "refuse");
  const missing = needed.filter((field) => !spelt.has(field)).map((field) => field.name);
  const columns = header.map((name, index) => ({ index, field: fields[index], prefix: `${JSON.stringify(name)}:` }));
  return {
    missing,
    unused: header.filter((_, index) => fields[index] === null),
    sent: columns.filter(({ field }) => field !== null || missing.length > 0),
  };
}

function checkHeader(header) {
  const seen = new Set();
  for (const [index, name] of header.entries()) {
    if (isBlank(name)) throw new TableError(`Column ${index + 1} has no name.`);
    if (seen.has(name.toLowerCase())) {
      throw new TableError(`Column ${name} stands twice in the header, or differs in case only.`);
    }
    seen.add(name.toLowerCase());
  }
}

function writeCells(cells, columns) {
  return `{${columns.map(({ index, field, prefix }) => prefix + readCell(field, cells[index])).join(",")}}`;
}

/** Give the rows below the header in parts: `{rows, body}`, each within what one request may hold. */
async function* splitFile(file, delimiter, columns, limits) {
  const maxRows = Math.min(PART_ROWS, limits.max_rows);
  const maxLength = Math.floor(limits.max_body / BYTES_A_UNIT) - 2;
  let rows = [];
  let records = [];
  let length = 0;
  const take = () => {
    const part = { rows, body: `[${records.join(",")}]` };
    [rows, records, length] = [[], [], 0];
    return part;
  };
  let isHeader = true;
  for await (const cells of readRows(file, delimiter)) {
    if (!isHeader) {
      const record = writeCells(cells, columns);
      if (rows.length > 0 && (rows.length >= maxRows || length + record.length > maxLength)) yield take();
      rows.push(cells);
      records.push(record);
      length += record.length + 1;
    }
    isHeader = false;
  }
  if (rows.length > 0) yield take();
}

/** Read a file from end to end: its header, and how many rows there are below it. */
async function measureFile(file, delimiter, signal) {
  let header = null;
  let count = 0;
  for await (const cells of readRows(file, delimiter)) {
    if (header === null) header = cells;
    else count += 1;
    // A row of a file in memory comes without a wait, and the page would stand still.
    if (count % 5000 === 0) await pause(0, signal);
  }
  if (header === null) throw new TableError("The file is empty: it needs a header and rows.");
  if (count === 0) throw new TableError("The file has a header and no rows.");
  return { header, count };
}

/** A name for a column that the header does not have yet, in any case. */
function findFreeName(name, header) {
  const taken = new Set(header.map((each) => each.toLowerCase()));
  let free = name;
  for (let number = 1; taken.has(free.toLowerCase()); number += 1) {
    free = `predicted_${name}${number > 1 ? `_${number}` : ""}`;
  }
  return free;
}

function writeFaults(faults, more) {
  const told = faults.map(({ code, pointer, detail }) => `${code} ${pointer}: ${detail}`);
  return [...told, ...(more ? [`and ${more} more`] : [])].join("; ");
}

/** The cells that an answer adds to its row: probability, verdict, notes, faults. */
function writeAnswer(model, answer) {
  if (answer.faults) return ["", "", "", writeFaults(answer.faults, answer.more)];
  const notes = writeFaults(answer.notes ?? [], 0);
  return [writeNumber(answer[probabilityKey(model)]), String(answer[model.target]), notes, ""];
}

function startTally() {
  return { done: 0, accepted: 0, noted: 0, positive: 0, refused: 0, byFault: new Map(), listed: [] };
}

function addToTally(tally, model, answer) {
  tally.done += 1;
  if (!answer.faults) {
    tally.accepted += 1;
    tally.noted += answer.notes ? 1 : 0;
    tally.positive += answer[model.target] ? 1 : 0;
    return;
  }
  tally.refused += 1;
  for (const { field, code, detail } of answer.faults) {
    const kind = JSON.stringify([field ?? "", code]);
    tally.byFault.set(kind, (tally.byFault.get(kind) ?? 0) + 1);
    if (tally.refused <= SHOWN_ROWS) tally.listed.push([String(tally.done), field ?? "", code, detail]);
  }
}

/** Score a file: `{tally, plan, scored}`, where the last is the file that is offered. */
async function scoreFile(file, model, limits, { ask, signal, progress }) {
  const delimiter = await findDelimiter(file);
  const { header, count } = await measureFile(file, delimiter, signal);
  const plan = planColumns(model.contract, header);
  const added = [probabilityKey(model), model.target, "notes", "faults"].map((name) => findFreeName(name, header));
  const parts = [new Blob([writeCsvRow([...header, ...added], delimiter)])];
  const tally = startTally();
  for await (const { rows, body } of splitFile(file, delimiter, plan.sent, limits)) {
    progress(tally.done, count);
    const { ok, said } = await ask(model.path, body, signal);
    if (!ok) throw new ServiceError(`The service refuses a part of the file: ${said.detail}`);
    if (said.length !== rows.length) throw new ServiceError("The service answered another number of rows than came.");
    said.forEach((answer) => addToTally(tally, model, answer));
    const lines = rows.map((cells, index) => writeCsvRow([...cells, ...writeAnswer(model, said[index])], delimiter));
    parts.push(new Blob(lines)); // outside the script's memory: a browser keeps large ones on its disk
  }
  return { tally, plan, scored: new Blob(parts, { type: "text/csv;charset=utf-8" }) };
}
