// Owns what admins do to accounts. Each act leaves a row of the audit before it is carried out.
import {
  type Account,
  AppError,
  type AuditAct,
  type AuditEntry,
  type accountActInputSchema,
  type accountsListInputSchema,
  type auditListInputSchema,
  newId,
  type Person,
  type Stats,
  type setRoleInputSchema,
} from '@parley/shared';
import { z } from 'zod';
import { cutPage, decodeCursor } from '../../platform/cursor.js';
import type { AuthService } from '../auth/index.js';
import type { UserRow, UsersService } from '../users/index.js';
import type { AuditModel, AuditRow } from './audit.model.js';

export interface AdminParts {
  readonly users: UsersService;
  readonly auth: AuthService;
  readonly audit: AuditModel;
  /** How much there is, of what other features keep. */
  readonly count: () => Promise<Omit<Stats, 'users' | 'suspended'>>;
}

type ListInput = z.output<typeof accountsListInputSchema>;
type ActInput = z.output<typeof accountActInputSchema>;

export interface AdminService {
  list(input: ListInput): Promise<{ items: Account[]; nextCursor: string | null }>;
  /** They are signed out everywhere and cannot sign in. INVALID_INPUT for oneself, CONFLICT for the last admin, NOT_FOUND. */
  suspend(adminId: string, input: ActInput): Promise<void>;
  restore(adminId: string, input: ActInput): Promise<void>;
  /** CONFLICT where no admin would be left who can sign in. */
  setRole(adminId: string, input: z.output<typeof setRoleInputSchema>): Promise<void>;
  /** Signs them out everywhere; how many sessions ended. */
  revokeSessions(adminId: string, input: ActInput): Promise<number>;
  stats(): Promise<Stats>;
  audit(
    input: z.output<typeof auditListInputSchema>,
  ): Promise<{ items: AuditEntry[]; nextCursor: string | null }>;
}

export const createAdminService = (parts: AdminParts): AdminService => {
  const { users, auth } = parts;
  return {
    list: (input) => users.accounts(input),
    suspend: async (adminId, { userId, reason }) => {
      if (userId === adminId) {
        throw new AppError('INVALID_INPUT', { details: { fields: { userId: ['must be somebody else'] } } });
      }
      const user = await target(users, userId);
      await users.suspend(userId, () => note(parts, { by: adminId, act: 'suspend', target: user, reason }));
      await auth.forget(userId);
    },
    restore: async (adminId, { userId, reason }) => {
      await note(parts, { by: adminId, act: 'restore', target: await target(users, userId), reason });
      await users.restore(userId);
    },
    setRole: async (adminId, { userId, role, reason }) => {
      const user = await target(users, userId);
      const noted = () => note(parts, { by: adminId, act: 'setRole', target: user, reason, detail: role });
      if (role === 'user') return await users.unmakeAdmin(userId, noted);
      await noted();
      await users.makeAdmin(userId);
    },
    revokeSessions: async (adminId, { userId, reason }) => {
      await note(parts, { by: adminId, act: 'revokeSessions', target: await target(users, userId), reason });
      return await auth.endSessions(userId);
    },
    stats: async () => {
      const [counted, people] = await Promise.all([parts.count(), users.count()]);
      return { ...people, ...counted };
    },
    audit: (input) => readAudit(parts, input),
  };
};

const target = async (users: UsersService, userId: string): Promise<UserRow> => {
  const user = await users.find(userId);
  if (user === null) throw new AppError('NOT_FOUND');
  return user;
};

interface Note {
  readonly by: string | null;
  readonly act: AuditAct;
  readonly target: UserRow;
  readonly reason: string;
  readonly detail?: string;
}

const note = async ({ audit }: Pick<AdminParts, 'audit'>, { target: of, detail = '', ...rest }: Note) => {
  await audit.insertOne({ ...rest, _id: newId(), at: new Date(), target: of._id, detail });
};

/** Makes somebody an admin from the command line, by username or e-mail address. Null where nobody is called that. */
export const grantAdmin = async (
  parts: Pick<AdminParts, 'users' | 'audit'>,
  login: string,
): Promise<UserRow | null> => {
  const user = await parts.users.findByLogin(login);
  if (user === null) return null;
  await note(parts, { by: null, act: 'setRole', target: user, reason: '', detail: 'admin' });
  await parts.users.makeAdmin(user._id);
  return user;
};

const LIST = 'audit';
const place = z.tuple([z.string().min(1).max(64)]);

const readAudit: (
  parts: AdminParts,
  input: z.output<typeof auditListInputSchema>,
) => ReturnType<AdminService['audit']> = async ({ audit, users }, { cursor, limit }) => {
  const [before] = cursor === undefined ? [] : decodeCursor(LIST, place, cursor);
  const found = await audit
    .find(before === undefined ? {} : { _id: { $lt: before } })
    .sort({ _id: -1 })
    .limit(limit + 1)
    .lean();
  const { rows, nextCursor } = cutPage(LIST, found, limit, (last) => [last._id]);
  const people = await users.people(
    rows.flatMap((row) => [row.target, ...(row.by === null ? [] : [row.by])]),
  );
  return { items: rows.map((row) => toEntry(row, people)), nextCursor };
};

const toEntry = (
  { _id, by, target: of, ...row }: AuditRow,
  people: ReadonlyMap<string, Person>,
): AuditEntry => {
  const person = (id: string): Person => people.get(id) ?? { id, username: null, name: '' };
  return { ...row, id: _id, by: by === null ? null : person(by), target: person(of) };
};
