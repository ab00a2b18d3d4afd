// Reads Prometheus' text format by its own grammar, so that a test sees what a scraper would.

const LINE = /^([a-zA-Z_:][\w:]*)(\{[^{}]*\})? (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|NaN|[+-]Inf)$/;
const COMMENT = /^# (HELP|TYPE) [a-zA-Z_:][\w:]* .+$/;

/** The value of every series by name and labels as they stand there. Throws at a line that is none of the format. */
const parseMetrics = (text: string): ReadonlyMap<string, number> => {
  const found = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '' || COMMENT.test(line)) continue;
    const [, name, labels = '', value] = LINE.exec(line) ?? [];
    if (name === undefined) throw new Error(`not a line of metrics: ${line}`);
    if (found.has(name + labels)) throw new Error(`stands twice: ${name}${labels}`);
    found.set(name + labels, Number(value));
  }
  return found;
};

/** Scrapes a server. */
export const scrape = async (
  url: string,
  headers: HeadersInit = {},
): Promise<ReadonlyMap<string, number>> => {
  const response = await fetch(`${url}/metrics`, { headers });
  if (response.status !== 200) throw new Error(`answered ${response.status}`);
  return parseMetrics(await response.text());
};
