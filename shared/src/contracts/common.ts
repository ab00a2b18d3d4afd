import { z } from 'zod';
import { limits } from '../limits.js';
import { oneLine } from '../text.js';

/** How many items a page holds. */
export const pageLimitSchema = z
  .number()
  .int()
  .min(1)
  .max(limits.pageItemsMax.value)
  .default(limits.pageItemsDefault.value);

/** A place in a list, as an earlier answer gave it; opaque. The longest holds the beginning of a name. */
export const cursorSchema = z.string().min(1).max(600);

/** Words that names begin with. */
export const searchSchema = z
  .string()
  .max(limits.searchCharacters.value)
  .regex(...oneLine);

/** A page of a list: `nextCursor` is null at the end. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });

/** For procedures that have nothing to tell but that it is done. */
export const doneSchema = z.object({ done: z.literal(true) });

/** Who somebody is, as everybody may see it. */
export const personSchema = z.object({
  id: z.string(),
  username: z.string().nullable(),
  name: z.string(),
});
export type Person = z.infer<typeof personSchema>;

/** A name written one way, so that look-alikes of encoding and letter case are the same: NFKC, lower case, single spaces. */
export const foldName = (name: string): string =>
  name.normalize('NFKC').toLowerCase().normalize('NFKC').trim().replace(/\s+/gu, ' ');

/** For procedures that take nothing: no input, or an empty object. */
export const noInputSchema = z.strictObject({}).optional();
