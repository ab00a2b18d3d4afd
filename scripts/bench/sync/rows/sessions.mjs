import { setTimeout as pause } from 'node:timers/promises';
import * as Y from 'yjs';
import { Client } from '../load/client.mjs';
import { cpuDuring } from '../load/pace.mjs';
import { message, newWriter } from '../load/pen.mjs';
import { numbers, Room } from '../load/room.mjs';

const text = 'A message of about as many characters as most of what people say.';
/** Sessions whose words come in one update, as a relay would merge them. */
const perUpdate = 50;
/** After so many messages everybody leaves for a moment, as happens in any room at night. */
const perVisit = 500;
const restMs = 150;
/** A server that has just started is slow at first, and the few sessions come first. */
const warmUps = 200;

/** One message by each writer, in one update; resolves when the room's copy has heard it. */
const say = async (room, client, writers) => {
  const updates = writers.map((writer) => room.pen.write(writer, [message(writer.author, text)]));
  const heard = new Promise((resolve) => room.doc.once('update', resolve));
  client.update(updates.length === 1 ? updates[0] : Y.mergeUpdates(updates));
  await heard;
};

/** Everybody leaves. Servers that forget a document nobody looks at keep one who looks. */
const leave = async (room) => {
  if (room.site.kind !== 'parley') return;
  await room.close();
  await pause(restMs);
  await room.prepare();
};

/** Writes so many messages, in turns by so many sessions, each under a client id of its own. */
const fillBy = async (room, sessions, messages) => {
  let client = await room.join();
  const writers = numbers(sessions).map((number) => newWriter(number, client.member.id));
  for (let written = 0; written < messages; written += perUpdate) {
    if (written > 0 && written % perVisit === 0) {
      await leave(room);
      client = await room.join();
    }
    await say(
      room,
      client,
      numbers(perUpdate).map((number) => writers[(written + number) % sessions]),
    );
  }
};

const measure = async (site, sessions, { messages, updates }) => {
  const room = await (await Room.open(site)).prepare();
  await fillBy(room, sessions, messages);
  await leave(room);
  const joiner = new Client(room.seat(0));
  const bytes = await joiner.synced;
  await joiner.close();
  const client = await room.join();
  const writer = newWriter(0, client.member.id);
  for (let number = 0; number < warmUps; number += 1) await say(room, client, [writer]);
  const { serverMs } = await cpuDuring(site.pid, async () => {
    for (let number = 0; number < updates; number += 1) await say(room, client, [writer]);
  });
  await room.assertConverged();
  await room.close();
  return { kilobytes: bytes / 1_000, cpuUs: (serverMs * 1_000) / updates };
};

/** What a document costs that many sessions wrote to, against as many messages by few. */
export const sessionsRow = async (site, { few, many, ...sizes }) => {
  const [byFew, byMany] = [await measure(site, few, sizes), await measure(site, many, sizes)];
  const figures = [few, many].flatMap((count) => {
    const { kilobytes, cpuUs } = count === few ? byFew : byMany;
    const row = `${sizes.messages.toLocaleString('en')} messages by ${count.toLocaleString('en')} sessions`;
    return [
      [`${row}, first answer`, 'KB', kilobytes],
      [`${row}, CPU an update after`, 'µs', cpuUs],
    ];
  });
  const ratio = `${many.toLocaleString('en')} : ${few.toLocaleString('en')} sessions`;
  return [
    ...figures,
    [`${ratio}, first answer`, 'times', byMany.kilobytes / byFew.kilobytes],
    [`${ratio}, CPU an update after`, 'times', byMany.cpuUs / byFew.cpuUs],
  ];
};
