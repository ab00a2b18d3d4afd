// A client of the REST surface that holds every answer against the served OpenAPI document: a status or a body that is not in it fails.
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'chai';

interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly deprecated?: boolean;
  readonly security: readonly unknown[];
  readonly requestBody?: unknown;
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
}

interface Schema {
  readonly oneOf?: readonly unknown[];
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly discriminator?: { readonly mapping: Readonly<Record<string, string>> };
}

/** What of the document tests look at. */
export interface RestDocument {
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** What an error says, beside the messages of its fields, which stand there by their names. */
export interface RestFault {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly fields?: Readonly<Record<string, readonly string[]>>;
  };
  readonly detail: string;
  readonly requestId: string;
}

export interface RestAnswer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

export interface RestRequest {
  readonly token?: string;
  /** Goes as JSON; forms go as they are, and so does text, whose type `headers` tell. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface RestClient {
  readonly document: RestDocument;
  /** Fails where the answer is none that the document knows. Its body has the type the caller says: the document vouches for it. */
  call<Body>(method: string, path: string, request?: RestRequest): Promise<RestAnswer<Body>>;
  /** The same, for what is to be refused: its status and code, and the fields that are wrong. */
  refusal(method: string, path: string, request?: RestRequest): Promise<[number, string, ...string[]]>;
}

export const createRestClient = async ({ url }: { readonly url: string }): Promise<RestClient> => {
  const document: RestDocument = JSON.parse(await (await fetch(`${url}/api/openapi.json`)).text());
  const judge = createJudge(document);
  const call = async <Body>(method: string, path: string, request: RestRequest = {}) => {
    const response = await fetch(`${url}${path}`, initOf(method, request));
    const text = await response.text();
    const body: Body = text === '' ? undefined : JSON.parse(text);
    const { status, headers } = response;
    if (method !== 'HEAD') judge({ method, path, status, body });
    return { status, headers, body };
  };
  return {
    document,
    call,
    refusal: async (method, path, request) => {
      const { status, body } = await call<RestFault>(method, path, request);
      expect(status, JSON.stringify(body)).to.be.at.least(400);
      return [status, body.error.code, ...Object.keys(body.error.fields ?? {})];
    },
  };
};

const initOf = (method: string, { token, body, headers = {} }: RestRequest): RequestInit => {
  const sent = new Headers(headers);
  if (token !== undefined) sent.set('authorization', `Bearer ${token}`);
  const isForm = body instanceof URLSearchParams || body instanceof FormData;
  if (body === undefined || isForm || typeof body === 'string') {
    return { method, headers: sent, ...(body !== undefined && { body }) };
  }
  if (!sent.has('content-type')) sent.set('content-type', 'application/json');
  return { method, headers: sent, body: JSON.stringify(body) };
};

interface Answered {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly body: unknown;
}

const createJudge = (document: RestDocument): ((answered: Answered) => void) => {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema({ $id: 'document', ...document });
  const known = new Map<string, ValidateFunction>();
  const schemaAt = (...steps: readonly string[]): ValidateFunction => {
    const pointer = steps
      .map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1')))
      .join('/');
    const validate = known.get(pointer) ?? ajv.compile({ $ref: `document#/${pointer}` });
    known.set(pointer, validate);
    return validate;
  };
  const mustFit = (validate: ValidateFunction, { method, path, status, body }: Answered): void => {
    const fits = validate(body);
    const told = `${method} ${path} ${status}: ${ajv.errorsText(validate.errors)} in ${JSON.stringify(body)}`;
    expect(fits, told).to.equal(true);
  };
  return (answered) => {
    const { method, path, status, body } = answered;
    const template = templateOf(document, path);
    const operation = template === null ? undefined : document.paths[template]?.[method.toLowerCase()];
    if (template === null || operation === undefined) {
      expect(status, `${method} ${path} is not in the document`).to.be.oneOf([404, 405]);
      mustFit(schemaAt('components', 'schemas', 'Error'), answered);
      return;
    }
    const response = operation.responses[status];
    expect(response, `${method} ${path} answers ${status}, which is not in the document`).not.to.equal(
      undefined,
    );
    if (response?.content === undefined) {
      expect(body, `${method} ${path} ${status} has no body`).to.equal(undefined);
      return;
    }
    const place = ['paths', template, method.toLowerCase(), 'responses', String(status)];
    mustFit(schemaAt(...place, 'content', 'application/json', 'schema'), answered);
  };
};

/** The path of the document that a request goes to: the one with the most literal steps. */
const templateOf = ({ paths }: RestDocument, path: string): string | null => {
  const steps = stepsOf(path.split('?', 1)[0] ?? path);
  const fitting = Object.keys(paths).filter((template) => {
    const those = stepsOf(template);
    return (
      those.length === steps.length && those.every((one, at) => one.startsWith('{') || one === steps[at])
    );
  });
  const params = (template: string): number => template.split('{').length;
  return fitting.sort((a, b) => params(a) - params(b))[0] ?? null;
};

const stepsOf = (path: string): string[] => path.split('/').filter((step) => step !== '');
