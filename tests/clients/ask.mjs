/**
 * Asks the questions of a folder with Node's own fetch: `node ask.mjs URL FOLDER WAY TIMES`.
 *
 * The ways are `plain`, one after the other with all defaults; `streamed`, where no body has a length; and `at-once`,
 * all of them together.
 */
import { createReadStream } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { Readable } from "node:stream";

const [url, folder, way, times] = process.argv.slice(2);

function makeBody(file) {
  return way === "streamed"
    ? { body: Readable.toWeb(createReadStream(file)), duplex: "half" }
    : readFile(file).then((body) => ({ body }));
}

async function ask(question, time) {
  const [name, method, target, type] = question.split("\t");
  const headers = { "X-Request-Id": name, ...(method === "POST" && { "Content-Type": type }) };
  const body = method === "POST" ? await makeBody(`${folder}/${name}.question`) : {};
  const response = await fetch(url + target, { method, headers, ...body });
  const file = `${name}.${time}.answer`;
  await writeFile(`${folder}/${file}`, Buffer.from(await response.arrayBuffer()));
  console.log(`${name}\t${response.status}\t-\t${file}`);
}

const questions = (await readFile(`${folder}/questions.tsv`, "utf8")).trimEnd().split("\n");
const rounds = Array.from({ length: Number(times) }, (_, time) => questions.map((question) => [question, time])).flat();
if (way === "at-once") await Promise.all(rounds.map((each) => ask(...each)));
else for (const each of rounds) await ask(...each);
