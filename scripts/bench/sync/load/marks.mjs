// When a text was sent and by whom, written into it so that a receiver can tell without reading the rest of the frame.

/** Long enough to be nowhere else: a time as a float has any bytes. */
const opening = '@sent:';
const timeDigits = 12;
const writerDigits = 6;

/** A mark of this moment by the writer of this number. */
export const markNow = (writer) =>
  opening +
  String(Math.round(performance.now() * 1_000)).padStart(timeDigits, '0') +
  String(writer).padStart(writerDigits, '0');

const numberAt = (bytes, at, digits) => {
  let value = 0;
  for (let place = at; place < at + digits; place += 1) value = value * 10 + (bytes[place] ?? 0) - 48;
  return value;
};

/** Calls `each` with the time (ms of this process) and the writer of every mark in the bytes. */
export const eachMark = (bytes, each) => {
  let at = bytes.indexOf(opening);
  while (at !== -1) {
    const time = at + opening.length;
    each(numberAt(bytes, time, timeDigits) / 1_000, numberAt(bytes, time + timeDigits, writerDigits));
    at = bytes.indexOf(opening, time + timeDigits + writerDigits);
  }
};
