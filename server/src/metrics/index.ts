export { createMetrics, type MetricsPage, type ServerState } from './metrics.js';
