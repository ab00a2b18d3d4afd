// Owns the OpenAPI document, made from the table of routes.
import { type ErrorCode, errorCatalogue } from '@parley/shared';
import type { JsonSchema } from './json-schema.js';
import { type FileRow, isId, namesIn, type RestRoute } from './route.js';

/** https://spec.openapis.org/oas/v3.1.1 */
export interface OpenApiDocument {
  readonly openapi: '3.1.1';
  readonly info: Readonly<Record<string, unknown>>;
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components: {
    readonly securitySchemes: Readonly<Record<string, unknown>>;
    readonly schemas: Readonly<Record<string, JsonSchema>>;
  };
}

/** What is served beside the table: bytes and streams, told of by hand. */
export interface BesideTable {
  readonly tag: string;
  readonly paths: OpenApiDocument['paths'];
  readonly schemas: Readonly<Record<string, JsonSchema>>;
}

export const describeRoutes = (
  routes: readonly RestRoute[],
  beside: readonly BesideTable[],
): OpenApiDocument => {
  const paths: Record<string, Record<string, unknown>> = {};
  const schemas: Record<string, JsonSchema> = { Error: errorSchema };
  for (const route of routes) {
    Object.assign(schemas, route.response?.$defs);
    route.paths.forEach((path, index) => {
      const operations = paths[path] ?? {};
      paths[path] = operations;
      operations[route.method.toLowerCase()] = operationOf(route, index);
    });
  }
  for (const more of beside) {
    Object.assign(paths, more.paths);
    Object.assign(schemas, more.schemas);
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Parley',
      version: '1',
      description: ABOUT,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    tags: [...new Set([...routes, ...beside].map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: { accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      schemas,
    },
  };
};

const ABOUT = `Everything that Parley's procedures do, as JSON over HTTP. Routes directly under \`/api\` are plain and few, with names in
snake_case; those under \`/api/v1\` are all there is, with the names that procedures have. Sign in with \`POST /api/v1/auth/login\`, and send the access
token as \`Authorization: Bearer …\`. The slash at the end of a path may be left out.`;

const operationOf = (route: RestRoute, index: number): unknown => {
  const { id, tag, summary, procedure, signedIn } = route;
  return {
    operationId: index === 0 ? id : `${id}${index + 1}`,
    tags: [tag],
    summary,
    description: `As the procedure \`${procedure}\`.`,
    // The same by another name.
    ...(index > 0 && { deprecated: true }),
    security: signedIn ? [{ accessToken: [] }] : [],
    parameters: [...pathParameters(route), ...(route.from === 'query' ? queryParameters(route.input) : [])],
    ...(route.from === 'body' && hasFields(route) && { requestBody: requestBody(route) }),
    responses: { ...successes(route), ...failures(errorsOf(route)) },
  };
};

const pathParameters = ({ paths, params }: RestRoute): unknown[] =>
  namesIn(paths[0] ?? '').map((name) => ({
    name,
    in: 'path',
    required: true,
    schema: params[name] ?? paramSchema(name),
  }));

const paramSchema = (name: string): JsonSchema =>
  isId(name) ? { type: 'string', minLength: 1, maxLength: 64 } : { type: 'string', minLength: 1 };

const queryParameters = ({ properties = {}, required = [] }: JsonSchema): unknown[] =>
  Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));

const hasFields = ({ input, file }: RestRoute): boolean =>
  file !== null || Object.keys(input.properties ?? {}).length > 0 || input.anyOf !== undefined;

const requestBody = ({ input, inputRequired, takesForms, file }: RestRoute): unknown => ({
  required: inputRequired,
  content: {
    'application/json': { schema: input },
    ...(takesForms && { 'application/x-www-form-urlencoded': { schema: input } }),
    ...(file !== null && { 'multipart/form-data': { schema: { anyOf: [withFile(file), input] } } }),
  },
});

const withFile = ({ input, field }: FileRow): JsonSchema => ({
  ...input,
  properties: {
    ...input.properties,
    [field]: { type: 'string', contentMediaType: 'application/octet-stream' },
  },
  required: [...(input.required ?? []), field],
});

const successes = ({ statuses, response, links }: RestRoute): Readonly<Record<string, unknown>> => {
  const { $defs: _, ...schema } = response ?? {};
  const described = {
    description: 'Done.',
    ...(response !== null && { content: { 'application/json': { schema } } }),
    ...(schema.type === 'array' && {
      headers: { Link: { description: 'Where the list goes on.', schema: { type: 'string' } } },
    }),
    links: Object.fromEntries(
      Object.entries(links).map(([operationId, parameters]) => [operationId, { operationId, parameters }]),
    ),
  };
  return Object.fromEntries(statuses.map((status) => [status, described]));
};

/** The answers of errors, by their statuses. */
export const failures = (errors: readonly ErrorCode[]): Readonly<Record<string, unknown>> => {
  const byStatus = new Map<number, Set<ErrorCode>>();
  for (const code of errors) {
    const { http } = errorCatalogue[code];
    byStatus.set(http, (byStatus.get(http) ?? new Set()).add(code));
  }
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status,
      {
        description: [...codes].map((code) => `\`${code}\`: ${errorCatalogue[code].message}`).join(' '),
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
        ...(status === 401 && {
          headers: { 'WWW-Authenticate': { description: 'How to sign in.', schema: { type: 'string' } } },
        }),
        ...(status === 429 && {
          headers: { 'Retry-After': { description: 'Seconds.', schema: { type: 'integer' } } },
        }),
      },
    ]),
  );
};

/** Of whatever only answers who is signed in. */
export const signInErrors: readonly ErrorCode[] = [
  'NOT_SIGNED_IN',
  'TOKEN_INVALID',
  'TOKEN_EXPIRED',
  'SESSION_ENDED',
];

/** Its own, and what any request may end in. */
const errorsOf = (route: RestRoute): ErrorCode[] => [
  'INVALID_INPUT',
  ...(route.signedIn ? signInErrors : []),
  ...(namesIn(route.paths[0] ?? '').length > 0 ? (['NOT_FOUND'] as const) : []),
  ...route.errors,
  ...(route.method === 'GET' ? [] : (['TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'] as const)),
  'TOO_MANY_REQUESTS',
  'UNAVAILABLE',
];

const text: JsonSchema = { type: 'string' };
const errorSchema: JsonSchema = {
  type: 'object',
  description: 'What was wrong. The messages of each field also stand beside `error`, by its name.',
  required: ['error', 'detail', 'requestId'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message'],
      properties: {
        code: { type: 'string', enum: Object.keys(errorCatalogue) },
        message: text,
        fields: { type: 'object', additionalProperties: { type: 'array', items: text } },
      },
    },
    detail: text,
    requestId: text,
  },
};
