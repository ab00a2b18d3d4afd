import Bowser from 'bowser';
import type { SessionRow } from './session.model.js';

/** What to call a device: what its owner calls it, else what its browser says of itself; null where that says nothing. */
export const deviceName = ({
  device,
  userAgent,
}: Pick<SessionRow, 'device' | 'userAgent'>): string | null => {
  if (device !== null) return device;
  if (userAgent === null || userAgent === '') return null;
  const { browser, os } = Bowser.parse(userAgent);
  const known = [browser.name, os.name].filter((name) => name !== undefined && name !== '');
  return known.length === 0 ? null : known.join(' on ');
};
