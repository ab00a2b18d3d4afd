export { createMetrics, type MetricsPage } from './metrics.js';
