export { type Config, ConfigError, loadConfig } from './config.js';
export { variableNames } from './environment.js';
export { keepSecret } from './secret.js';
export { resolveSettings, type ServerOptions, type Settings } from './settings.js';
