// Owns answering requests by the table of routes: who calls, reading what they send, and the form of answers. Does not own what
// any route does (plain/, v1/), nor how errors are told (http/errors.ts).
import formBody from '@fastify/formbody';
import { AppError, opaqueIdSchema } from '@parley/shared';
import { callTRPCProcedure } from '@trpc/server';
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify';
import { z } from 'zod';
import { type Context, createContext, toAppError } from '../../trpc/index.js';
import { lingerOver } from '../arriving.js';
import { readText } from '../text-body.js';
import type { TrpcMountOptions } from '../trpc-mount.js';
import { decode, type Source } from './decode.js';
import { createFileForms, type FileForms, type FileFormsOptions, isFileForm } from './file-forms.js';
import { formOf } from './procedures.js';
import { type Answer, type FileRow, isId, type Method, type RestCall, type RestRoute } from './route.js';
import type { RestServices } from './services.js';

export interface RestOptions extends TrpcMountOptions {
  readonly services: RestServices;
  readonly forms: FileFormsOptions;
}

const FORM = 'application/x-www-form-urlencoded';
/** What some client or other may ask for. */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'QUERY'];

/** Serves the routes, and refuses other methods on their paths, so that no path with a name in its place answers instead. */
export const mountRoutes = async (
  app: FastifyInstance,
  routes: readonly RestRoute[],
  options: RestOptions,
): Promise<void> => {
  const forms = await createFileForms(options.forms);
  await app.register(async (scope) => {
    readBodies(scope);
    await scope.register(formBody);
    const methods = new Map<string, Method[]>();
    for (const route of routes)
      for (const path of route.paths) {
        const url = toPattern(path);
        methods.set(url, [...(methods.get(url) ?? []), route.method]);
        mountRoute(scope, { route, url, forms }, options);
      }
    for (const [url, allowed] of methods) mountRefusal(scope, url, allowed);
  });
};

/** `{name}` is `:name` to the router, which knows no slash at the end. */
const toPattern = (path: string): string =>
  path.replace(/\/$/, '').replaceAll(/\{(\w+)\}/g, (_all, name: string) => `:${name}`);

/** JSON, and nothing at all where a client only says that it would be JSON. */
const readBodies = (scope: FastifyInstance): void => {
  const parseJson = scope.getDefaultJsonParser('remove', 'remove');
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const text = readText(body);
    if (text === '') done(null, undefined);
    else void parseJson(request, text, done);
  });
  // Read by the route itself, once it is known that it may come.
  scope.addContentTypeParser('multipart/form-data', (request, _body, done) => {
    done(isFileForm(request) ? null : new AppError('UNSUPPORTED_MEDIA_TYPE'));
  });
};

const mountRefusal = (scope: FastifyInstance, url: string, allowed: readonly Method[]): void => {
  const known = allowed.includes('GET') ? [...allowed, 'HEAD'] : allowed;
  scope.route({
    method: METHODS.filter((method) => !known.some((one) => one === method)),
    url,
    // Before anything of the body is read.
    onRequest: async (_request, reply) => {
      void reply.header('allow', known.join(', '));
      throw new AppError('METHOD_NOT_ALLOWED');
    },
    handler: async () => {},
  });
};

const mountRoute = (
  scope: FastifyInstance,
  { route, url, forms }: { readonly route: RestRoute; readonly url: string; readonly forms: FileForms },
  options: RestOptions,
): void => {
  const contexts = new WeakMap<FastifyRequest, Context>();
  const { method } = route;
  const handler: RouteHandlerMethod = async (request, reply) => {
    const context = contexts.get(request) ?? contextOf(request, options);
    const answer = await answerTo(route, { request, context, forms }, options).catch(hearing(request));
    return await give(reply, route, answer, request.url);
  };
  scope.route({
    method: method === 'GET' ? ['GET', 'HEAD'] : method,
    url,
    config: { takesFile: route.file !== null },
    // Before anything of the body is read.
    onRequest: async (request) => {
      // Nothing at all is of no type, whatever a client takes it for.
      if (isEmpty(request)) delete request.headers['content-type'];
      const context = contextOf(request, options);
      contexts.set(request, context);
      if (!route.signedIn) return;
      await context.actor().catch(hearing(request));
    },
    handler,
  });
};

const isEmpty = ({ headers }: FastifyRequest): boolean =>
  headers['content-length'] === '0' && headers['transfer-encoding'] === undefined;

