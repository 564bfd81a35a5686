// One control for each field of the contract. A control holds the field's value as JSON text, and null where the field
// is left out of the record.

// A select of more levels than this is a long way to scroll: such a field is typed into, with suggestions.
const MAX_OPTIONS = 30;
const ANOTHER = "another";
const LEFT_OUT = "left out";

/** Make what a reader sees of a field; `changed` is called whenever its value may be another. */
function makeField(field, changed) {
  const id = makeId();
  const control = findMaker(field)(field, id, changed);
  const told = describeField(field);
  const hint = make("p", { className: "hint", id: makeId(), hidden: told === "" }, told);
  const was = make("p", { className: "was", hidden: true });
  const message = make("p", { className: "message", id: makeId(), hidden: true });
  for (const each of control.inputs) each.setAttribute("aria-describedby", `${hint.id} ${message.id}`);
  const label = make("label", { for: id }, makeName(field.name));
  const element = make("div", { className: "field" }, label, ...control.parts, hint, was, message);
  element.dataset.field = field.name;
  return {
    field,
    element,
    read: control.read,
    write: control.write,
    tell: (told) => tellField(control, message, element, told),
    compare: (original) => showChange(element, was, control.read(), original),
  };
}

function findMaker(field) {
  if (field.kind === "boolean") return makeChoice;
  if (field.kind !== "category") return makeTyped;
  return field.levels.length > MAX_OPTIONS ? makeSuggested : makeChoice;
}

/** Show what the service says of a field: `{isFault, text}`, or null where it says nothing. */
function tellField(control, message, element, told) {
  message.hidden = !told;
  message.textContent = told ? `${told.isFault ? "Refused" : "Noted"}: ${told.text}` : "";
  element.classList.toggle("refused", Boolean(told?.isFault));
  element.classList.toggle("noted", Boolean(told && !told.isFault));
  for (const input of control.inputs) input.setAttribute("aria-invalid", String(Boolean(told?.isFault)));
}

function showChange(element, was, value, original) {
  const isChanged = value !== original;
  element.classList.toggle("changed", isChanged);
  was.hidden = !isChanged;
  was.textContent = isChanged ? `was ${showValue(original)}` : "";
}

/** A value as a reader writes it: a text without its quotes. */
function showValue(value) {
  if (value === null) return LEFT_OUT;
  return value.startsWith('"') ? JSON.parse(value) || "an empty text" : value;
}

function describeField(field) {
  const parts = [describeValues(field)];
  if (field.kind === "identifier" || field.absent === "optional") parts.push("may be left out");
  else if (field.null === "impute") parts.push("empty is filled by the model’s rule");
  return parts.filter(Boolean).join("; ");
}

function describeValues(field) {
  if (field.kind === "identifier") return "an identifier, which is not used";
  if (field.kind === "boolean") return "";
  if (field.kind === "category") {
    const levels = field.levels.length > MAX_OPTIONS ? `one of ${showCount(field.levels.length, "level")}` : "";
    return field.unseen === "note" ? `${levels || "a level"}, or another` : levels;
  }
  const what = field.kind === "integer" ? "an integer" : "a number";
  return field.seen ? `${what}, ${field.seen.low} to ${field.seen.high} in training` : what;
}

// --- one of a few values

/** The values of a select: the levels, and what stands for none. */
function listChoices(field) {
  const levels = field.kind === "boolean" ? [true, false] : field.levels;
  const choices = levels.map((level) => ({ value: writeValue(level), shown: String(level) || "(an empty text)" }));
  if (field.null === "impute") choices.push({ value: "null", shown: "(empty: null)" });
  if (field.absent === "optional") choices.push({ value: null, shown: "(left out)" });
  return choices;
}

