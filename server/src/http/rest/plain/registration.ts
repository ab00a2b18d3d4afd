// Owns the shapes a registration may have. Which one is meant is told by the fields that are there: with `confirm_password` names and
// an address are asked for and a username is not, with an address a username, and without one a username alone.
import { registerInputSchema } from '@parley/shared';
import { z } from 'zod';

const { username, email, password, firstName, lastName } = registerInputSchema.shape;

const fields = z.object({
  username,
  email,
  password,
  first_name: firstName,
  last_name: lastName,
  confirm_password: z.string().optional(),
});
type Fields = z.output<typeof fields>;

export const registration = fields.superRefine((given, ctx) => {
  const { password: secret, confirm_password: confirmed } = given;
  const asked =
    confirmed === undefined ? (['username'] as const) : (['first_name', 'last_name', 'email'] as const);
  for (const name of asked.filter((one) => isMissing(given, one)))
    ctx.addIssue({ code: 'custom', path: [name], message: 'must be given' });
  if (confirmed !== undefined && confirmed !== secret)
    ctx.addIssue({ code: 'custom', path: ['confirm_password'], message: 'is not the same password' });
});

const isMissing = (given: Fields, name: keyof Fields): boolean =>
  given[name] === undefined || given[name] === '';
