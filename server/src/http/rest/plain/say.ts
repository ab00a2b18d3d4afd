// Owns how messages are told by the plain API.
import type { Message, Person } from '@parley/shared';
import { z } from 'zod';
import type { RestServices } from '../services.js';
import { personBody, toPerson } from './people.js';

const fileBody = z.object({ id: z.string(), name: z.string(), size: z.number().int(), type: z.string() });

export const messageBody = z.object({
  id: z.string(),
  sender: personBody,
  /** Of what the server says itself: a sentence. */
  message: z.string(),
  file: fileBody.nullable(),
  timestamp: z.date(),
  seq: z.number().int(),
  edited_at: z.date().nullable(),
  deleted_at: z.date().nullable(),
  reply_to: z.string().nullable(),
});

type People = ReadonlyMap<string, Person>;

/** In the same order; names come in one query. */
export const toBodies = async (
  services: Pick<RestServices, 'people'>,
  messages: readonly Message[],
): Promise<z.input<typeof messageBody>[]> => {
  const people = await notedIn(services, messages);
  return messages.map((message) => {
    const { id, author, files, seq, receivedAt, editedAt, deletedAt, replyTo } = message;
    const [file = null] = files;
    return {
      ...{ id, sender: toPerson(author), message: textOf(message, people), file, seq },
      ...{ timestamp: receivedAt, edited_at: editedAt, deleted_at: deletedAt, reply_to: replyTo },
    };
  });
};

/** Those of whom the server says something. */
export const notedIn = async (
  { people }: Pick<RestServices, 'people'>,
  messages: readonly Message[],
): Promise<People> => {
  const ids = messages.flatMap(({ system }) => (system !== null && 'users' in system ? system.users : []));
  return ids.length === 0 ? new Map() : await people(ids);
};

/** What somebody said, or what happened, in a sentence. */
export const textOf = ({ text, system, author }: Message, people: People): string => {
  if (system === null) return text;
  const by = nameOf(author);
  switch (system.type) {
    case 'renamed':
      return `${by} changed the name to “${system.name}”.`;
    case 'topic':
      return system.topic === ''
        ? `${by} removed the topic.`
        : `${by} changed the topic to “${system.topic}”.`;
    case 'left':
      return `${namesOf(system.users, people)} left.`;
    case 'removed':
      return `${by} removed ${namesOf(system.users, people)}.`;
    case 'joined': {
      const isOwn = system.users.length === 1 && system.users[0] === author.id;
      return isOwn ? `${by} joined.` : `${by} added ${namesOf(system.users, people)}.`;
    }
  }
};

const nameOf = ({ username, name }: Person): string => username ?? name;

const namesOf = (ids: readonly string[], people: People): string =>
  ids
    .map((id) => people.get(id))
    .map((person) => (person === undefined ? 'somebody' : nameOf(person)))
    .join(', ');
