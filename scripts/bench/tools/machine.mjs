// What a process and a disk cost, read from outside.
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  fdatasyncSync,
  openSync,
  readdirSync,
  readFileSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { median } from './timing.mjs';

const blockBytes = 512;
const clockTickMs = 10;
const tmpfs = 0x01021994;
const flushes = 200;

/** Memory of a process in bytes. `own`: without the pages of files it has mapped; undefined where the system does not tell. */
export const memoryOf = (pid) => {
  if (process.platform !== 'linux') {
    return { all: Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)])) * 1024, own: undefined };
  }
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]) * 1024;
  return { all: field('VmRSS'), own: field('RssAnon') };
};

/** CPU a process has used so far, ms; NaN where the system does not tell. */
export const cpuMsOf = (pid) => {
  if (process.platform !== 'linux') return Number.NaN;
  const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ');
  return (Number(afterName[11]) + Number(afterName[12])) * clockTickMs;
};

/** Bytes that the files of a folder take on disk. */
export const bytesOnDisk = (folder) =>
  readdirSync(folder, { recursive: true })
    .map((file) => statSync(join(folder, file)))
    .reduce((sum, file) => sum + (file.blocks ?? Math.ceil(file.size / blockBytes)) * blockBytes, 0);

/** True when a folder is in memory, where a flush costs nothing. */
export const isInMemory = (folder) => statfsSync(folder).type === tmpfs;

/** What it takes to append 4 KB to a file and flush it, ms: the least any durable write can take here. */
export const bareFlushMs = (folder) => {
  const file = openSync(join(folder, 'flush'), 'w');
  const page = Buffer.alloc(4096, 1);
  const times = [];
  for (let i = 0; i < flushes; i++) {
    const startMs = performance.now();
    writeSync(file, page);
    fdatasyncSync(file);
    times.push(performance.now() - startMs);
  }
  closeSync(file);
  return median(times);
};
