// Every metric of ours by name; docs/metrics.md is made from it.

export interface Metric {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** The one label, and what it can be. */
  readonly label?: { readonly name: string; readonly values: string };
}

const counter = (name: string, help: string, label?: Metric['label']): Metric => ({
  ...{ name, help, type: 'counter' },
  ...(label === undefined ? {} : { label }),
});
const gauge = (name: string, help: string): Metric => ({ name, help, type: 'gauge' });
const histogram = (name: string, help: string): Metric => ({ name, help, type: 'histogram' });

export const metricCatalogue = {
  documents: gauge('parley_documents', 'Documents in memory.'),
  connections: gauge('parley_connections', 'Open sync sockets.'),
  readersBehind: gauge('parley_readers_behind', 'Sockets whose reader is behind just now (K10).'),
  socketsWaiting: gauge('parley_sockets_waiting', 'Sockets that wait for their turn to be taken in (K15).'),
  subscriptions: gauge('parley_subscriptions', 'Open subscriptions.'),
  jsonSockets: gauge('parley_json_sockets', 'Open JSON sockets.'),
  admissions: gauge('parley_admissions', 'Sockets that are being taken in.'),
  updatesStored: counter('parley_updates_stored_total', 'Updates acknowledged as stored.'),
  updatesRefused: counter('parley_updates_refused_total', 'Updates refused.', {
    name: 'rule',
    values: 'a rule of [sync-spec.md](sync-spec.md), such as `G2` or `C4`',
  }),
  logHealthy: gauge(
    'parley_log_healthy',
    '1 while the log takes writes, as far as the last one tells; else 0.',
  ),
  logWriteSeconds: histogram(
    'parley_log_write_seconds',
    'How long one journalled write of waiting entries took.',
  ),
  logWriteEntries: histogram('parley_log_write_entries', 'Entries (one a document and batch) in one write.'),
  logWriteFailures: counter(
    'parley_log_write_failures_total',
    'Writes to the log that failed, or had no answer in time.',
  ),
  projectionBatches: gauge(
    'parley_projection_waiting_batches',
    'Stored batches that history does not hold yet.',
  ),
  projectionLag: gauge(
    'parley_projection_lag_seconds',
    'How long the oldest of those has waited; 0 where none does.',
  ),
  generationsEnded: counter('parley_generations_ended_total', 'Generations of documents that ended (N2).', {
    name: 'reason',
    values: '`clients` or `weight`',
  }),
  clientIdsSum: gauge('parley_document_client_ids_sum', 'Client ids that wrote, of all documents in memory.'),
  clientIdsMax: gauge('parley_document_client_ids_max', 'The most of them in one document.'),
  deadBytesSum: gauge(
    'parley_document_dead_bytes_sum',
    'Dead weight of all documents in memory (N2). Small documents are not weighed and count as 0.',
  ),
  deadBytesMax: gauge('parley_document_dead_bytes_max', 'The most of it in one document.'),
  presenceFrames: counter(
    'parley_presence_frames_total',
    'Presence frames made, each for everybody in a document.',
  ),
} as const satisfies Record<string, Metric>;
