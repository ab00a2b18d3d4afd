import { limits } from '@parley/shared';
import type { Page } from './stretch.js';

export type FetchPage<Item> = (page: { cursor?: string; limit: number }) => Promise<Page<Item>>;

/**
 * Pages with so many items, or all there are. Several, where the server makes some shorter than they were asked for: only a full one
 * surely ends at the place of its last item.
 */
export const fetchPages = async <Item>(
  fetchPage: FetchPage<Item>,
  from: string | null,
  wanted: number,
): Promise<Page<Item>[]> => {
  const pages: Page<Item>[] = [];
  let count = 0;
  let cursor = from;
  do {
    const limit = Math.min(wanted - count, limits.pageItemsMax.value);
    const page = await fetchPage({ limit, ...(cursor !== null && { cursor }) });
    pages.push(page);
    count += page.items.length;
    cursor = page.nextCursor;
  } while (cursor !== null && count < wanted);
  return pages;
};
