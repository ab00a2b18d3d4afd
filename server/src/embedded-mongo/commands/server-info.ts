import { arch, cpus, hostname, machine, release, totalmem, type, version } from 'node:os';
import { type BsonObject, isObject } from '../bson/values.js';
import { StoreError } from '../errors.js';
import type { CommandHandler } from './command.js';
import { GIT_VERSION, SERVER_VERSION, STORAGE_ENGINE } from './hello.js';
import type { ServerState } from './server-state.js';

const BYTES_PER_MB = 1024 * 1024;

/** The machine, as far as the system tells; MongoDB's reply has more fields, which would have to be made up. */
export const hostInfo: CommandHandler = () => ({
  system: {
    currentTime: new Date(),
    hostname: hostname(),
    cpuAddrSize: arch().includes('64') ? 64 : 32,
    memSizeMB: Math.floor(totalmem() / BYTES_PER_MB),
    numCores: cpus().length,
    cpuArch: machine(),
  },
  os: { type: type(), name: type(), version: `Kernel ${release()}` },
  extra: { versionString: version(), kernelVersion: release() },
});

/** What is measured; the many counters of MongoDB's reply that have nothing behind them here are left out. */
export const serverStatus: CommandHandler = (_request, { server }) => {
  const uptimeMillis = Date.now() - server.startedAtMs;
  return {
    host: server.address,
    version: SERVER_VERSION,
    process: 'embedded-mongo',
    pid: process.pid,
    uptime: uptimeMillis / 1000,
    uptimeMillis,
    uptimeEstimate: Math.floor(uptimeMillis / 1000),
    localTime: new Date(),
    connections: {
      current: server.connections,
      available: server.maxConnections - server.connections,
      totalCreated: server.connectionsCreated,
    },
    mem: { bits: 64, resident: Math.floor(process.memoryUsage.rss() / BYTES_PER_MB), supported: true },
    opcounters: { ...server.counters },
    storageEngine: { name: STORAGE_ENGINE, supportsCommittedReads: true, persistent: true, readOnly: false },
  };
};

/** The `serverInfo` of an explanation. */
export function serverInfo(server: ServerState): BsonObject {
  return { host: hostname(), port: server.port, version: SERVER_VERSION, gitVersion: GIT_VERSION };
}

/** Nobody signs in, so nobody has users, roles or privileges. */
export const connectionStatus: CommandHandler = ({ body }) => ({
  authInfo: {
    authenticatedUsers: [],
    authenticatedUserRoles: [],
    ...(body.showPrivileges === true ? { authenticatedUserPrivileges: [] } : {}),
  },
});

export const whatsMyUri: CommandHandler = (_request, { client }) => ({ you: client });

/** The store is started by a program, not by a command line; what was set is the address. */
export const getCmdLineOpts: CommandHandler = (_request, { server }) => ({
  argv: [],
  parsed: { net: { bindIp: '127.0.0.1', port: server.port } },
});

const PARAMETERS: BsonObject = { featureCompatibilityVersion: { version: SERVER_VERSION.slice(0, 3) } };

/** The parameters there are, by name, or all of them for `*`. */
export const getParameter: CommandHandler = ({ body }) => {
  const { getParameter: wanted } = body;
  const all = wanted === '*' || (isObject(wanted) && wanted.allParameters === true);
  const names = Object.keys(PARAMETERS).filter((name) => all || body[name] !== undefined);
  if (names.length === 0) throw new StoreError('InvalidOptions', 'no option found to get');
  return Object.fromEntries(names.map((name) => [name, PARAMETERS[name]]));
};

const LOGS = ['global', 'startupWarnings'];
const STARTUP_WARNINGS = [
  'This is an embedded store that speaks the MongoDB protocol, not a MongoDB server: what it does not have it refuses',
  'Access control is not enabled: everybody with an account on this machine can read and write the data',
];

/** The store keeps no log; what shells show when they connect are the warnings. */
export const getLog: CommandHandler = ({ body }, { server }) => {
  const { getLog: name } = body;
  if (typeof name !== 'string') throw new StoreError('TypeMismatch', 'Argument to getLog must be a string');
  if (name === '*') return { names: LOGS };
  if (!LOGS.includes(name)) throw new StoreError('OperationFailed', `no RamLog named: ${name}`);
  const lines = STARTUP_WARNINGS.map((msg, i) =>
    JSON.stringify({
      t: { $date: new Date(server.startedAtMs).toISOString() },
      s: 'W',
      c: 'CONTROL',
      id: i + 1,
      ctx: 'embedded-mongo',
      msg,
      tags: ['startupWarnings'],
    }),
  );
  return { totalLinesWritten: lines.length, log: lines };
};
