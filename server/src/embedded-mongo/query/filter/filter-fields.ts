import { type BsonObject, isObject } from '../../bson/values.js';

const CLAUSES = new Set(['$and', '$or', '$nor']);

/** The fields of a document that a filter, known to be well-formed, looks at; undefined where that may be any. */
export function filterFields(filter: BsonObject): ReadonlySet<string> | undefined {
  const names = new Set<string>();
  return addFields(filter, names) ? names : undefined;
}

/** False for a filter that may look at any field. */
function addFields(filter: BsonObject, names: Set<string>): boolean {
  return Object.keys(filter).every((field) => {
    if (!field.startsWith('$')) {
      names.add(field.split('.', 1)[0] ?? field);
      return true;
    }
    if (field === '$comment') return true;
    const clauses = filter[field];
    if (!CLAUSES.has(field) || !Array.isArray(clauses)) return false;
    return clauses.every((clause) => isObject(clause) && addFields(clause, names));
  });
}
