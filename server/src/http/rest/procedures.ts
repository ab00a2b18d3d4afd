// Owns finding a procedure by its name, and what it takes and answers.
import type { AnyTRPCProcedure, AnyTRPCRouter } from '@trpc/server';
import { z } from 'zod';
import type { AppRouter } from '../../app-router.js';

type NamesIn<Record, Prefix extends string> = {
  [Key in keyof Record & string]: Record[Key] extends AnyTRPCProcedure
    ? `${Prefix}${Key}`
    : NamesIn<Record[Key], `${Prefix}${Key}.`>;
}[keyof Record & string];

/** As `groups.links.create`. */
export type ProcedureName = NamesIn<AppRouter['_def']['record'], ''>;

export interface ProcedureForm {
  readonly type: 'query' | 'mutation';
  readonly input: z.ZodType;
  readonly output: z.ZodType;
}

/** What tRPC keeps of a procedure beside its types. */
const keptSchema = z.object({
  type: z.enum(['query', 'mutation']),
  inputs: z.tuple([z.instanceof(z.ZodType)]),
  output: z.instanceof(z.ZodType),
});

export const formOf = (router: AnyTRPCRouter, name: ProcedureName): ProcedureForm => {
  const { type, inputs, output } = keptSchema.parse(router._def.procedures[name]?._def);
  return { type, input: inputs[0], output };
};
