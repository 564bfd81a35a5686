// CSV as RFC 4180 has it, piece by piece, and strict as Augury's own reader (augury.tables.csv_file): a quote opens a
// cell only where the cell begins, nothing but a delimiter follows the closing one, and blank lines are no rows.

const DELIMITERS = [",", ";", "\t"];
// So many rows settle which delimiter it is, and so many characters hold them.
const SAMPLE_ROWS = 21;
const SAMPLE_LENGTH = 1 << 18;
const QUOTE = 34;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** Why a file cannot be scored, in one sentence. */
class TableError extends Error {}

/** Make a reader of one file: `push` takes the next piece of its text, `end` ends it; both give `{line, cells}`. */
function makeCsvReader(delimiter) {
  const separator = delimiter.charCodeAt(0);
  let rows = [];
  let cells = [];
  let cell = "";
  let state = "row"; // row: a row begins here; cell: a cell does; plain, quoted; quote: one was met within quotes
  let line = 1;
  let begins = 1;
  let afterReturn = false;

  function endCell() {
    cells.push(cell);
    cell = "";
    state = "cell";
  }

  function endRow() {
    if (state !== "row") {
      endCell();
      rows.push({ line: begins, cells });
      cells = [];
      state = "row";
    }
    begins = line;
  }

  function refuse(why) {
    throw new TableError(`The record that begins on line ${begins} cannot be read: ${why}`);
  }

  /** Count a line end; a line feed right after a carriage return is the same one. True where it is a second half. */
  function countLine(code) {
    const isSecond = code === LINE_FEED && afterReturn;
    if (!isSecond) line += 1;
    afterReturn = code === CARRIAGE_RETURN;
    return isSecond;
  }

  function pushQuoted(text, from) {
    const at = text.indexOf('"', from);
    const end = at < 0 ? text.length : at;
    for (let index = from; index < end; index += 1) {
      const code = text.charCodeAt(index);
      if (code === LINE_FEED || code === CARRIAGE_RETURN) countLine(code);
      else afterReturn = false;
    }
    cell += text.slice(from, end);
    if (at >= 0) {
      state = "quote";
      afterReturn = false;
    }
    return end + 1;
  }

  /** Take the character at an index, and a plain cell up to its end; the index that comes next. */
  function pushOne(text, index) {
    const code = text.charCodeAt(index);
    if (code === LINE_FEED || code === CARRIAGE_RETURN) {
      if (countLine(code)) begins = line;
      else endRow();
    } else if (code === separator) {
      endCell();
    } else if (state === "quote") {
      if (code !== QUOTE) refuse(`a closing quote is followed by something else than ${JSON.stringify(delimiter)}`);
      cell += '"';
      state = "quoted";
    } else if (code === QUOTE && state !== "plain") {
      state = "quoted";
    } else {
      return pushPlain(text, index);
    }
    if (code !== CARRIAGE_RETURN) afterReturn = false;
    return index + 1;
  }

  function pushPlain(text, from) {
    let index = from + 1;
    for (; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      if (code === separator || code === LINE_FEED || code === CARRIAGE_RETURN) break;
    }
    cell += text.slice(from, index);
    state = "plain";
    afterReturn = false;
    return index;
  }

  function takeRows() {
    const taken = rows;
    rows = [];
    return taken;
  }

  return {
    push(text) {
      for (let index = 0; index < text.length; ) {
        index = state === "quoted" ? pushQuoted(text, index) : pushOne(text, index);
      }
      return takeRows();
    },
    end() {
      if (state === "quoted") refuse("its last quote is never closed");
      endRow();
      return takeRows();
    },
  };
}

/** How many cells the first rows of a text have under a delimiter; none where it cannot be read so. */
function findWidths(text, isCut, delimiter) {
  const reader = makeCsvReader(delimiter);
  try {
    const rows = reader.push(text);
    if (!isCut) rows.push(...reader.end());
    return rows.slice(0, SAMPLE_ROWS).map((row) => row.cells.length);
  } catch (error) {
    if (error instanceof TableError) return [];
    throw error;
  }
}

/** The delimiter that cuts the header into columns, and the first rows into as many cells. */
function guessDelimiter(text, isCut) {
  const found = DELIMITERS.map((delimiter) => ({ delimiter, widths: findWidths(text, isCut, delimiter) }));
  const cutting = found.filter(({ widths }) => widths[0] > 1);
  const agreeing = cutting.filter(({ widths }) => new Set(widths).size === 1);
  if (agreeing.length > 1) {
    throw new TableError("More than one of comma, semicolon and tab would separate the cells: quote what holds one.");
  }
  // Where none agrees, the reading itself names the line at which the likeliest one fails.
  cutting.sort((one, other) => other.widths[0] - one.widths[0]);
  return (agreeing[0] ?? cutting[0])?.delimiter ?? ",";
}

/** A row as a line of CSV: cells are quoted where they must be. */
function writeCsvRow(cells, delimiter) {
  const written = cells.map((cell) =>
    /["\r\n]/.test(cell) || cell.includes(delimiter) ? `"${cell.replaceAll('"', '""')}"` : cell,
  );
  // A row of one empty cell would be a blank line, which is no row.
  return `${written.length === 1 && written[0] === "" ? '""' : written.join(delimiter)}\r\n`;
}

/** The pieces of a file as text in UTF-8, without its byte order mark. */
async function* readText(file) {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const reader = file.stream().getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      yield checkText(decoder.decode(part.value, { stream: true }));
    }
    yield checkText(decoder.decode());
  } catch (error) {
    if (error instanceof TypeError) throw new TableError("The file is not text in UTF-8: save it as CSV in UTF-8.");
    if (error instanceof DOMException) throw new TableError("The file cannot be read: it may have changed meanwhile.");
    throw error;
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function checkText(text) {
  if (text.includes("\0")) throw new TableError("The file is not text: save the table as CSV in UTF-8.");
  return text;
}

/** The rows of a file, each of as many cells as the header, which is the first of them. */
async function* readRows(file, delimiter) {
  const reader = makeCsvReader(delimiter);
  let width = null;
  for await (const piece of readText(file)) yield* check(reader.push(piece));
  yield* check(reader.end());

  function* check(rows) {
    for (const row of rows) {
      width ??= row.cells.length;
      if (row.cells.length !== width) {
        const found = showCount(row.cells.length, "cell");
        throw new TableError(`Line ${row.line} has ${found} where the header has ${width}: nothing was scored.`);
      }
      yield row.cells;
    }
  }
}

async function findDelimiter(file) {
  let text = "";
  for await (const piece of readText(file)) {
    text += piece;
    if (text.length >= SAMPLE_LENGTH) break;
  }
  return guessDelimiter(text, text.length >= SAMPLE_LENGTH);
}
