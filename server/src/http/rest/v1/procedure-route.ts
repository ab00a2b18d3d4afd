// Owns making a route of a procedure: the same input, gathered from path and query or body, and the same output.
import { AppError, doneSchema, type ErrorCode } from '@parley/shared';
import type { AppRouter } from '../../../app-router.js';
import { inputSchema, type JsonSchema, outputSchema } from '../json-schema.js';
import { formOf, type ProcedureName } from '../procedures.js';
import { type Method, namesIn, type RestRoute } from '../route.js';

/** A row: what is not said follows from the procedure. */
export interface ProcedureRow extends More {
  readonly method: Method;
  /** After `/api/v1`; parameters have the names of the procedure's fields. */
  readonly path: string;
  readonly procedure: ProcedureName;
  readonly summary: string;
}

interface More {
  /** For anybody; absent: only for whoever is signed in. */
  readonly open?: true;
  /** Absent: 204 where there is nothing to tell, else 200. */
  readonly status?: number;
  /** Absent: from the query for GET and DELETE, else from the body. */
  readonly from?: 'query' | 'body';
  /** Beside those that follow from the form of the row. */
  readonly errors?: readonly ErrorCode[];
  /** Where to go on with the id of what it answers: the parameter of that name, of other procedures. */
  readonly next?: { readonly param: string; readonly procedures: readonly ProcedureName[] };
}

export const row = (
  method: Method,
  path: string,
  procedure: ProcedureName,
  summary: string,
  more: More = {},
): ProcedureRow => ({ ...{ method, path, procedure, summary }, ...more });

export const procedureRoute = (router: AppRouter, row: ProcedureRow): RestRoute => {
  const { method, procedure, summary } = row;
  const form = formOf(router, procedure);
  const path = `/api/v1${row.path}`;
  const hasAnswer = form.output !== doneSchema;
  const whole = inputSchema(form.input);
  const params = namesIn(path);
  const input = withoutParams(whole, params);
  return {
    ...{ method, procedure, summary, input },
    id: operationId(procedure),
    paths: [path],
    tag: procedure.split('.', 1)[0] ?? procedure,
    signedIn: row.open !== true,
    params: paramsOf(whole, params),
    from: row.from ?? (method === 'GET' || method === 'DELETE' ? 'query' : 'body'),
    inputRequired: (input.required ?? []).length > 0 || (input.anyOf ?? input.oneOf) !== undefined,
    takesForms: false,
    file: null,
    statuses: [row.status ?? (hasAnswer ? 200 : 204)],
    response: hasAnswer ? outputSchema(form.output) : null,
    errors: row.errors ?? [],
    links: linksOf(row),
    allow: async () => undefined,
    run: async ({ call }, { params, fields }) => ({
      body: await call(procedure, { ...known(input, fields), ...params }),
    }),
  };
};

const linksOf = ({ next }: ProcedureRow): RestRoute['links'] =>
  Object.fromEntries(
    (next?.procedures ?? []).map((name) => [
      operationId(name),
      { [next?.param ?? '']: '$response.body#/id' },
    ]),
  );

/** `groups.links.create` is `groupsLinksCreate` in generated clients. */
const operationId = (procedure: string): string =>
  procedure.replaceAll(/\.(\w)/g, (_all, letter: string) => letter.toUpperCase());

const paramsOf = ({ properties = {} }: JsonSchema, params: readonly string[]): RestRoute['params'] =>
  Object.fromEntries(
    params.flatMap((name) => {
      const schema = properties[name];
      return typeof schema === 'object' ? [[name, schema]] : [];
    }),
  );

const withoutParams = (schema: JsonSchema, params: readonly string[]): JsonSchema => ({
  ...schema,
  properties: Object.fromEntries(
    Object.entries(schema.properties ?? {}).filter(([name]) => !params.includes(name)),
  ),
  required: (schema.required ?? []).filter((name) => !params.includes(name)),
});

/** Procedures refuse what they do not know; over REST it is ignored. */
const known = ({ properties = {} }: JsonSchema, fields: unknown): Record<string, unknown> => {
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
    throw new AppError('INVALID_INPUT', { details: { fields: { input: ['must be an object'] } } });
  }
  return Object.fromEntries(Object.entries(fields).filter(([name]) => Object.hasOwn(properties, name)));
};
