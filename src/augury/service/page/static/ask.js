// Asking the service: relative to the page, again when it is busy, and with a key where it wants one.

// A busy service says when to ask again; past so many times, or so long a wait, it is the reader who decides.
const MAX_TRIES = 5;
const MAX_WAIT_SECONDS = 30;
const BUSY = new Set([429, 503]);

/** Why there is no answer, in one sentence. */
class ServiceError extends Error {}

/** Where a path of the service is; the page may stand under any prefix that a proxy gives it. */
function findUrl(path) {
  return new URL(path, document.baseURI).href;
}

/** Make what asks for a key and keeps it in memory only: a form, shown while a key is wanted. */
function makeKeyring() {
  let key = null;
  let waiting = null;
  const place = make("div");

  function show(isRefused, settle) {
    const id = makeId();
    const input = make("input", { type: "password", id, autocomplete: "off", required: true });
    const why = isRefused ? "The service does not take this key." : "The service wants a key.";
    const note = make("p", { role: "alert" }, `${why} It is kept until you leave this page, and nowhere else.`);
    const row = make("div", { className: "row" }, input, make("button", { type: "submit" }, "Use this key"));
    const form = make("form", { className: "key" }, note, make("label", { for: id }, "API key"), row);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      place.replaceChildren();
      settle(input.value);
    });
    place.replaceChildren(form);
    input.focus();
  }

  return {
    place,
    get key() {
      return key;
    },
    /** Wait for a key other than the one that was refused; everyone who waits gets the same. */
    async renew(refused) {
      if (key !== refused) return;
      waiting ??= new Promise((resolve) => show(refused !== null, resolve));
      key = await waiting;
      waiting = null;
    },
  };
}

/** Make the function that posts JSON and gives `{ok, said, label}`; it throws what ends in no answer. */
function makeAsker(keyring) {
  async function post(path, body, signal) {
    const headers = { "Content-Type": "application/json" };
    if (keyring.key !== null) headers["X-API-Key"] = keyring.key;
    try {
      return await fetch(findUrl(path), { method: "POST", headers, body, signal, cache: "no-store" });
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw new ServiceError("The service cannot be reached: is it running?", { cause: error });
    }
  }

  return async function ask(path, body, signal) {
    for (let tries = 1; ; ) {
      const key = keyring.key;
      const response = await post(path, body, signal);
      if (response.status === 401) {
        await keyring.renew(key);
        signal?.throwIfAborted();
      } else if (BUSY.has(response.status) && tries < MAX_TRIES) {
        tries += 1;
        const wait = Number(response.headers.get("Retry-After") ?? 1);
        await pause(Math.min(wait >= 0 ? wait : 1, MAX_WAIT_SECONDS) * 1000, signal); // a date is no number
      } else {
        return readResponse(response);
      }
    }
  };
}

/** Read an answer, or the problem in its place; whatever is neither is told by its status. */
async function readResponse(response) {
  const label = response.headers.get("Augury-Model");
  const text = await response.text();
  let said = null;
  try {
    said = JSON.parse(text);
  } catch {
    throw new ServiceError(`Something between this page and the service answered with status ${response.status}.`);
  }
  if (!response.ok && !Array.isArray(said?.faults)) {
    const told = [said?.title, said?.detail].filter((part) => typeof part === "string");
    throw new ServiceError(`${told.join(": ") || "The service refuses the request"} (status ${response.status}).`);
  }
  return { ok: response.ok, said, label };
}
