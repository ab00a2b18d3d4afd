import { errorCatalogue, limits } from '@parley/shared';
import { expect } from 'chai';
import { errorsPage, limitsPage, metricsPage } from '../../../scripts/check/doc-pages.mjs';

const row = {
  trpc: 'CONFLICT',
  http: 409,
  close: 4409,
  retry: 'never',
  message: 'Changed.',
  about: 'This | that.',
};

describe('generated pages', () => {
  it('give every error and every limit a row', () => {
    const errors = errorsPage(errorCatalogue);
    for (const code of Object.keys(errorCatalogue)) expect(errors).to.include(`\n| \`${code}\` |`);
    const page = limitsPage(limits, errorCatalogue);
    for (const name of Object.keys(limits)) expect(page).to.include(`\n| \`${name}\` |`);
  });

  it('give every metric a row, with what its label can be', () => {
    const label = { name: 'why', values: '`a` or `b`' };
    const page = metricsPage({ a: { name: 'a_total', type: 'counter', help: 'All.', label } });
    expect(page).to.include('\n| `a_total` | counter | `why`: `a` or `b` | All. |');
  });

  it('keep a bar in a text from ending its cell, and leave an absent close code empty', () => {
    expect(errorsPage({ X: row })).to.include(
      '\n| `X` | `CONFLICT` | 409 | 4409 | not as it is | Changed. | This \\| that. |',
    );
    expect(errorsPage({ X: { ...row, close: null } })).to.include('| 409 |  | not as it is |');
  });

  it('show sizes and times in the units people use', () => {
    const page = (value: number, unit: string): string => limitsPage({ a: { value, unit, why: '' } }, {});
    expect(page(4 * 1024 * 1024, 'bytes')).to.include('| 4 MiB |');
    expect(page(72, 'bytes')).to.include('| 72 bytes |');
    expect(page(90_000, 'ms')).to.include('| 90 s |');
    expect(page(20_000, 'items')).to.include('| 20,000 items |');
  });

  it('name a variable where a limit has one', () => {
    const some = {
      a: { value: 1, unit: 'items', why: 'b', variable: 'PARLEY_A' },
      c: { value: 2, unit: 'items', why: 'd' },
    };
    expect(limitsPage(some, {})).to.include(
      '| `a` | 1 items | `PARLEY_A` |  | b |\n| `c` | 2 items |  |  | d |',
    );
  });

  it('refuse an error that the catalogue lacks and a retry class without words', () => {
    expect(() => limitsPage({ a: { value: 1, unit: 'items', why: '', error: 'GONE' } }, {})).to.throw('GONE');
    expect(() => errorsPage({ X: { ...row, retry: 'sometimes' } })).to.throw('sometimes');
  });
});
