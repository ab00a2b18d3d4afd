// Owns links into places: their rows, their tokens, and that no more come in by one than it says. Who may make one, what stands in its
// way, and how people come in is the business of the places.
import { AppError, newId, type Person } from '@parley/shared';
import type { UsersService } from '../users/index.js';
import type { LinkModel, LinkRow } from './link.model.js';
import { type LinkSigner, readLink, signLink } from './link-token.js';

export interface LinksParts extends LinkSigner {
  readonly links: LinkModel;
  readonly users: UsersService;
  /** What inputs call the id of a place. */
  readonly field: 'projectId' | 'conversationId';
  /** So many stand in one place at most. */
  readonly maxPerPlace: number;
  /** Whether the place is still there. */
  stands(placeId: string): Promise<boolean>;
}

/** A link with its token, as admins see it. */
export interface IssuedLink extends Pick<LinkRow, 'role' | 'createdAt' | 'expiresAt' | 'maxUses'> {
  readonly id: string;
  readonly token: string;
  readonly createdBy: Person;
  readonly uses: number;
}

interface NewLink extends Pick<LinkRow, 'place' | 'role' | 'createdBy' | 'maxUses'> {
  readonly expiresInHours: number;
}

export interface Links {
  /** CONFLICT where there are as many as may be, NOT_FOUND where the place or the account ended meanwhile. */
  make(link: NewLink): Promise<IssuedLink>;
  /** Those whose time is not over, the newest first. */
  list(placeId: string): Promise<IssuedLink[]>;
  find(id: string): Promise<LinkRow | null>;
  /** Nobody comes in by it from here on. */
  revoke(id: string): Promise<void>;
  /** The row of a token. Throws EXPIRED, NOT_FOUND where it was revoked, INVALID_INPUT for what is no token. */
  read(token: string): Promise<LinkRow>;
  /**
   * Takes a use before anybody comes in by it: a crash in between loses one, and never lets in one too many. Given back where `comeIn`
   * says that they were in already, or is refused. Throws EXPIRED where none is left, NOT_FOUND where it was revoked.
   */
  use(row: LinkRow, comeIn: () => Promise<boolean>): Promise<void>;
}

export const createLinks = (parts: LinksParts): Links => ({
  make: (link) => make(parts, link),
  list: async (placeId) => {
    const rows = await parts.links
      .find({ place: placeId, ...open() })
      .sort({ _id: -1 })
      .limit(parts.maxPerPlace)
      .lean<LinkRow[]>();
    return await issue(parts, rows);
  },
  find: async (id) => await parts.links.findOne({ _id: id }).lean<LinkRow>(),
  revoke: async (id) => {
    await parts.links.deleteOne({ _id: id });
  },
  read: async (token) => {
    const row = await parts.links.findOne({ _id: readLink(token, parts) }).lean<LinkRow>();
    if (row === null) throw new AppError('NOT_FOUND');
    return row;
  },
  use: (row, comeIn) => use(parts, row, comeIn),
});

const open = () => ({ expiresAt: { $gt: new Date() } });

const make = async (parts: LinksParts, { expiresInHours, ...given }: NewLink): Promise<IssuedLink> => {
  const createdAt = new Date();
  const expiresAt = new Date(createdAt.getTime() + expiresInHours * 60 * 60 * 1_000);
  expiresAt.setMilliseconds(0);
  const row: LinkRow = { _id: newId(), ...given, createdAt, expiresAt, usesLeft: given.maxUses };
  await parts.links.insertOne(row);
  const fault = await faultOf(parts, row);
  if (fault !== null) {
    await parts.links.deleteOne({ _id: row._id });
    throw fault;
  }
  const [link] = await issue(parts, [row]);
  if (link === undefined) throw new TypeError('a link that was made must be shown');
  return link;
};

/** What ended meanwhile has taken its links along before this one was written; others have made some at the same moment. */
const faultOf = async (parts: LinksParts, row: LinkRow): Promise<AppError | null> => {
  const [stands, user, count] = await Promise.all([
    parts.stands(row.place),
    parts.users.find(row.createdBy),
    parts.links.countDocuments({ place: row.place, ...open() }),
  ]);
  if (!stands || user === null) return new AppError('NOT_FOUND');
  if (count <= parts.maxPerPlace) return null;
  return new AppError('CONFLICT', {
    details: { fields: { [parts.field]: ['has as many links as it may'] } },
  });
};

const use = async (
  { links }: LinksParts,
  { _id }: LinkRow,
  comeIn: () => Promise<boolean>,
): Promise<void> => {
  const taken = await links
    .findOneAndUpdate({ _id, usesLeft: { $gt: 0 }, ...open() }, { $inc: { usesLeft: -1 } })
    .lean();
  if (taken === null) throw new AppError((await links.exists({ _id })) === null ? 'NOT_FOUND' : 'EXPIRED');
  const giveBack = async (): Promise<void> => {
    await links.updateOne({ _id }, { $inc: { usesLeft: 1 } });
  };
  try {
    if (!(await comeIn())) await giveBack();
  } catch (error) {
    // Any other failure says nothing about whether they are in.
    if (error instanceof AppError) await giveBack();
    throw error;
  }
};

const issue = async (parts: LinksParts, rows: readonly LinkRow[]): Promise<IssuedLink[]> => {
  const people = await parts.users.people(rows.map(({ createdBy }) => createdBy));
  return rows.flatMap((row) => {
    const createdBy = people.get(row.createdBy);
    if (createdBy === undefined) return [];
    const { _id: id, role, createdAt, expiresAt, maxUses, usesLeft } = row;
    const token = signLink(row, parts);
    return [{ id, token, role, createdBy, createdAt, expiresAt, maxUses, uses: maxUses - usesLeft }];
  });
};
