import { readFileSync } from 'node:fs';

const read = (): string => {
  const parsed: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const named = typeof parsed === 'object' && parsed !== null && 'version' in parsed ? parsed.version : null;
  return typeof named === 'string' ? named : '0.0.0';
};

/** Of the package this runs from. */
export const version: string = read();
