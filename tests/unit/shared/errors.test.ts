import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError, errorCatalogue, isErrorCode, limits } from '@parley/shared';
import { expect } from 'chai';

const root = fileURLToPath(new URL('../../..', import.meta.url));

const sourcesOf = async (folder: string): Promise<string[]> => {
  const names = (await readdir(join(root, folder), { recursive: true })).filter((name) =>
    name.endsWith('.ts'),
  );
  return Promise.all(names.map((name) => readFile(join(root, folder, name), 'utf8')));
};

describe('the error catalogue', () => {
  it('has whole rows: a sentence, an explanation, codes that fit', () => {
    for (const [code, row] of Object.entries(errorCatalogue)) {
      expect(row.message, code).to.match(/^[A-Z].*\.$/);
      expect(row.about, code).to.match(/\.$/);
      expect(row.http, code).to.be.within(400, 503);
      if (row.close === null) continue;
      const comesBack = row.close === 1012 || row.close === 1013 || (row.close >= 4500 && row.close < 4600);
      const staysAway = row.close >= 4400 && row.close < 4500;
      expect(comesBack || staysAway, `${code} closes with ${row.close}`).to.equal(true);
      // An older generation comes back with a fresh document, not as it is.
      expect(row.retry === 'later' && code !== 'OLDER_GENERATION', code).to.equal(comesBack);
    }
  });

  it('has no code that nobody throws', async () => {
    const sources = (await sourcesOf('server/src')).join('\n');
    const unused = Object.keys(errorCatalogue).filter((code) => !sources.includes(`'${code}'`));
    expect(unused).to.deep.equal([]);
  });

  it('is what docs/errors.md describes', async () => {
    const page = await readFile(join(root, 'docs/errors.md'), 'utf8');
    for (const code of Object.keys(errorCatalogue)) expect(page).to.include(code);
  });

  it('gives an AppError its sentence, and keeps the rest from clients', () => {
    const error = new AppError('NOT_FOUND', { logMessage: 'row 7', cause: new Error('inner') });
    expect(error.message).to.equal(errorCatalogue.NOT_FOUND.message);
    expect(error.details).to.deep.equal({});
    expect(isErrorCode('NOT_FOUND')).to.equal(true);
    expect(isErrorCode('constructor')).to.equal(false);
  });
});

describe('the limits', () => {
  it('are each kept somewhere, and name errors that exist', async () => {
    const sources = [...(await sourcesOf('server/src')), ...(await sourcesOf('shared/src'))].join('\n');
    const unkept = Object.keys(limits).filter((name) => !sources.includes(`limits.${name}.value`));
    expect(unkept).to.deep.equal([]);
    for (const limit of Object.values(limits))
      if ('error' in limit) expect(isErrorCode(limit.error)).to.equal(true);
  });
});
