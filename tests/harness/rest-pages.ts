// Lists of the REST surface, followed by their `Link` headers to the end.
import { expect } from 'chai';
import type { RestAnswer, RestClient } from './rest.js';

/** All pages of a list; fails where one comes without end. */
export const pagesOf = async <Item>(rest: RestClient, path: string, token: string): Promise<Item[][]> => {
  const pages: Item[][] = [];
  for (let next: string | null = path; next !== null; ) {
    const answer: RestAnswer<Item[]> = await rest.call('GET', next, { token });
    const { headers, body } = answer;
    expect(answer.status, next).to.equal(200);
    pages.push(body);
    expect(pages.length, 'the list ends').to.be.at.most(100);
    next = /^<([^>]+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1] ?? null;
  }
  return pages;
};
