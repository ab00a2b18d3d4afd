// Owns how the plain API tells that a name or an address is somebody else's: as a field that is wrong, not as a conflict.
import { AppError } from '@parley/shared';
import { toAppError } from '../../../trpc/index.js';

/** INVALID_INPUT in place of a CONFLICT that names the fields at fault. */
export const takenIsInvalid = async <T>(work: Promise<T>): Promise<T> => {
  try {
    return await work;
  } catch (error) {
    const { code, details } = toAppError(error);
    const { fields = {} } = details;
    if (code !== 'CONFLICT' || Object.keys(fields).length === 0) throw error;
    throw new AppError('INVALID_INPUT', { details: { fields }, cause: error });
  }
};
