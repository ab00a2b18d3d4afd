// Owns who may read the server's metrics. Does not own what they are (metrics/).
import { createHash, timingSafeEqual } from 'node:crypto';
import { AppError, type ErrorCode } from '@parley/shared';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { sendError } from './errors.js';

export interface MetricsOptions {
  /** Whoever brings it may read them, from anywhere; undefined: only this machine may. */
  readonly metricsToken: string | undefined;
  scrape(): Promise<{ readonly contentType: string; readonly text: string }>;
}

/** `/metrics`, in Prometheus' text format. */
export const mountMetrics = (app: FastifyInstance, { metricsToken, scrape }: MetricsOptions): void => {
  app.get('/metrics', async (request, reply) => {
    const refused = metricsToken === undefined ? whyNotHere(request) : whyNotWith(request, metricsToken);
    if (refused !== null) {
      await sendError(request, reply, new AppError(refused));
      return reply;
    }
    const { contentType, text } = await scrape();
    return reply.header('cache-control', 'no-store').type(contentType).send(text);
  });
};

/** What proxies add: a request with one of these comes from further away than its socket says. */
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];

const whyNotHere = ({ socket, headers }: FastifyRequest): ErrorCode | null => {
  const address = socket.remoteAddress?.replace(/^::ffff:/, '') ?? '';
  const isLocal = address === '::1' || address.startsWith('127.');
  return isLocal && FORWARDED.every((name) => headers[name] === undefined) ? null : 'FORBIDDEN';
};

const whyNotWith = ({ headers }: FastifyRequest, token: string): ErrorCode | null => {
  const given = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  if (given === undefined) return 'NOT_SIGNED_IN';
  // As hashes: of one length, whatever was given.
  return timingSafeEqual(digest(given), digest(token)) ? null : 'TOKEN_INVALID';
};

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
