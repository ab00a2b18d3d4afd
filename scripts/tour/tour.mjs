/**
 * `npm run tour [file]`: two people talk, the server is killed in the middle, comes back, and history is read out.
 * Ends with 0 only if every line is in history exactly once.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sdkPerson, stockPerson } from './people.mjs';
import { readScript } from './script.mjs';
import { startServer } from './server.mjs';

const ROOM = 'The bridge';
const LINES_WHILE_DEAD = 3;
const DEADLINE_MS = 120_000;

const readHistory = async ({ client, conversationId }) => {
  const rows = [];
  let cursor;
  do {
    const page = await client.api.messages.list.query({
      conversationId,
      direction: 'newer',
      limit: 100,
      ...(cursor ? { cursor } : {}),
    });
    rows.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return rows;
};

const printTable = (rows, people) => {
  const via = new Map(people.map(({ client, via: way }) => [client.user.id, way]));
  const width = Math.max(3, ...rows.map(({ author }) => author.name.length));
  console.log(`\n  seq  ${'who'.padEnd(width)}  ${'through'.padEnd(14)}  text`);
  for (const { seq, author, text } of rows) {
    const shown = text.length > 80 ? `${text.slice(0, 77)}…` : text;
    console.log(
      `  ${String(seq).padStart(3)}  ${author.name.padEnd(width)}  ${(via.get(author.id) ?? '').padEnd(14)}  ${shown}`,
    );
  }
};

/** Whether history is what was said: every message once, numbers without a gap. Prints the account. */
const isAccountedFor = (rows, said) => {
  const times = new Map();
  for (const { id } of rows) times.set(id, (times.get(id) ?? 0) + 1);
  const lost = said.filter((id) => !times.has(id)).length;
  const doubled = [...times.values()].filter((count) => count > 1).length;
  const dense = rows.every(({ seq }, index) => seq === index + 1);
  console.log(
    `\n${said.length} said, ${rows.length} in history, ${lost} lost, ${doubled} doubled, numbers ${dense ? 'without gaps' : 'WITH GAPS'}`,
  );
  return lost === 0 && doubled === 0 && dense && rows.length === said.length;
};

const run = async (file, dataDir) => {
  const { names, lines } = await readScript(file);
  if (lines.length === 0) throw new Error(`${file} holds nothing to say`);
  let server = await startServer(dataDir, 0);
  const { url } = server;
  console.log(`A server runs at ${url}, its data is in ${dataDir}`);
  const people = [await sdkPerson(url, names[0], ROOM), await stockPerson(url, names[1], ROOM)];
  console.log(`${names[0]} (SDK) and ${names[1]} (stock y-websocket provider) are in the room "${ROOM}"`);
  try {
    const said = [];
    const half = Math.ceil(lines.length / 2);
    for (const { speaker, text } of lines.slice(0, half)) {
      const id = people[speaker].say(text);
      said.push(id);
      await people[1 - speaker].sees(id);
    }
    console.log(
      `${half} lines said and seen by the other. Killing the server (pid ${server.pid}) with SIGKILL`,
    );
    await server.end('SIGKILL');
    const meanwhile = lines.slice(half, half + LINES_WHILE_DEAD);
    for (const { speaker, text } of meanwhile) said.push(people[speaker].say(text));
    console.log(`${meanwhile.length} lines said while it was dead. Starting it again`);
    server = await startServer(dataDir, Number(new URL(url).port));
    await Promise.all(said.flatMap((id) => people.map((person) => person.sees(id))));
    for (const { speaker, text } of lines.slice(half + LINES_WHILE_DEAD)) {
      const id = people[speaker].say(text);
      said.push(id);
      await people[1 - speaker].sees(id);
    }
    await people[0].settled(said);
    const rows = await readHistory(people[0]);
    printTable(rows, people);
    return isAccountedFor(rows, said);
  } finally {
    for (const person of people) person.leave();
    await server.end('SIGTERM');
  }
};

const file = process.argv[2] ?? fileURLToPath(new URL('conversation.txt', import.meta.url));
const dataDir = await mkdtemp(join(tmpdir(), 'parley-tour-'));
const deadline = setTimeout(() => {
  console.error('The tour did not come to an end in time.');
  process.exit(1);
}, DEADLINE_MS);
try {
  process.exitCode = (await run(file, dataDir)) ? 0 : 1;
} catch (error) {
  console.error(`The tour failed: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
} finally {
  clearTimeout(deadline);
  await rm(dataDir, { recursive: true, force: true });
}
