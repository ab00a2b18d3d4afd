// Calls procedures by their routes under /api/v1, found in the document by the names that they have there.
import type { RestClient, RestFault } from './rest.js';

export interface RestDoorCall {
  /** Of the procedure. */
  readonly path: string;
  readonly input: object;
  readonly token?: string;
}

export const callByRest = async (
  rest: RestClient,
  { path, input, token }: RestDoorCall,
): Promise<{ readonly status: number; readonly code: string | null; readonly body: unknown }> => {
  const operationId = path.replaceAll(/\.(\w)/g, (_all, letter: string) => letter.toUpperCase());
  const [template, method] = placeOf(rest, operationId);
  const fields = new Map<string, unknown>(Object.entries(input));
  const target = template.replaceAll(/\{(\w+)\}/g, (_all, name: string) => {
    const value = fields.get(name);
    fields.delete(name);
    return encodeURIComponent(String(value));
  });
  const takesBody = rest.document.paths[template]?.[method]?.requestBody !== undefined;
  const query = takesBody ? '' : `?${queryOf(fields)}`;
  const { status, body } = await rest.call<RestFault | undefined>(method.toUpperCase(), `${target}${query}`, {
    ...(token !== undefined && { token }),
    ...(takesBody && { body: Object.fromEntries(fields) }),
  });
  return { status, code: body?.error?.code ?? null, body };
};

const placeOf = ({ document }: RestClient, wanted: string): [path: string, method: string] => {
  for (const [path, operations] of Object.entries(document.paths))
    for (const [method, { operationId }] of Object.entries(operations))
      if (operationId === wanted) return [path, method];
  throw new Error(`no route is called ${wanted}`);
};

const queryOf = (fields: ReadonlyMap<string, unknown>): string => {
  const query = new URLSearchParams();
  for (const [name, value] of fields)
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined) query.append(name, one instanceof Date ? one.toISOString() : String(one));
    }
  return query.toString();
};
