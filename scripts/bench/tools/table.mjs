/** Lines of a table: the first column to the left, the others to the right. Rows are arrays of text. */
export const tableOf = (head, rows) => {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column].length)));
  const line = (row) =>
    row
      .map((text, column) => (column === 0 ? text.padEnd(widths[0]) : text.padStart(widths[column])))
      .join('  ');
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)];
};

/** A figure with about three digits that mean something; `-` for none. */
export const figure = (value) => {
  if (value === undefined || !Number.isFinite(value)) return '-';
  if (value !== 0 && value < 0.995) return String(Number(value.toPrecision(2)));
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
};
