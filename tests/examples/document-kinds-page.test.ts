import { readFileSync } from 'node:fs';
import { expect } from 'chai';

describe('docs/document-kinds.md', () => {
  it('shows code that stands in the example', () => {
    const page = readFileSync(new URL('../../docs/document-kinds.md', import.meta.url), 'utf8');
    const example = readFileSync(new URL('poll-kind.ts', import.meta.url), 'utf8');
    const pieces = [...page.matchAll(/```ts\n(.*?)```/gs)].map((match) => match[1] ?? '');
    expect(pieces).to.have.length.above(5);
    for (const piece of pieces) expect(example).to.include(piece);
  });
});
