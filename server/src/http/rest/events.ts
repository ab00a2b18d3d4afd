// Owns the stream of events over server-sent events, for clients that know no tRPC. Does not own what is told (features/events/).
import { PassThrough } from 'node:stream';
import { eventSchema, eventsInputSchema } from '@parley/shared';
import { callTRPCProcedure, isTrackedEnvelope } from '@trpc/server';
import type { FastifyInstance, RouteHandlerMethod } from 'fastify';
import { z } from 'zod';
import { type Line, toAppError, toInvalidInput } from '../../trpc/index.js';
import { drained } from '../socket-line.js';
import { eventNames } from './components.js';
import { outputSchema } from './json-schema.js';
import { contextOf, type RestOptions } from './mount.js';
import { type BesideTable, failures, signInErrors } from './openapi.js';

const PATH = '/api/v1/events';
const TAG = 'events';
/** Proxies and clients hear at least this often that the stream is there. */
const STILL_MS = 15_000;
/** How long a client may take to read how it ended. */
const FAREWELL_MS = 5_000;

export const mountEvents = (app: FastifyInstance, options: RestOptions): void => {
  const answer: RouteHandlerMethod = async (request, reply) => {
    const context = contextOf(request, options);
    await context.actor();
    const header = request.headers['last-event-id'];
    const asked = z.object(eventsInputSchema.unwrap().shape).safeParse({
      ...z.record(z.string(), z.unknown()).parse(request.query),
      // A client that comes back says the newer one so, at the address that it began at.
      ...(header !== undefined && { lastEventId: header }),
    });
    if (!asked.success) throw toInvalidInput(asked.error);
    void reply
      .headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
      .type('text/event-stream; charset=utf-8');
    if (request.method === 'HEAD') return await reply.send();
    const left = new AbortController();
    const stream = new PassThrough();
    stream.once('close', () => left.abort());
    const events = await callTRPCProcedure({
      ...{ router: options.router, path: 'events.stream', type: 'subscription' },
      ctx: { ...context, line: lineOf(stream) },
      getRawInput: async () => asked.data,
      signal: left.signal,
      batchIndex: 0,
    });
    const told: AsyncIterator<unknown> = events[Symbol.asyncIterator]();
    // What keeps it from beginning is told as of every other request.
    const first = await told.next();
    void tell(stream, told, first);
    return await reply.send(stream);
  };
  app.route({ method: ['GET', 'HEAD'], url: PATH, handler: answer });
};

/** Whoever does not read is waited for, and for no longer than their session lasts. */
const lineOf = (stream: PassThrough): Line => ({
  takes: 'all',
  drained: (ended) =>
    drained(
      {
        get bufferedAmount() {
          return stream.writableLength;
        },
      },
      ended,
    ),
  hangUp: () => false,
  over: () => undefined,
});

/** Writes each as it comes; how it ended is the last that is said. Never rejects. */
const tell = async (
  stream: PassThrough,
  events: AsyncIterator<unknown>,
  first: IteratorResult<unknown>,
): Promise<void> => {
  const still = setInterval(() => {
    if (!stream.writableNeedDrain) stream.write(': still here\n\n');
  }, STILL_MS);
  try {
    for (let item = first; item.done !== true; item = await events.next()) {
      if (!isTrackedEnvelope(item.value)) continue;
      const [id, event] = item.value;
      stream.write(`id: ${id}\ndata: ${JSON.stringify(event)}\n\n`);
    }
  } catch (error) {
    const { code, message } = toAppError(error);
    if (stream.writable)
      stream.write(`event: error\ndata: ${JSON.stringify({ error: { code, message } })}\n\n`);
  } finally {
    clearInterval(still);
    stream.end();
    // Whoever does not read would never take the rest.
    setTimeout(() => stream.destroy(), FAREWELL_MS).unref();
  }
};

export const aboutEvents = (): BesideTable => {
  const { $defs, ...event } = outputSchema(eventSchema);
  const mapping = Object.fromEntries(
    [...eventNames].map(([type, name]) => [type, `#/components/schemas/${name}`]),
  );
  return {
    tag: TAG,
    paths: {
      [PATH]: {
        get: {
          operationId: 'eventsStream',
          tags: [TAG],
          summary: 'Everything that happens and concerns one, as it happens',
          description:
            'Server-sent events: `data` is an event, `id` goes on after it as `Last-Event-ID`. An `event: error` that names a code comes last.',
          security: [{ accessToken: [] }],
          parameters: [
            {
              name: 'lastEventId',
              in: 'query',
              description:
                'Of the last event that was heard. The header `Last-Event-ID` says the same, and counts where both are given.',
              schema: { type: 'string', pattern: '^[0-9]{1,15}$' },
            },
          ],
          responses: {
            200: {
              description: 'Until either side ends it.',
              content: { 'text/event-stream': { schema: { $ref: '#/components/schemas/Event' } } },
            },
            ...failures(['INVALID_INPUT', ...signInErrors, 'TOO_MANY_REQUESTS', 'UNAVAILABLE']),
          },
        },
      },
    },
    schemas: { ...$defs, Event: { ...event, discriminator: { propertyName: 'type', mapping } } },
  };
};