function makeChoice(field, id, changed) {
  const choices = listChoices(field);
  const options = choices.map(({ shown }, index) => make("option", { value: String(index) }, shown));
  const select = make("select", { id }, ...options);
  const other = make("input", { type: "text", hidden: true, "aria-label": `${field.name}: another level` });
  if (field.unseen === "note") select.append(make("option", { value: ANOTHER }, "another level…"));

  function show() {
    other.hidden = select.value !== ANOTHER;
  }

  function write(value) {
    const index = choices.findIndex((choice) => choice.value === value);
    select.value = index < 0 ? ANOTHER : String(index);
    other.value = index < 0 && value !== null ? showValue(value) : "";
    show();
  }

  select.addEventListener("change", () => {
    show();
    changed();
  });
  other.addEventListener("input", changed);
  const read = () => (select.value === ANOTHER ? readLevel(field, other.value) : choices[Number(select.value)].value);
  return { parts: [select, other], inputs: [select, other], read, write };
}

/** The JSON of a level that is typed: a level of integers is a number where the text writes one. */
function readLevel(field, text) {
  const number = isIntegerCategory(field) ? readNumber(text) : null;
  return number === null ? JSON.stringify(text) : writeNumber(number);
}

// --- one of many values

function makeSuggested(field, id, changed) {
  const levels = new Map(field.levels.map((level) => [String(level), writeValue(level)]));
  const options = [...levels.keys()].map((value) => make("option", { value }));
  const list = make("datalist", { id: makeId() }, ...options);
  const input = make("input", { type: "text", id, autocomplete: "off", list: list.id });
  input.addEventListener("input", changed);
  const read = () => levels.get(input.value) ?? (input.value === "" ? readEmpty(field) : readLevel(field, input.value));
  return { parts: [input, list], inputs: [input], read, write: (value) => writeInput(input, value) };
}

/** What an empty input says: that the field is left out where it may be, else null, for the service to judge. */
function readEmpty(field) {
  return field.kind === "identifier" || field.absent === "optional" ? null : "null";
}

function writeInput(input, value) {
  input.value = value === null || value === "null" ? "" : showValue(value);
}

// --- a number, or any text

/** Not `type=number`: what is no number would be read as nothing, and the service could not say what is wrong. */
function makeTyped(field, id, changed) {
  const mode = { number: "decimal", integer: "numeric" }[field.kind] ?? "text";
  const input = make("input", { type: "text", id, autocomplete: "off", inputMode: mode });
  const slider = field.seen ? makeSlider(field) : null;
  const follow = () => slider && moveSlider(slider, input.value);
  const read = () => {
    if (field.kind === "identifier" ? input.value === "" : isBlank(input.value)) return readEmpty(field);
    return readCell(field, input.value);
  };
  const write = (value) => {
    writeInput(input, value);
    follow();
  };
  input.addEventListener("input", () => {
    follow();
    changed();
  });
  slider?.addEventListener("input", () => {
    input.value = readSlider(field, slider);
    changed();
  });
  const row = make("div", { className: "typed" }, input, slider);
  return { parts: [row], inputs: slider ? [input, slider] : [input], read, write };
}

function makeSlider(field) {
  const { low, high } = field.seen;
  const step = field.kind === "integer" ? "1" : "any";
  const range = { type: "range", min: String(low), max: String(high), step };
  return make("input", { ...range, "aria-label": `${field.name}: slider over what training saw` });
}

function moveSlider(slider, text) {
  const number = readNumber(text);
  if (number === null) return;
  slider.value = String(number);
  slider.setAttribute("aria-valuetext", text);
}

/** What a slider says, in as many digits as a hundredth of its way needs, and never beyond its ends. */
function readSlider(field, slider) {
  const { low, high } = field.seen;
  const digits = Math.min(20, Math.max(0, 2 - Math.floor(Math.log10(high - low || 1))));
  const rounded = Number(slider.valueAsNumber.toFixed(field.kind === "integer" ? 0 : digits));
  return writeNumber(Math.min(high, Math.max(low, rounded)));
}
