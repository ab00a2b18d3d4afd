/** The pages that are generated from the contract, as text. */

const note = '<!-- Generated from the source by `npm run docs`; edit the source, not this page. -->';

const table = (headings, rows) =>
  [headings, headings.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map(cellText).join(' | ')} |`)
    .join('\n');

const cellText = (text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const code = (text) => `\`${text}\``;

const retries = {
  never: 'not as it is',
  'sign-in': 'after signing in again',
  later: 'after a pause',
};

/** docs/errors.md of an error catalogue: code → `{ trpc, http, close, retry, message, about }`. Throws on a row it cannot put in words. */
export const errorsPage = (catalogue) => {
  const rows = Object.entries(catalogue).map(([name, { trpc, http, close, retry, message, about }]) => {
    if (!(retry in retries))
      throw new Error(`${name} has the retry class ${retry}, which docs/errors.md has no words for`);
    return [
      code(name),
      code(trpc),
      String(http),
      close === null ? '' : String(close),
      retries[retry],
      message,
      about,
    ];
  });
  return `# Errors

${note}

Every failure that Parley answers with is one of these ${rows.length} codes, the same over procedures and sockets. The code is stable
and meant for programs; the message is meant for people and may change.

- **Close** is the WebSocket close code where the error ends a socket. 4400 to 4499: do not come back as you are.
  1012, 1013 and 4500 to 4599: come back later.
- **Try again** says whether the same request can succeed unchanged.

${table(['Code', 'tRPC', 'HTTP', 'Close', 'Try again', 'Message', 'When, and what to do'], rows)}
`;
};

/** docs/limits.md of the limits: name → `{ value, unit, why, error?, variable? }`. Throws when `error` is no row of the catalogue. */
export const limitsPage = (limits, catalogue) => {
  const variables = Object.values(limits).some(({ variable }) => variable !== undefined);
  const rows = Object.entries(limits).map(([name, { value, unit, why, error, variable }]) => {
    if (error !== undefined && !(error in catalogue))
      throw new Error(`${name} names the unknown error ${error}`);
    const middle = variables ? [variable === undefined ? '' : code(variable)] : [];
    return [code(name), readable(value, unit), ...middle, error === undefined ? '' : code(error), why];
  });
  const variableNote = variables
    ? '**Variable** is the environment variable that changes it, where one does.\n'
    : '';
  return `# Limits

${note}

Every cap that a client can meet. **Error** is the code of [errors.md](errors.md) that a client gets beyond it, where it gets one.
${variableNote}
${table(['Limit', 'Value', ...(variables ? ['Variable'] : []), 'Error', 'Why'], rows)}
`;
};

/** docs/metrics.md of the metrics: key → `{ name, type, help, label?: { name, values } }`. */
export const metricsPage = (metrics) => {
  const rows = Object.values(metrics).map(({ name, type, help, label }) => [
    code(name),
    type,
    label === undefined ? '' : `${code(label.name)}: ${label.values}`,
    help,
  ]);
  return `# Metrics

${note}

\`/metrics\` answers in Prometheus' text format, on the port of everything else. Without \`METRICS_TOKEN\` it answers this machine
alone, and no request that a proxy has passed on and marked as such; a proxy on the same machine that marks nothing must keep
\`/metrics\` to itself, or a token be set. With it, whoever brings the token as \`authorization: Bearer …\` is answered, from anywhere,
and nobody else is. It names nobody: no document, user or address.

Beside these it has the usual ones of the process (\`process_*\`, \`nodejs_*\`), the lag of the event loop among them. Rules in brackets
are those of [sync-spec.md](sync-spec.md).

${table(['Metric', 'Type', 'Label', 'What it tells'], rows)}

## What to watch

- \`parley_log_healthy == 0\`, or \`parley_log_write_failures_total\` rising: the store does not take writes. Nothing is acknowledged
  or relayed meanwhile, and \`/readyz\` answers 503.
- \`parley_projection_lag_seconds\` rising: history falls behind what is live; the store is slow, or one batch never holds (see the log).
- \`parley_readers_behind\` high for long: clients on bad lines, or frames too large for them.
- \`parley_document_client_ids_max\` over 1,000, or \`parley_document_dead_bytes_max\` over what such a document shows: a document that
  should begin anew and cannot, most likely because stock clients keep it open (N2).
- \`parley_updates_refused_total\` of one rule rising after a release: a client that does something the rules forbid.
- \`parley_sockets_waiting\` above 0 for long: more sockets come than are taken in.
`;
};

/** Round sizes and times in the unit people use for them; everything else with its digits in groups of three. */
const readable = (value, unit) => {
  const steps = {
    bytes: [
      [1024 ** 2, 'MiB'],
      [1024, 'KiB'],
    ],
    ms: [
      [3_600_000, 'h'],
      [60_000, 'min'],
      [1_000, 's'],
    ],
  };
  const [size, name] = (steps[unit] ?? []).find(([step]) => value % step === 0 && value > 0) ?? [1, unit];
  return `${(value / size).toLocaleString('en-US')} ${name}`;
};
