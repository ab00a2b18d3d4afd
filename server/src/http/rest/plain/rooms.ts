import { limits, roomsListInputSchema } from '@parley/shared';
import { z } from 'zod';
import { noFields, route } from '../route.js';
import { doneBody } from './done.js';
import { personBody, toPerson } from './people.js';
import { notedIn, textOf } from './say.js';

const roomBody = z.object({
  id: z.string(),
  name: z.string(),
  /** Their usernames. */
  participants: z.array(z.string()),
  /** The oldest of them first. */
  messages: z.array(z.object({ sender: personBody, content: z.string(), timestamp: z.date() })),
});

const params = {
  room_name: z
    .string()
    .max(limits.roomNameCharacters.value)
    .regex(/^[^\p{Cc}\p{Cf}\p{Cs}]*$/u, 'must not hold control characters')
    .regex(/\S/u, 'must not be empty'),
};
const names = { name: 'room_name' };

const { search, cursor, limit } = roomsListInputSchema.unwrap().shape;

export const roomRoutes = [
  route({
    id: 'listRooms',
    method: 'GET',
    paths: ['/api/rooms/'],
    tag: 'Rooms',
    summary:
      'Public rooms, and private ones that one is in, the newest activity first, each with its newest messages',
    procedure: 'rooms.list',
    input: z.object({ search, cursor, limit }),
    response: z.array(roomBody),
    run: async ({ api, services }, { input }) => {
      const { items, nextCursor } = await api.rooms.list({
        ...input,
        ...{ recent: limits.recentMessages.value, withPrivate: true },
      });
      const people = await notedIn(
        services,
        items.flatMap(({ recent }) => recent),
      );
      const body = items.map(({ id, name, participants, recent }) => ({
        ...{ id, name },
        participants: participants.flatMap(({ username }) => username ?? []),
        messages: recent.map((message) => ({
          sender: toPerson(message.author),
          content: textOf(message, people),
          timestamp: message.receivedAt,
        })),
      }));
      return { body, next: nextCursor };
    },
  }),
  route({
    id: 'joinRoom',
    method: 'POST',
    paths: ['/api/room/{room_name}/'],
    tag: 'Rooms',
    summary: 'Come into the room of that name, which is made where there is none',
    procedure: 'rooms.joinOrCreate',
    params,
    input: noFields,
    names,
    statuses: [201, 200],
    response: z.object({ room: z.object({ id: z.string(), name: z.string() }), created: z.boolean() }),
    errors: ['FORBIDDEN', 'CONFLICT'],
    run: async ({ api }, { params: { room_name: name } }) => {
      const { room, created } = await api.rooms.joinOrCreate({ name, announces: false });
      return { status: created ? 201 : 200, body: { room, created } };
    },
  }),
  route({
    id: 'leaveRoom',
    method: 'POST',
    paths: ['/api/room/{room_name}/leave/'],
    tag: 'Rooms',
    summary: 'Go out of the room of that name',
    procedure: 'rooms.leave',
    params,
    input: noFields,
    names,
    response: doneBody,
    errors: ['CONFLICT'],
    run: async ({ services, me }, { params: { room_name: name } }) => {
      await services.leaveRoom((await me()).userId, name);
      return { body: { message: 'You are not in the room.' } };
    },
  }),
];
