import { bytesOnDisk, memoryOf } from '../tools/machine.mjs';
import { startupMs } from './servers.mjs';

const megabyte = 1024 * 1024;

/** What each contestant takes of the machine at the end, and how long it takes to start again. Ends all servers. */
export const costsOf = async (sites, { rounds }) => {
  const row = (name, unit) => ({ name, unit, values: new Map(sites.map((site) => [site.name, []])) });
  const memory = row('memory (RSS)', 'MB');
  const own = row('memory without mapped files', 'MB');
  const disk = row('size on disk', 'MB');
  const start = row('start on these data', 'ms');
  const startFew = row('start on few data', 'ms');
  for (const { name, many, few } of sites) {
    const bytes = memoryOf(many.pid);
    memory.values.get(name).push(bytes.all / megabyte);
    if (bytes.own !== undefined) own.values.get(name).push(bytes.own / megabyte);
    await many.close();
    await few.close();
    disk.values.get(name).push(bytesOnDisk(many.folder) / megabyte);
  }
  for (let round = 0; round < rounds; round++) {
    for (const { name, contestant, many, few } of sites) {
      start.values.get(name).push(await startupMs(contestant, many.folder));
      startFew.values.get(name).push(await startupMs(contestant, few.folder));
    }
  }
  return [memory, own, disk, start, startFew];
};
