// What the service answers, shown: the probability and the verdict, what changed it, and the reasons.

// More reasons than these are shown when they are asked for.
const MAX_REASONS = 10;

/** Make the panel of a model's answers; `reset` goes back to the record before, `goTo` to the field of a name. */
function makeAnswerPanel(model, { reset, goTo }) {
  const verdict = make("div", { className: "verdict", role: "status", "aria-live": "polite", "aria-atomic": "true" });
  const scale = makeScale(model);
  const change = makeChangePanel(model, reset);
  const reasons = make("div", { className: "reasons" });
  const details = make("div", { className: "details" }, change.element, reasons);
  change.show(null, null, []);
  const headline = make("div", { className: "headline" }, verdict, scale.element);

  function say(...children) {
    verdict.replaceChildren(...children);
  }

  function clear(className) {
    headline.className = `headline ${className}`;
    scale.hide();
    reasons.replaceChildren();
  }

  return {
    headline,
    details,
    show(answer, before, changes) {
      headline.className = `headline ${answer[model.target] ? "is-true" : "is-false"}`;
      say(...writeVerdict(model, answer));
      scale.move(answer[probabilityKey(model)], before);
      change.show(answer[probabilityKey(model)], before, changes);
      showReasons(reasons, answer, MAX_REASONS);
    },
    refuse(faults, more, before, changes) {
      clear("is-refused");
      const told = `the record has ${showCount(faults.length + more, "fault")}`;
      say(make("strong", {}, "Refused"), " ", make("span", {}, told));
      change.show(null, before, changes);
      reasons.replaceChildren(make("h3", {}, "Why"), ...faults.map((fault) => writeFault(fault, goTo)));
    },
    fail(sentence) {
      clear("is-refused");
      say(make("strong", {}, "No answer"), " ", make("span", {}, sentence));
    },
  };
}

/** A fault, with a button that leads to its field: on a telephone, or among hundreds, that is far away. */
function writeFault({ field, detail }, goTo) {
  const told = make("p", { className: "message" }, detail, " ");
  if (field) {
    const button = make("button", { type: "button", className: "plain" }, "Go to ", makeName(field));
    button.addEventListener("click", () => goTo(field));
    told.append(button);
  }
  return told;
}

function probabilityKey(model) {
  return `${model.target}_probability`;
}

function writeVerdict(model, answer) {
  const probability = answer[probabilityKey(model)];
  const isTrue = answer[model.target];
  const side = isTrue ? "at least" : "below";
  const shown = showProbability(probability, model.threshold);
  const words = make(
    "span",
    { className: "words" },
    make("b", {}, `${model.target}: ${isTrue}`),
    make("small", {}, `the probability is ${side} the threshold, ${model.threshold}`),
  );
  return [make("strong", { className: "probability", title: String(probability) }, shown), " ", words];
}

/** The way from 0 to 1: how far the probability is, where the verdict turns, and where the record began. */
function makeScale(model) {
  const fill = make("span", { className: "fill" });
  const before = make("span", { className: "before" });
  const turn = make("span", { className: "turn" });
  turn.style.left = `${model.threshold * 100}%`;
  const element = make("div", { className: "scale empty", "aria-hidden": "true" }, fill, before, turn);
  return {
    element,
    hide() {
      element.classList.add("empty");
    },
    move(probability, original) {
      element.classList.remove("empty");
      fill.style.width = `${probability * 100}%`;
      before.hidden = original === null;
      before.style.left = `${(original ?? 0) * 100}%`;
    },
  };
}

/** What was changed against the record that the form began with, and what came of it. */
function makeChangePanel(model, reset) {
  const effect = make("p", { className: "effect" });
  const list = make("ul", { className: "changes" });
  const button = make("button", { type: "button" }, "Back to the record before");
  button.addEventListener("click", reset);
  const heading = make("h3", {}, "What if");
  const hint = make("p", { className: "hint" }, "Change a field to see what it would do to this record.");
  const element = make("section", { className: "what-if" }, heading, hint, effect, list, button);
  return {
    element,
    show(after, before, changes) {
      const isChanged = changes.length > 0;
      hint.hidden = isChanged;
      effect.hidden = list.hidden = button.hidden = !isChanged;
      effect.replaceChildren(...(isChanged ? writeEffect(model, before, after) : []));
      list.replaceChildren(...changes.map(writeChange));
    },
  };
}

function writeEffect(model, before, after) {
  const show = (found, otherwise) => (found === null ? otherwise : showProbability(found, model.threshold));
  // Whoever changes a field before the first answer is there has no number to compare with.
  const [from, to] = [show(before, "not known"), show(after, "no answer")];
  const parts = ["Probability ", make("b", {}, from), " → ", make("b", {}, to)];
  if (before !== null && after !== null) parts.push(` (${showSigned(after - before)})`);
  return parts;
}

function writeChange({ name, from, to }) {
  return make("li", {}, makeName(name), ": ", makeName(showValue(from)), " → ", makeName(showValue(to)));
}

// --- reasons

function showReasons(place, answer, count) {
  const reasons = Object.entries(answer.contributions ?? {});
  reasons.sort(([, one], [, other]) => Math.abs(other) - Math.abs(one));
  const base = answer.base ?? 0;
  const margin = reasons.reduce((sum, [, value]) => sum + value, base);
  const heading = make("h3", {}, "Why");
  const sum = `A baseline of ${showSigned(base)} and what each field adds make ${showSigned(margin)}, in log-odds.`;
  const children = [heading, make("p", { className: "hint" }, sum), makeReasonTable(reasons.slice(0, count))];
  if (reasons.length > count) children.push(makeMoreButton(place, answer, reasons.length));
  place.replaceChildren(...children);
}

function makeMoreButton(place, answer, count) {
  const button = make("button", { type: "button", className: "plain" }, `Show all ${count}`);
  button.addEventListener("click", () => {
    showReasons(place, answer, Infinity);
    place.querySelector(".wide").focus();
  });
  return button;
}

function makeReasonTable(reasons) {
  const largest = Math.abs(reasons[0]?.[1] ?? 0);
  const rows = reasons.map(([name, value]) => [makeName(name), showSigned(value), makeBar(value, largest)]);
  const table = makeTable("What each field adds to the log-odds, the weightiest first", ["field", "adds", ""], rows);
  table.classList.add("bars");
  return table;
}

/** A signed value as a bar from the middle; the number stands beside it, so that nobody needs to see it. */
function makeBar(value, largest) {
  const length = largest === 0 ? 0 : (Math.abs(value) / largest) * 50;
  const bar = make("span", { className: value < 0 ? "minus" : "plus" });
  bar.style.left = `${value < 0 ? 50 - length : 50}%`;
  bar.style.width = `${length}%`;
  return make("span", { className: "bar", "aria-hidden": "true" }, bar);
}