/** Throws the error once more, and lets whoever still sends a file hear of it. */
const hearing =
  (request: FastifyRequest) =>
  (error: unknown): never => {
    if (isFileForm(request)) lingerOver(request.raw);
    throw error;
  };

/** What a procedure is called with for a request. */
export const contextOf = (request: FastifyRequest, { log, streams, verify }: RestOptions): Context =>
  createContext({
    requestId: request.id,
    ...{ log, streams, verify },
    caller: { address: request.ip, userAgent: request.headers['user-agent'] ?? null },
    authorization: request.headers.authorization,
  });

const answerTo = async (
  route: RestRoute,
  {
    request,
    context,
    forms,
  }: { readonly request: FastifyRequest; readonly context: Context; readonly forms: FileForms },
  { router, services }: RestOptions,
): Promise<Answer> => {
  const params = paramsOf(request);
  const call = callOf(context, { router, services });
  try {
    await route.allow(call, params);
    if (route.file !== null && isFileForm(request))
      return await answerToForm(route, route.file, { request, call, params, forms });
    return await route.run(call, { params, fields: readFields(route, request), file: null });
  } catch (error) {
    throw isAboutIds(error, params) ? new AppError('NOT_FOUND') : error;
  }
};

/** What is no id of the right form is nobody's, as any other that nobody has. What a service finds wrong with one is told. */
const isAboutIds = (error: unknown, params: Readonly<Record<string, string>>): boolean => {
  if (!isOfReading(error)) return false;
  const wrong = Object.keys(toAppError(error).details.fields ?? {});
  return wrong.length > 0 && wrong.every((name) => isId(name) && Object.hasOwn(params, name));
};

const isOfReading = (error: unknown): boolean =>
  error instanceof z.ZodError || (error instanceof Error && isOfReading(error.cause));

interface FormCall {
  readonly request: FastifyRequest;
  readonly call: RestCall;
  readonly params: Readonly<Record<string, string>>;
  readonly forms: FileForms;
}

const answerToForm = async (
  route: RestRoute,
  { field, input, allow }: FileRow,
  { request, call, params, forms }: FormCall,
): Promise<Answer> => {
  const { userId } = await call.me();
  await allow(call, params);
  return await forms.read(request, { field, userId }, ({ fields, file }) => {
    const schema = file === null ? route.input : input;
    return route.run(call, { params, fields: decode(schema, fields, 'text'), file });
  });
};

const callOf = (
  context: Context,
  { router, services }: Pick<RestOptions, 'router' | 'services'>,
): RestCall => ({
  api: router.createCaller(context),
  call: async (path, input) => {
    const { type } = formOf(router, path);
    return await callTRPCProcedure({
      ...{ router, path, type, ctx: context },
      getRawInput: async () => input,
      signal: undefined,
      batchIndex: 0,
    });
  },
  services,
  caller: context.caller,
  me: context.actor,
});

const paramsOf = (request: FastifyRequest): Readonly<Record<string, string>> => {
  const params: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.params ?? {})) {
    if (isId(name) && !opaqueIdSchema.safeParse(value).success) throw new AppError('NOT_FOUND');
    params[name] = String(value);
  }
  return params;
};

const readFields = (route: RestRoute, request: FastifyRequest): unknown => {
  const isForm = request.headers['content-type']?.toLowerCase().startsWith(FORM) === true;
  if (isForm && !route.takesForms) throw new AppError('UNSUPPORTED_MEDIA_TYPE');
  const source: Source = route.from === 'query' || isForm ? 'text' : 'json';
  // Nothing at all stands for no fields.
  const { query, body = {} } = request;
  const sent: unknown = route.from === 'query' ? query : body;
  return decode(route.input, sent, source);
};

const give = async (
  reply: FastifyReply,
  route: RestRoute,
  answer: Answer,
  url: string,
): Promise<FastifyReply> => {
  void reply.code(answer.status ?? route.statuses[0] ?? 200).header('cache-control', 'no-store');
  if (typeof answer.next === 'string') void reply.header('link', linkTo(url, answer.next));
  if (route.response === null) return await reply.send();
  return await reply.type('application/json; charset=utf-8').send(JSON.stringify(answer.body));
};

/** The same list, from there on. */
const linkTo = (url: string, cursor: string): string => {
  // What comes after another question mark is the query's own.
  const [path = '', ...query] = url.split('?');
  const params = new URLSearchParams(query.join('?'));
  params.delete('page');
  params.set('cursor', cursor);
  return `<${path}?${params.toString()}>; rel="next"`;
};
