// Owns what the plain API answers where there is nothing to tell but that it is done.
import { z } from 'zod';

export const doneBody = z.object({ message: z.string() });
