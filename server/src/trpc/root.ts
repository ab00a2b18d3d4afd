import { AppError } from '@parley/shared';
import { initTRPC } from '@trpc/server';
import superjson from 'superjson';
import type { Context } from './context.js';
import { errorData, toAppError, toTrpcError } from './error-bridge.js';

/** A stream that is silent for so long is dead: proxies and clients hear at least this often. */
const PING_MS = 15_000;
const SILENCE_MS = 40_000;

const trpc = initTRPC.context<Context>().create({
  transformer: superjson,
  // Stacks are for the log, whatever NODE_ENV says.
  isDev: false,
  sse: {
    ping: { enabled: true, intervalMs: PING_MS },
    client: { reconnectAfterInactivityMs: SILENCE_MS },
  },
  errorFormatter: ({ shape, error, ctx, path }) => {
    const appError = toAppError(error);
    const place = { requestId: ctx?.requestId ?? null, path: path ?? null };
    return { ...shape, message: appError.message, data: errorData(appError, place) };
  },
});

/** Gives every failure the status of its row; anything unexpected becomes INTERNAL here, so that no message leaks. */
const bridged = trpc.procedure.use(async ({ ctx, type, next }) => {
  if (ctx.line.takes === 'subscriptions' && type !== 'subscription')
    throw toTrpcError(new AppError('METHOD_NOT_ALLOWED'));
  const result = await next();
  if (!result.ok) throw toTrpcError(toAppError(result.error));
  return result;
});

export const router = trpc.router;

/** For anybody. */
export const publicProcedure = bridged;

/** For whoever has a session that still stands; `ctx.caller` says where from, `ctx.me` who. */
export const signedInProcedure = bridged.use(async ({ ctx, next }) =>
  next({ ctx: { me: await ctx.actor() } }),
);

/** For admins of the whole server. */
export const adminProcedure = signedInProcedure.use(({ ctx, next }) => {
  if (ctx.me.role !== 'admin') throw new AppError('FORBIDDEN');
  return next();
});
