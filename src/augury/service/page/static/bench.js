// The bench: the form of one model, the answer to what stands in it, and the file panel; and the start of it all.

// So long after the last change the service is asked: shorter than a pause in typing, longer than a key's repeat.
const DEBOUNCE_MILLISECONDS = 120;

/** Make the bench of a model: `{element, take, close}`. */
function makeBench(model, limits, { ask, keyring }) {
  const live = makeLive(model, ask);
  const fields = model.contract.fields.map((field) => makeField(field, () => update(DEBOUNCE_MILLISECONDS)));
  const panel = makeAnswerPanel(model, { reset: goBack, goTo });
  const snippets = makeSnippets();
  const file = makeFilePanel(model, limits, ask);
  const start = new Map(Object.entries(model.record).map(([name, value]) => [name, writeValue(value)]));
  let original = [];
  let before = null;

  function reset() {
    for (const each of fields) each.write(start.get(each.field.name) ?? null);
  }

  function goBack() {
    reset();
    update(0);
    goTo(fields[0].field.name); // the button that was pressed goes away
  }

  function goTo(name) {
    fields.find((each) => each.field.name === name).element.querySelector("input, select").focus();
  }

  function readForm() {
    return fields.map((each) => [each.field.name, each.read()]);
  }

  function findChanges(values) {
    return values
      .map(([name, to], index) => ({ name, from: original[index][1], to }))
      .filter(({ from, to }) => from !== to);
  }

  function update(wait) {
    const values = readForm();
    const members = values.filter(([, value]) => value !== null);
    const changes = findChanges(values);
    fields.forEach((each, index) => each.compare(original[index][1]));
    showSnippets(members);
    live.ask(members, wait, (result) => {
      showSnippets(members); // by now it is known whether a key is wanted
      show(result, changes);
    });
  }

  function showSnippets(members) {
    snippets.show(findUrl(model.path), members, keyring.key !== null);
  }

  function show({ answer, problem, failure }, changes) {
    if (failure) return panel.fail(failure);
    const faults = problem?.faults ?? [];
    tellFields(fields, faults, answer?.notes ?? []);
    if (problem) return panel.refuse(faults, problem.more ?? 0, before, changes);
    // The answer before any change is what the others are compared with.
    if (changes.length === 0) before = answer[probabilityKey(model)];
    return panel.show(answer, before, changes);
  }

  const form = make("form", { className: "fields", "aria-label": `A record for ${model.name}`, noValidate: true });
  form.append(...fields.map((each) => each.element));
  form.addEventListener("submit", (event) => event.preventDefault());
  const left = make("div", { className: "left" }, make("h2", {}, "Try a record"), form);
  const right = make("div", { className: "right" }, panel.headline, panel.details);
  reset();
  original = readForm();
  update(0);
  return {
    element: make("div", {}, make("div", { className: "try" }, left, right), snippets.element, file.element),
    zone: file.zone,
    take: file.take,
    close() {
      live.close();
      file.close();
    },
  };
}

/** Tell each field what the service says of it: a fault before a note. */
function tellFields(fields, faults, notes) {
  for (const { field, tell } of fields) {
    const fault = faults.find((each) => each.field === field.name);
    const note = notes.find((each) => each.field === field.name);
    const told = fault ?? note;
    tell(told ? { isFault: fault !== undefined, text: told.detail } : null);
  }
}

/** Make what asks while the form changes: only the last question counts, and an answer that it overtook is dropped. */
function makeLive(model, ask) {
  let current = null;

  async function run(members, wait, { signal }) {
    if (wait > 0) await pause(wait, signal);
    const asked = await ask(`${model.path}?explain=true`, writeRecord(members), signal);
    if (asked.ok) return { answer: asked.said, label: asked.label };
    return { problem: asked.said, label: asked.label };
  }

  return {
    async ask(members, wait, show) {
      current?.abort();
      const mine = new AbortController();
      current = mine;
      let result;
      try {
        result = await run(members, wait, mine);
      } catch (error) {
        result = { failure: explain(error, mine.signal) };
      }
      if (mine.signal.aborted) return;
      if (result.label && result.label !== model.label) result = { failure: tellReplaced(result.label) };
      show(result);
    },
    close() {
      current?.abort();
    },
  };
}

function tellReplaced(label) {
  return `The service answers with another model now, ${label}: load this page again.`;
}

/** Make the choice among models; there is none where there is one model. */
function makeModelChoice(models, choose) {
  if (models.length === 1) return null;
  const id = makeId();
  const options = models.map(({ label }, index) => make("option", { value: String(index) }, label));
  const select = make("select", { id }, ...options);
  select.addEventListener("change", () => choose(models[Number(select.value)]));
  return make("p", { className: "row" }, make("label", { for: id }, "Model"), select);
}

/** Score what is dropped anywhere: a browser would leave the page for it. */
function takeDrops(findBench) {
  const isFile = (event) => event.dataTransfer?.types.includes("Files");
  const light = (isOn) => findBench().zone.classList.toggle("over", isOn);
  addEventListener("dragover", (event) => {
    if (!isFile(event)) return;
    event.preventDefault();
    light(true);
  });
  addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) light(false);
  });
  addEventListener("drop", (event) => {
    if (!isFile(event)) return;
    event.preventDefault();
    light(false);
    const { zone, take } = findBench();
    zone.scrollIntoView({ block: "nearest" });
    take(event.dataTransfer.files[0]);
  });
}

function start() {
  const tried = JSON.parse(document.getElementById("tried").textContent);
  const keyring = makeKeyring();
  const tools = { keyring, ask: makeAsker(keyring) };
  const place = make("div");
  let bench = null;

  function choose(model) {
    bench?.close();
    bench = makeBench(model, tried, tools);
    place.replaceChildren(bench.element);
  }

  const element = document.getElementById("bench");
  element.append(...[makeModelChoice(tried.models, choose), keyring.place, place].filter((each) => each !== null));
  choose(tried.models[0]);
  takeDrops(() => bench);
  element.hidden = false;
}

start();
