import { buildIndexes, createCollection } from './build-indexes.js';
import { type Content, readContent } from './content.js';
import { copyDocuments } from './copy-documents.js';
import { expires, readIndexes } from './indexes.js';
import type { Marker } from './marker.js';
import type { PlannedCollection } from './plan.js';
import type { ProgressLine } from './progress-line.js';
import type { Target } from './target.js';

/** How the copy of one collection ended. */
export type Outcome =
  | {
      readonly namespace: string;
      readonly agrees: true;
      readonly content: Content;
      readonly indexes: number;
    }
  | { readonly namespace: string; readonly agrees: false; readonly problem: string };

interface Tools {
  readonly target: Target;
  readonly marker: Marker;
  readonly progress: ProgressLine;
}

/**
 * Brings one collection over: documents, then the indexes by which nothing expires, then all of it is read back and compared.
 * A collection that does not agree is an outcome, so that the others are still looked at.
 */
export const copyCollection = async (collection: PlannedCollection, tools: Tools): Promise<Outcome> => {
  const { namespace, indexes } = collection;
  const { target, marker, progress } = tools;
  await createCollection(collection, target);
  const thinning = await isThinning(collection, marker);
  progress.start(`Copying ${namespace}`, collection.documents);
  const content = await copyDocuments(collection, { target, marker, thinning, onDocument: progress.reach });
  if (content === null) return failure(namespace, 'the store has changed since this copy was begun.');
  progress.start(`Building the indexes of ${namespace}`);
  const lasting = indexes.filter((index) => !expires(index));
  await buildIndexes(collection, lasting, target);
  if (!thinning || !marker.find(namespace)?.verified) {
    progress.start(`Reading back ${namespace}`, content.documents);
    const held = await readContent(collection.target, progress.reach);
    if (held.sha256 !== content.sha256) return failure(namespace, differenceOf(content, held));
    await marker.set(namespace, { ...content, verified: true });
  }
  return { namespace, agrees: true, content, indexes: indexes.length };
};

/**
 * Whether an earlier run has compared this collection and then made the index by which its documents expire: some of them may
 * be gone by now, and rightly so. Every other collection is compared in every run.
 */
const isThinning = async ({ namespace, target }: PlannedCollection, marker: Marker): Promise<boolean> =>
  marker.find(namespace)?.verified === true && (await readIndexes(target)).some(expires);

const failure = (namespace: string, reason: string): Outcome => ({
  namespace,
  agrees: false,
  problem: `${reason} Drop ${namespace} in the target and run the same command again.`,
});

const differenceOf = (wanted: Content, held: Content): string =>
  wanted.documents === held.documents
    ? `both sides have ${held.documents} documents, but not the same.`
    : `the store has ${wanted.documents} documents, the target ${held.documents}.`;
