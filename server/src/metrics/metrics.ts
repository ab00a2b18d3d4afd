// Owns keeping numbers of one server and writing them as Prometheus reads them. Does not own who may read them (http/).
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { EngineMeter, EngineState, GenerationEnd } from '../sync/index.js';
import { metricCatalogue as catalogue, type Metric } from './catalogue.js';

/** What is read at the moment of a scrape. */
export interface ServerState extends EngineState {
  readonly socketsWaiting: number;
  readonly subscriptions: number;
  readonly jsonSockets: number;
}

/** A scrape's answer. */
export interface MetricsPage {
  readonly contentType: string;
  readonly text: string;
}

const WRITE_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 10];
const WRITE_ENTRIES = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000];
const REASONS: readonly GenerationEnd[] = ['clients', 'weight'];

/** Memory, CPU and the lag of the event loop are the process's, however many servers it holds: they are watched once. */
let ofProcess: Registry | null = null;
const processMetrics = (): Registry => {
  if (ofProcess === null) {
    ofProcess = new Registry();
    collectDefaultMetrics({ register: ofProcess });
  }
  return ofProcess;
};

export interface Metrics {
  /** Where the engine tells what happens. */
  readonly meter: EngineMeter;
  /** Everything, in Prometheus' text format. */
  scrape(state: ServerState): Promise<MetricsPage>;
}

/** The metrics of one server, beside those of its process. */
export const createMetrics = (): Metrics => {
  const registry = new Registry();
  const registers = [registry];
  const counter = ({ name, help, label }: Metric) =>
    new Counter({ name, help, registers, labelNames: label === undefined ? [] : [label.name] });
  const gauge = ({ name, help }: Metric) => new Gauge({ name, help, registers });
  const histogram = ({ name, help }: Metric, buckets: number[]) =>
    new Histogram({ name, help, registers, buckets });

  const stored = counter(catalogue.updatesStored);
  const refused = counter(catalogue.updatesRefused);
  const writeSeconds = histogram(catalogue.logWriteSeconds, WRITE_SECONDS);
  const writeEntries = histogram(catalogue.logWriteEntries, WRITE_ENTRIES);
  const writeFailures = counter(catalogue.logWriteFailures);
  const presence = counter(catalogue.presenceFrames);
  const generations = counter(catalogue.generationsEnded);
  for (const reason of REASONS) generations.inc({ reason }, 0);
  const gauges = gaugesOf(gauge);
  processMetrics();

  return {
    meter: {
      updatesStored: (count) => stored.inc(count),
      updateRefused: (rule) => refused.inc({ rule }),
      logWritten: (entries, ms) => {
        writeEntries.observe(entries);
        writeSeconds.observe(ms / 1_000);
      },
      logWriteFailed: () => writeFailures.inc(),
      presenceSent: () => presence.inc(),
      generationEnded: (reason) => generations.inc({ reason }),
    },
    scrape: async (state) => {
      for (const { shown, read } of gauges) shown.set(read(state));
      const text = `${await registry.metrics()}\n${await processMetrics().metrics()}`;
      // The lag of an event loop that did not turn since the last scrape; prom-client's spelling is its own.
      return { contentType: registry.contentType, text: text.replace(/ Nan$/gm, ' NaN') };
    },
  };
};

interface ReadGauge {
  readonly shown: Gauge;
  readonly read: (state: ServerState) => number;
}

const gaugesOf = (make: (metric: Metric) => Gauge): readonly ReadGauge[] => {
  const reads: readonly (readonly [Metric, ReadGauge['read']])[] = [
    [catalogue.documents, (state) => state.documents],
    [catalogue.connections, (state) => state.connections],
    [catalogue.readersBehind, (state) => state.readersBehind],
    [catalogue.socketsWaiting, (state) => state.socketsWaiting],
    [catalogue.subscriptions, (state) => state.subscriptions],
    [catalogue.jsonSockets, (state) => state.jsonSockets],
    [catalogue.admissions, (state) => state.admissions],
    [catalogue.logHealthy, (state) => (state.healthy ? 1 : 0)],
    [catalogue.projectionBatches, (state) => state.projection.batches],
    [catalogue.projectionLag, (state) => state.projection.oldestMs / 1_000],
    [catalogue.clientIdsSum, (state) => state.clientIds.sum],
    [catalogue.clientIdsMax, (state) => state.clientIds.max],
    [catalogue.deadBytesSum, (state) => state.deadBytes.sum],
    [catalogue.deadBytesMax, (state) => state.deadBytes.max],
  ];
  return reads.map(([metric, read]) => ({ shown: make(metric), read }));
};
