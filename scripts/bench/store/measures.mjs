// What is measured, row by row. A measure gets the site of one contestant and answers with a value for each of its rows.
import { median, oneByOne, together } from '../tools/timing.mjs';
import { logWork } from './log.mjs';
import { messageMeasures } from './message-measures.mjs';

const liveDocuments = 200;
const inserts = [1, 4, 16, 64, 256];
/** As many writers as the witness's file lock bears without refusing some. */
const witnessInserts = 16;

const smallDocument = (number) => ({ name: `small ${number}`, number, at: new Date() });
const thousand = () => Array.from({ length: 1_000 }, (_, number) => smallDocument(number));

const insertMany = {
  rows: [['insertMany of 1,000 small documents', 'documents/s']],
  run: async ({ many }, forMs) => {
    const small = many.db.collection('small');
    const times = await oneByOne(() => small.insertMany(thousand()), forMs);
    return [(1_000 / median(times)) * 1_000];
  },
};

const log = {
  rows: [[`log of ${liveDocuments} live documents, grouped`, 'entries/s']],
  run: async ({ many }, forMs) => [
    await together(await logWork(many.db), { inFlight: liveDocuments, forMs }),
  ],
};

const insertOne = {
  rows: inserts.map((inFlight) => [`insert of one, ${inFlight} in flight`, 'inserts/s']),
  run: async ({ name, many }, forMs) => {
    const small = many.db.collection('small');
    const rates = [];
    for (const inFlight of inserts) {
      if (name !== 'store' && inFlight > witnessInserts) break;
      rates.push(await together((number) => small.insertOne(smallDocument(number)), { inFlight, forMs }));
    }
    return rates;
  },
};

/** Every measure, in the order of the table. */
export const measuresFor = (documents) => [
  insertMany,
  log,
  insertOne,
  ...messageMeasures({ few: fewMessages, many: documents }),
];

/** How many messages the small collection has. */
export const fewMessages = 1_000;
