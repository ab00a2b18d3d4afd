import { onlineInputSchema, onlineSchema } from '@parley/shared';
import { z } from 'zod';
import { route } from '../route.js';
import { personBody, toPerson } from './people.js';

const { cursor, limit } = onlineInputSchema.unwrap().shape;

export const presenceRoutes = [
  route({
    id: 'listOnlineUsers',
    method: 'GET',
    paths: ['/api/online-users/'],
    tag: 'Users',
    summary: 'Who is here, without oneself; whoever came last comes first',
    procedure: 'presence.online',
    input: z.object({ cursor, limit }),
    response: z.array(personBody.extend({ status: onlineSchema.shape.status, last_seen: z.date() })),
    run: async ({ api }, { input }) => {
      const { items, nextCursor } = await api.presence.online(input);
      // They are here, as the answer is made.
      const last_seen = new Date();
      return {
        body: items.map(({ person, status }) => ({ ...toPerson(person), status, last_seen })),
        next: nextCursor,
      };
    },
  }),
];
