import type { Document } from 'mongodb';
import type { Difference } from '../operation.js';
import type { WitnessName } from '../servers.js';
import { type Written, writtenIn } from '../written.js';
import { type AcceptedDifference, commandText } from './kind.js';

/** A write and what each side made of it. */
export class Sides {
  readonly command: Document;
  readonly text: string;
  readonly storeCodes: readonly number[];
  readonly otherCodes: readonly number[];

  constructor(
    readonly store: Written,
    readonly other: Written,
    readonly difference: Difference,
  ) {
    this.command = difference.operation.command;
    this.text = commandText(difference.operation);
    this.storeCodes = codesOf(store);
    this.otherCodes = codesOf(other);
  }

  isBy(name: WitnessName): boolean {
    return this.difference.witness === name;
  }

  /** Both refuse the one statement and change nothing, or the same. */
  get refuseOtherwise(): boolean {
    return this.storeCodes.length === 1 && this.otherCodes.length === 1 && this.sameDocuments;
  }

  get sameDocuments(): boolean {
    return this.store.documents.join() === this.other.documents.join();
  }

  get sameReply(): boolean {
    return JSON.stringify(this.store.reply) === JSON.stringify(this.other.reply);
  }

  /** The store inserted a document where it found none. */
  get upserts(): boolean {
    const { upserted = [], lastErrorObject } = this.store.reply;
    return upserted.length > 0 || lastErrorObject?.upserted !== undefined;
  }

  /** Those that are there and those that are to be made. */
  get indexes(): readonly Document[] {
    const { indexes = [] } = this.difference.operation;
    return [...indexes, ...(this.command.indexes ?? [])];
  }

  /** The statements of an update or of findAndModify. */
  get statements(): readonly Document[] {
    return this.command.updates ?? [{ ...this.command, q: this.command.query, u: this.command.update }];
  }

  /** Whether an update uses an operator, and its operands are such. */
  uses(operator: string, test: (operands: Document) => boolean = () => true): boolean {
    return this.statements.some(({ u }) => u?.[operator] !== undefined && test(u[operator]));
  }

  /** What the witness made of it, once a known fault is put right, is what the store did. */
  agreeWith(repair: Repair): boolean {
    const documents = this.other.documents.map(repair.document ?? same).sort();
    const [reply, wanted] = [this.other.reply, this.store.reply].map(repair.reply ?? same);
    return (
      JSON.stringify(reply) === JSON.stringify(wanted) &&
      documents.join() ===
        this.store.documents
          .map(repair.document ?? same)
          .sort()
          .join()
    );
  }
}

/** Applied to both sides; what is right already must stay as it is. */
interface Repair {
  readonly reply?: (reply: Document) => Document;
  readonly document?: (text: string) => string;
}

const same = <T>(value: T): T => value;

const codesOf = ({ reply }: Written): number[] =>
  (reply.errors ?? (reply.code === undefined ? [] : [reply])).map(({ code }: Document) => code);

/** A difference in what came of a write. */
export function write(name: string, why: string, covers: (sides: Sides) => boolean): AcceptedDifference {
  return {
    name,
    why,
    covers: (difference) => {
      const store = writtenIn(difference.store);
      const other = writtenIn(difference.other);
      return store !== undefined && other !== undefined && covers(new Sides(store, other, difference));
    },
  };
}

/** A reply with something put right in each refusal. */
export const changedErrors = (reply: Document, change: (error: Document) => Document): Document => ({
  ...reply,
  ...(reply.errors ? { errors: reply.errors.map(change) } : change(reply)),
});

/** How many paths the operators of an update name. */
export const pathsIn = (update: unknown): number =>
  Object.values(Object(update)).reduce(
    (sum: number, operands) => sum + Object.keys(Object(operands)).length,
    0,
  );
