export { type Config, ConfigError, loadConfig } from './config.js';
export { variableNames } from './environment.js';
export { keepSecret } from './secret.js';
export { type ParleyOptions, resolveSettings, type Settings } from './settings.js';
