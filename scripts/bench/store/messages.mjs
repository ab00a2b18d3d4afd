// Rows of history as Parley keeps them: the fields and the unique keys of `features/messages/message.model.ts`.

const perConversation = 100;
const perBatch = 1_000;
const text = 'Who opens the bridge on Saturday? It always rains on bridges, so bring the good umbrella.';

/** How many conversations `total` messages make. */
const conversationsOf = (total) => Math.ceil(total / perConversation);

/** Ids ascend with time, as those that clients make. */
export const idOf = (index) =>
  index.toString(32).padStart(10, '0') + ((index * 2654435761) >>> 0).toString(32).padStart(16, '0');

/** Conversations go on side by side: the messages of one are spread over the whole collection. */
const messageAt = (index, total) => {
  const conversations = conversationsOf(total);
  const seq = Math.floor(index / conversations) + 1;
  const at = new Date(1_760_000_000_000 + index);
  return {
    _id: idOf(index),
    conversation: idOf(index % conversations),
    seq,
    position: seq,
    author: idOf(index % 50),
    text,
    files: [],
    replyTo: null,
    mentions: [],
    reactions: [],
    sentAt: at,
    receivedAt: at,
    editedAt: null,
    deletedAt: null,
  };
};

/** An empty collection of messages with its unique key. */
export const createMessages = async (db) => {
  await db.collection('messages').createIndex({ conversation: 1, seq: 1 }, { unique: true });
};

/** Stores the messages `from` to `to` of `total`, a thousand a command. */
export const loadMessages = async (db, { from, to, total }) => {
  for (let at = from; at < to; at += perBatch) {
    const length = Math.min(perBatch, to - at);
    const rows = Array.from({ length }, (_, i) => messageAt(at + i, total));
    await db.collection('messages').insertMany(rows, { ordered: false });
  }
};

const below = (limit) => Math.floor(Math.random() * limit);

/** What is asked of `total` messages, somewhere else each time. Every answer is checked, so that no empty one looks fast. */
export const messageWork = (db, total) => {
  const messages = db.collection('messages');
  const anyConversation = () => idOf(below(conversationsOf(total)));
  const fewestOfOne = Math.floor(total / conversationsOf(total));
  const expect = (there) => {
    if (!there) throw new Error('the answer is not what was stored');
  };
  return {
    byId: async () => expect(await messages.findOne({ _id: idOf(below(total)) })),
    byUniqueKey: async () =>
      expect(await messages.findOne({ conversation: anyConversation(), seq: 1 + below(fewestOfOne) })),
    page: async () => {
      const cursor = messages.find({ conversation: anyConversation() }).sort({ seq: -1 }).limit(50);
      expect((await cursor.toArray()).length >= Math.min(50, fewestOfOne));
    },
    update: async () => {
      const change = { $set: { text: `${text} ${below(1e9)}` } };
      expect((await messages.updateOne({ _id: idOf(below(total)) }, change)).matchedCount === 1);
    },
  };
};
