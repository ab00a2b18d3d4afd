// Owns showing invitations, one by one and in lists.
import type { Invitation } from '@parley/shared';
import { z } from 'zod';
import { decodeCursor, fillPage } from '../../../platform/cursor.js';
import type { MembersParts } from '../parts.js';
import type { InvitationRow } from './invitation.model.js';

export type InvitationsPage = Promise<{ items: Invitation[]; nextCursor: string | null }>;

/** The store takes those whose time is over some while later. */
export const open = () => ({ expiresAt: { $gt: new Date() } });

const place = z.tuple([z.string().min(1).max(64)]);

/** Where a page of the list begins; null at the beginning. */
export const placeIn = (list: string, cursor: string | undefined): readonly [string] | null =>
  cursor === undefined ? null : decodeCursor<readonly [string]>(list, place, cursor);

interface Listing {
  readonly list: string;
  readonly which: { readonly project: string } | { readonly user: string };
  readonly after: readonly [string] | null;
  readonly limit: number;
  /** Who must not see those from whom a block keeps them apart. */
  readonly viewerId?: string;
}

/** The newest first. */
export const listInvitations = async (
  parts: MembersParts,
  { list, which, after: from, limit, viewerId }: Listing,
): InvitationsPage =>
  await fillPage({
    list,
    limit,
    after: from,
    read: (after, count) =>
      parts.projectInvitations
        .find({ ...which, ...open(), ...(after !== null && { _id: { $lt: after[0] } }) })
        .sort({ _id: -1 })
        .limit(count)
        .lean<InvitationRow[]>()
        .exec(),
    placeOf: ({ _id }): readonly [string] => [_id],
    show: async (rows) => {
      const inviters = rows.map(({ invitedBy }) => invitedBy);
      const hidden = viewerId === undefined ? new Set() : await parts.hiddenFrom(viewerId, inviters);
      return await toInvitations(
        parts,
        rows.filter(({ invitedBy }) => !hidden.has(invitedBy)),
      );
    },
  });

/** Those whose project stands, in their order. */
export const toInvitations = async (
  { projects, users }: MembersParts,
  rows: readonly InvitationRow[],
): Promise<Invitation[]> => {
  const [people, found] = await Promise.all([
    users.people(rows.flatMap(({ user, invitedBy }) => [user, invitedBy])),
    projects.find({ _id: { $in: rows.map(({ project }) => project) }, deletedAt: null }, { name: 1 }).lean(),
  ]);
  const names = new Map(found.map(({ _id, name }) => [_id, name]));
  return rows.flatMap(({ _id: id, project, user, invitedBy, role, createdAt, expiresAt }) => {
    const [name, person, inviter] = [names.get(project), people.get(user), people.get(invitedBy)];
    if (name === undefined || person === undefined || inviter === undefined) return [];
    return [{ id, project: { id: project, name }, person, invitedBy: inviter, role, createdAt, expiresAt }];
  });
};
