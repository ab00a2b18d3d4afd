import type { Document } from 'mongodb';

/** The fields of a command that hold a list of things to do. */
const LISTS = ['updates', 'deletes', 'documents', 'pipeline'];

/** Without a sort the order is anybody's, and so is what the stages after it make of it. */
const isNeeded = (item: Document): boolean => Object.hasOwn(item, '$sort');

/** The command with one thing less to do, in every way there is. A command that does one thing has none. */
export function smallerCommands(command: Document): Document[] {
  const changed = (change: Document): Document => ({ ...command, ...change });
  const fewer = LISTS.flatMap((list) =>
    withoutOne(command[list] ?? []).map((items) => changed({ [list]: items })),
  );
  const statements: Document[] = command.updates ?? [];
  const lesser = statements.flatMap((statement, at) =>
    smallerUpdates(statement.u).map((u) => changed({ updates: statements.with(at, { ...statement, u }) })),
  );
  return [...fewer, ...lesser, ...smallerUpdates(command.update).map((update) => changed({ update }))];
}

const withoutOne = <T extends Document>(items: readonly T[]): T[][] =>
  items.length < 2 ? [] : items.flatMap((item, at) => (isNeeded(item) ? [] : [items.toSpliced(at, 1)]));

/** An update by operators with one path of one operator less. */
function smallerUpdates(update: unknown): Document[] {
  if (typeof update !== 'object' || update === null || Array.isArray(update)) return [];
  const parts = Object.entries(update).flatMap(([operator, operands]) =>
    Object.entries(operands ?? {}).map(([path, operand]) => ({ operator, path, operand })),
  );
  if (!Object.keys(update).every((name) => name.startsWith('$'))) return [];
  return withoutOne(parts).map((kept) => {
    const smaller: Document = {};
    for (const { operator, path, operand } of kept)
      smaller[operator] = { ...smaller[operator], [path]: operand };
    return smaller;
  });
}
