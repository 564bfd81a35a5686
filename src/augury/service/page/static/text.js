// What a text says, by the contract's own rules (augury.contract.text, .fold and augury.tables.cells): a value that is
// typed, or read from a file, becomes the same JSON here that Augury's own readers would make of it.
//
// A value is held as its JSON text ("41", "\"yes\"", "null"), which is compared, sent and shown as it is.

const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;
const BLANK = /^[ \t\r\n\f\v]*$/;
const TRUTH = /^(true|false)$/i;

function isBlank(text) {
  return BLANK.test(text);
}

function trimSpaces(text) {
  return text.replace(/^[ \t]+|[ \t]+$/g, "");
}

/** The number that a text writes, which may be infinite; null where it writes none. */
function readNumber(text) {
  const trimmed = trimSpaces(text);
  return NUMBER.test(trimmed) ? Number(trimmed) : null;
}

function writeNumber(number) {
  // JSON has no infinity: a number that is too large for a double is sent as one, for the service to say so.
  if (!Number.isFinite(number)) return number > 0 ? "1e999" : "-1e999";
  return Object.is(number, -0) ? "-0.0" : String(number);
}

function writeValue(value) {
  return typeof value === "number" ? writeNumber(value) : JSON.stringify(value);
}

function isNumeric(field) {
  return field.kind === "number" || field.kind === "integer" || isIntegerCategory(field);
}

function isIntegerCategory(field) {
  return field.kind === "category" && typeof field.levels[0] === "number";
}

/** The JSON of a cell of a text file; a column that spells no field has none, and stays text. */
function readCell(field, text) {
  const kind = field?.kind;
  if (kind !== "identifier" && isBlank(text)) return "null";
  if (field && isNumeric(field)) {
    const number = readNumber(text);
    if (number !== null) return writeNumber(number);
  }
  if (kind === "boolean" && TRUTH.test(trimSpaces(text))) return trimSpaces(text).toLowerCase();
  return JSON.stringify(text);
}

/** One spelling for all that the rule fold-1 takes to be alike. */
function fold(text) {
  if (!/[A-Za-z]/.test(text)) return text;
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase()).replace(/[ -]/g, "_");
}

/** Make what finds the field that a column's name spells: exactly, or by its fold where one field alone has it. */
function makeFieldFinder(fields) {
  const exact = new Map();
  const folded = new Map();
  for (const field of fields) {
    const spellings = [field.name, ...field.spellings];
    for (const spelling of spellings) exact.set(spelling, field);
    for (const each of new Set(spellings.map(fold))) folded.set(each, folded.has(each) ? null : field);
  }
  return (name) => exact.get(name) ?? folded.get(fold(name)) ?? null;
}

/** The JSON object of a list of [name, value]; an object of the language would lose the name __proto__. */
function writeRecord(members, between = ", ") {
  return `{${members.map(([name, value]) => `${JSON.stringify(name)}: ${value}`).join(between)}}`;
}

/** A probability in as few digits, of three at least, as do not put it on the other side of 0, 1 or the threshold. */
function showProbability(probability, threshold) {
  for (let digits = 3; digits < 17; digits += 1) {
    const shown = probability.toFixed(digits);
    const told = Number(shown);
    const isTrue = (told >= threshold) === (probability >= threshold);
    if (isTrue && (told > 0 || probability === 0) && (told < 1 || probability === 1)) return shown;
  }
  return String(probability);
}

function showSigned(number, digits = 3) {
  const shown = Math.abs(number).toFixed(digits);
  return `${number < 0 ? "−" : "+"}${shown}`;
}

function showCount(count, noun) {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}
