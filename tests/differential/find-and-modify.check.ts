import { chapter } from './chapter.js';
import { findAndModify } from './generate/find-and-modify.js';
import { heldDocuments } from './generate/targets.js';
import { tasteOf } from './generate/values.js';
import { modifiedPicture, observeWrite, refused } from './written.js';

/** How many start from the same documents. */
const COMMANDS = 6;

chapter(
  'findAndModify',
  (random) => {
    const taste = tasteOf(random);
    const held = heldDocuments(random, taste);
    return Array.from({ length: COMMANDS }, () => ({
      documents: held,
      command: findAndModify(random, { held, taste }),
      ...observeWrite((server, command) => server.run(command).then(modifiedPicture, refused)),
    }));
  },
  { share: 0.3 },
);
