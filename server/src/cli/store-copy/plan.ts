import type { mongo } from 'mongoose';
import { SERVER_DATABASES } from '../arguments.js';
import { CommandError } from '../problems.js';
import { type Content, readContent } from './content.js';
import { expires, type Index, nameOf, readIndexes } from './indexes.js';
import { MARKER_NAME, Marker } from './marker.js';
import type { Target } from './target.js';

/** One collection of the store, to be copied to the same name. */
export interface PlannedCollection {
  readonly database: string;
  readonly name: string;
  /** `database.name` */
  readonly namespace: string;
  readonly source: mongo.Collection;
  readonly target: mongo.Collection;
  readonly indexes: readonly Index[];
  readonly documents: number;
}

/** What is to be done. Nothing in the target was touched to find it out. */
export interface Plan {
  readonly collections: readonly PlannedCollection[];
  readonly marker: Marker;
  /** What is in the target already, by namespace: read through and found equal, though no note says how it came there. */
  readonly complete: ReadonlyMap<string, Content>;
  /** Databases of the store that have the names of a server's own, and stay behind. */
  readonly skipped: readonly string[];
}

interface PlanOptions {
  readonly source: mongo.MongoClient;
  readonly target: Target;
  readonly storeId: string;
  /** Empty: all. */
  readonly databases: readonly string[];
}

/** Compares the store with what the target holds already. Throws `CommandError` with everything that stands in the way. */
export const planCopy = async (options: PlanOptions): Promise<Plan> => {
  const { target, storeId } = options;
  const { names, skipped } = await listDatabases(options);
  const collections = await listCollections(options, names);
  const [first] = collections;
  if (first === undefined)
    throw new CommandError('The store holds no collections; there is nothing to copy.');
  assertNamedDatabase(target, collections);
  const marker = await Marker.read(target, first.database, storeId);
  const objections = marker.namespaces
    .filter((namespace) => !collections.some((collection) => collection.namespace === namespace))
    .map(
      (namespace) =>
        `${namespace} is in the unfinished copy but would not be copied now. Choose the same databases as before; if the store has lost it, drop it in the target, and its note in ${first.database}.${MARKER_NAME}.`,
    );
  const complete = new Map<string, Content>();
  for (const collection of collections) {
    const verdict = await judge(collection, target, marker);
    if (verdict.kind === 'complete') complete.set(collection.namespace, verdict.content);
    else if (verdict.kind === 'objection') objections.push(`${collection.namespace} ${verdict.text}`);
  }
  if (objections.length > 0) {
    throw new CommandError(['Nothing was written to the target.', ...objections].join('\n  '));
  }
  return { collections, marker, complete, skipped };
};

const listDatabases = async ({ source, databases }: PlanOptions) => {
  const { databases: rows } = await source.db('admin').admin().listDatabases({ nameOnly: true });
  const present = rows.map(({ name }) => name).sort();
  const names = present.filter((name) => !SERVER_DATABASES.has(name));
  const unknown = databases.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new CommandError(`The store has no database ${unknown}; it has: ${names.join(', ') || 'none'}.`);
  }
  return {
    names: databases.length === 0 ? names : names.filter((name) => databases.includes(name)),
    skipped: present.filter((name) => SERVER_DATABASES.has(name)),
  };
};

const listCollections = async (
  { source, target }: PlanOptions,
  databases: readonly string[],
): Promise<PlannedCollection[]> => {
  const collections: PlannedCollection[] = [];
  for (const database of databases) {
    const listed = await source.db(database).listCollections({}, { nameOnly: true }).toArray();
    for (const name of listed.map((row) => row.name).sort()) {
      const collection = source.db(database).collection(name);
      collections.push({
        database,
        name,
        namespace: `${database}.${name}`,
        source: collection,
        target: target.db(database).collection(name),
        indexes: await readIndexes(collection),
        documents: await collection.estimatedDocumentCount(),
      });
    }
  }
  if (collections.some(({ name }) => name === MARKER_NAME)) {
    throw new CommandError(`This store is itself the target of an unfinished copy (${MARKER_NAME}).`);
  }
  return collections;
};

/** Databases keep their names, so one in the address is either among them or a misunderstanding. */
const assertNamedDatabase = ({ namedDatabase }: Target, collections: readonly PlannedCollection[]): void => {
  const names = [...new Set(collections.map(({ database }) => database))];
  if (namedDatabase === undefined || names.includes(namedDatabase)) return;
  throw new CommandError(
    `The address names the database ${namedDatabase}, but databases keep their names (${names.join(', ')}). Leave it out; where users are kept in it, say ?authSource=${namedDatabase}.`,
  );
};

type Verdict =
  | { readonly kind: 'open' }
  | { readonly kind: 'complete'; readonly content: Content }
  | { readonly kind: 'objection'; readonly text: string };

const OPEN: Verdict = { kind: 'open' };
const objection = (text: string): Verdict => ({ kind: 'objection', text });

/** Whether a collection can be copied to what the target has under its name. */
const judge = async (collection: PlannedCollection, target: Target, marker: Marker): Promise<Verdict> => {
  const { name, namespace, documents } = collection;
  const [found] = await target.db(collection.database).listCollections({ name }).toArray();
  if (found === undefined) return OPEN;
  if (found.type !== undefined && found.type !== 'collection') {
    return objection(`is a ${found.type} in the target. Drop or rename it.`);
  }
  const progress = marker.find(namespace);
  if (progress?.verified) return OPEN;
  if (progress === undefined) {
    const held = await collection.target.estimatedDocumentCount();
    if (held > 0) {
      const content = held === documents ? await sameContent(collection) : null;
      return content === null
        ? objection(
            `holds ${held} documents, and no note of an unfinished copy that brought them. Empty it, or copy elsewhere.`,
          )
        : { kind: 'complete', content };
    }
  }
  const expiring = (await readIndexes(collection.target)).find(expires);
  if (expiring === undefined) return OPEN;
  return objection(
    `has the index ${nameOf(expiring)}, by which documents would vanish during the copy. Drop it; the copy makes its own at the end.`,
  );
};

const sameContent = async ({ source, target }: PlannedCollection): Promise<Content | null> => {
  const content = await readContent(source);
  return content.sha256 === (await readContent(target)).sha256 ? content : null;
};
