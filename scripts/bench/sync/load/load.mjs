// The load as a process of its own: gets one row and one contestant, answers with its figures.
import { rows } from '../rows/rows.mjs';

process.once('message', async ({ row, site, sizes }) => {
  let answer;
  try {
    const notes = [];
    const figures = await rows[row].run(site, sizes, (note) => notes.push(note));
    answer = { figures, notes };
  } catch (error) {
    answer = { problem: error.message };
  }
  process.send(answer, () => process.exit());
});
// A parent that is gone waits for nothing.
process.once('disconnect', () => process.exit());
