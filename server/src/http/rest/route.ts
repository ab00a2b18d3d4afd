// Owns what a route of the REST surface is: one row of its table, of which its handler, its part of the OpenAPI document and the
// reading of requests are made. Does not own any of the routes (plain/, v1/).
import type { ErrorCode } from '@parley/shared';
import { z } from 'zod';
import type { AppRouter } from '../../app-router.js';
import { type Actor, type Caller, toInvalidInput } from '../../trpc/index.js';
import { type FieldNames, inOwnNames } from './field-names.js';
import { inputSchema, type JsonSchema, outputSchema } from './json-schema.js';
import type { ProcedureName } from './procedures.js';
import type { SentFile } from './sent-file.js';
import type { RestServices } from './services.js';

/** All procedures, to be called as whoever makes the request. */
export type Api = ReturnType<AppRouter['createCaller']>;

/** A request, as the row that answers it sees it. */
export interface RestCall {
  readonly api: Api;
  /** Any of them by its name; rejects as it does. */
  readonly call: (procedure: ProcedureName, input: unknown) => Promise<unknown>;
  readonly services: RestServices;
  readonly caller: Caller;
  /** Who calls. Rejects for whoever is not signed in. */
  me(): Promise<Actor>;
}

export interface Answer<Body = unknown> {
  /** One of the row's; its first where absent. */
  readonly status?: number;
  readonly body: Body;
  /** Of a list: where it goes on; told in a `Link` header. */
  readonly next?: string | null;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A request's parts, read from text by the row's schema and not judged yet. */
export interface RawInput {
  readonly params: Readonly<Record<string, string>>;
  /** Of the query, or of the body. */
  readonly fields: unknown;
  readonly file: SentFile | null;
}

/** What a row says of the file that a form may bring. */
export interface FileRow {
  /** The field it comes in. */
  readonly field: string;
  /** The other fields, where it comes. */
  readonly input: JsonSchema;
  /** Rejects where the caller may not bring one there: before any of it is read. */
  allow(call: RestCall, params: Readonly<Record<string, string>>): Promise<void>;
}

/** A row of the table. */
export interface RestRoute {
  /** Unique: generated clients name their functions by it. */
  readonly id: string;
  readonly method: Method;
  /** As the document shows them, the first before its aliases. Served with and without the slash at the end. */
  readonly paths: readonly string[];
  /** What is to be said of parameters of the path beyond their names. */
  readonly params: Readonly<Record<string, JsonSchema>>;
  readonly tag: string;
  readonly summary: string;
  /** Of the procedure it stands for, where there is one that does most of it. */
  readonly procedure: ProcedureName;
  readonly signedIn: boolean;
  /** Where its fields come from. */
  readonly from: 'query' | 'body';
  /** Of an object of fields. */
  readonly input: JsonSchema;
  /** Of the fields, those that are there without being given are none of them. */
  readonly inputRequired: boolean;
  /** Takes its body as a form, too. */
  readonly takesForms: boolean;
  /** Takes forms with a file, too. */
  readonly file: FileRow | null;
  readonly statuses: readonly number[];
  /** Null where the answer has no body. */
  readonly response: JsonSchema | null;
  /** What it may end in beside what every route may. */
  readonly errors: readonly ErrorCode[];
  /** Where to go on from its answer: by the id of another row, its parameters as expressions of OpenAPI. */
  readonly links: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Rejects where the caller may not, whatever the fields are: they are not looked at before. */
  allow(call: RestCall, params: Readonly<Record<string, string>>): Promise<void>;
  /** Rejects with what the procedures reject with, and with AppErrors. */
  run(call: RestCall, input: RawInput): Promise<Answer>;
}

type ParamOf<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParamOf<Rest>
  : never;

type ParamsOf<Path extends string> = Readonly<Record<ParamOf<Path>, string>>;

interface Definition<Path extends string, Input extends z.ZodType, Response extends z.ZodType> {
  readonly id: string;
  readonly method: Method;
  readonly paths: readonly [Path, ...Path[]];
  readonly tag: string;
  readonly summary: string;
  readonly procedure: ProcedureName;
  /** Absent: yes. */
  readonly signedIn?: boolean;
  /** Absent: from the query for GET, else from the body. */
  readonly from?: 'query' | 'body';
  /** Rules of parameters of the path, beside that ids are possible ones. */
  readonly params?: Readonly<Partial<Record<ParamOf<Path>, z.ZodType<string>>>>;
  readonly input: Input;
  /** What its fields are called where procedures call them something else than the same in camelCase. */
  readonly names?: FieldNames;
  readonly file?: {
    readonly field: string;
    readonly input: z.ZodType<z.output<Input>>;
    allow(call: RestCall, params: ParamsOf<Path>): Promise<void>;
  };
  /** Absent: 200. */
  readonly statuses?: readonly [number, ...number[]];
  readonly response: Response;
  readonly errors?: readonly ErrorCode[];
  readonly links?: RestRoute['links'];
  /** See `RestRoute`; absent: nothing is known before. */
  allow?(call: RestCall, params: ParamsOf<Path>): Promise<void>;
  run(
    call: RestCall,
    given: {
      readonly params: ParamsOf<Path>;
      readonly input: z.output<Input>;
      readonly file: SentFile | null;
    },
  ): Promise<Answer<z.input<Response>>>;
}

/** For rows that take no fields. */
export const noFields = z.object({});

/** A row with schemas of its own. What it answers is cut to its response schema: nothing else leaves. */
export const route = <Path extends string, Input extends z.ZodType, Response extends z.ZodType>(
  definition: Definition<Path, Input, Response>,
): RestRoute => {
  const { id, method, paths, tag, summary, procedure, input, response, file } = definition;
  const ruled: Readonly<Record<string, z.ZodType<string>>> = { ...definition.params };
  const params = z.object(ruled);
  type Allow = (call: RestCall, given: ParamsOf<Path>) => Promise<void>;
  const allowing =
    (allow: Allow): RestRoute['allow'] =>
    (call, given) =>
      inOwnNames(definition.names, () => allow(call, named(paths[0], given)));
  return {
    ...{ id, method, paths, tag, summary, procedure },
    params: Object.fromEntries(Object.entries(ruled).map(([name, schema]) => [name, inputSchema(schema)])),
    signedIn: definition.signedIn ?? true,
    from: definition.from ?? (method === 'GET' ? 'query' : 'body'),
    input: inputSchema(input),
    inputRequired: !input.safeParse({}).success,
    takesForms: true,
    file:
      file === undefined
        ? null
        : { field: file.field, input: inputSchema(file.input), allow: allowing(file.allow) },
    statuses: definition.statuses ?? [200],
    response: outputSchema(response),
    errors: definition.errors ?? [],
    links: definition.links ?? {},
    allow: allowing(definition.allow ?? (async () => undefined)),
    run: (call, raw) =>
      inOwnNames(definition.names, async () => {
        judge(params, raw.params);
        const answer = await definition.run(call, {
          params: named(paths[0], raw.params),
          input:
            file === undefined || raw.file === null
              ? judge(input, raw.fields)
              : judge(file.input, raw.fields),
          file: raw.file,
        });
        return { ...answer, body: response.parse(answer.body) };
      }),
  };
};

const judge = <Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> => {
  const judged = schema.safeParse(value);
  if (!judged.success) throw toInvalidInput(judged.error);
  return judged.data;
};

/** The names in a path, in its order. */
export const namesIn = (path: string): string[] =>
  [...path.matchAll(/\{(\w+)\}/g)].flatMap(([, name = '']) => name);

/** What the router matched has all the names of the path. */
const named = <Path extends string>(path: Path, params: Readonly<Record<string, string>>) =>
  Object.fromEntries(namesIn(path).map((name) => [name, params[name] ?? ''])) as Record<
    ParamOf<Path>,
    string
  >;

/** Whether a parameter of a path is an id: what is no id of ours is nobody's. */
export const isId = (name: string): boolean => /id$/i.test(name);
