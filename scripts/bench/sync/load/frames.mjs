// Frames of y-websocket, and Hocuspocus's, which put the document's name before them: made and read no further than a load needs.

/** lib0's variable-length unsigned numbers. */
export const varUint = (value) => {
  const bytes = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  bytes.push(rest);
  return bytes;
};

const varBytes = (bytes) => Buffer.concat([Buffer.from(varUint(bytes.length)), bytes]);

export const varString = (text) => varBytes(Buffer.from(text));

export const frameTypes = { sync: 0, awareness: 1, auth: 2, syncReply: 4 };
export const steps = { stateVector: 0, reply: 1, update: 2 };

/** "I have nothing: what is there?" */
export const askForAll = Buffer.from([frameTypes.sync, steps.stateVector, 1, 0]);
/** "I have nothing you lack." */
export const nothingNew = Buffer.from([frameTypes.sync, steps.reply, 2, 0, 0]);

export const updateFrame = (update) =>
  Buffer.concat([Buffer.from([frameTypes.sync, steps.update]), varBytes(update)]);

export const awarenessFrame = (client, clock, state) => {
  const entry = Buffer.concat([
    Buffer.from([1, ...varUint(client), ...varUint(clock)]),
    varString(JSON.stringify(state)),
  ]);
  return Buffer.concat([Buffer.from([frameTypes.awareness]), varBytes(entry)]);
};

export const authFrame = (token) => Buffer.concat([Buffer.from([frameTypes.auth, 0]), varString(token)]);

/** The bytes that a sync frame carries, `at` where its length begins. */
export const contentAt = (frame, at) => {
  let length = 0;
  let factor = 1;
  let place = at;
  for (; frame[place] >= 0x80; place += 1) {
    length += (frame[place] & 0x7f) * factor;
    factor *= 128;
  }
  length += frame[place] * factor;
  return frame.subarray(place + 1, place + 1 + length);
};
