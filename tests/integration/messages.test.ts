import { newId } from '@parley/shared';
import { expect } from 'chai';
import { refusalOf, signUp, startTestServer, type TestPerson, type TestServer } from '../harness/kit.js';

describe('messages', () => {
  let server: TestServer;
  let ada: TestPerson;
  let bob: TestPerson;
  let eve: TestPerson;
  let conversationId = '';
  before(async () => {
    server = await startTestServer();
    [ada, bob, eve] = await Promise.all([
      signUp(server, 'ada'),
      signUp(server, 'bob'),
      signUp(server, 'eve'),
    ]);
    conversationId = (await ada.api.conversations.start.mutate({ userId: bob.id })).conversation.id;
  });
  after(() => server.close());

  describe('send', () => {
    it('answers with the message as history holds it', async () => {
      const id = newId();
      const sent = await ada.api.messages.send.mutate({
        conversationId,
        id,
        text: 'hello\n  there',
        mentions: [bob.id],
      });
      expect(sent).to.deep.include({
        id,
        conversationId,
        author: { id: ada.id, username: ada.username, name: ada.username },
        text: 'hello\n  there',
        mentions: [bob.id],
        replyTo: null,
        reactions: {},
        editedAt: null,
        deletedAt: null,
      });
      const reply = await bob.api.messages.send.mutate({ conversationId, text: 'hi', replyTo: id });
      expect(reply).to.include({ replyTo: id, seq: sent.seq + 1 });
      const { items } = await bob.api.messages.list.query({ conversationId });
      expect(items.slice(-2)).to.deep.equal([sent, reply]);
    });

    it('stores a message once, however often it is sent with one id, side by side too', async () => {
      const message = { conversationId, id: newId(), text: 'exactly once' };
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => ada.api.messages.send.mutate(message)),
      );
      const late = await ada.api.messages.send.mutate({ ...message, text: 'another text' });
      for (const answer of [...answers, late]) expect(answer).to.deep.equal(answers[0]);
      const { items } = await bob.api.messages.list.query({ conversationId });
      expect(items.filter(({ id }) => id === message.id)).to.have.length(1);
    });

    it("refuses an id that is somebody else's message, or one's own elsewhere", async () => {
      const { id } = await ada.api.messages.send.mutate({ conversationId, text: 'mine' });
      const stolen = await refusalOf(bob.api.messages.send.mutate({ conversationId, id, text: 'no, mine' }));
      expect(stolen).to.include({ code: 'MESSAGE_ID_TAKEN', httpStatus: 409 });
      const { conversation: other } = await ada.api.conversations.start.mutate({ userId: eve.id });
      const moved = await refusalOf(
        ada.api.messages.send.mutate({ conversationId: other.id, id, text: 'mine' }),
      );
      expect(moved.code).to.equal('MESSAGE_ID_TAKEN');
      expect((await ada.api.messages.list.query({ conversationId: other.id })).items).to.deep.equal([]);
    });

    it('numbers messages 1, 2, 3 … without a gap, when many send at once', async () => {
      const { room } = await ada.api.rooms.joinOrCreate.mutate({ name: 'busy' });
      await bob.api.rooms.joinOrCreate.mutate({ name: 'busy' });
      const sent = await Promise.all(
        Array.from({ length: 40 }, (_, index) =>
          (index % 2 === 0 ? ada : bob).api.messages.send.mutate({
            conversationId: room.id,
            text: `message ${index}`,
          }),
        ),
      );
      const seqs = sent.map(({ seq }) => seq).sort((a, b) => a - b);
      expect(seqs).to.deep.equal(Array.from({ length: 40 }, (_, index) => index + 1));
    });
  });

  describe('list', () => {
    it('pages both ways from either end and from a cursor, always in ascending order', async () => {
      const { room } = await ada.api.rooms.joinOrCreate.mutate({ name: 'pages' });
      for (let index = 1; index <= 7; index += 1) {
        await ada.api.messages.send.mutate({ conversationId: room.id, text: `message ${index}` });
      }
      const pages = async (direction: 'older' | 'newer'): Promise<number[][]> => {
        const seen: number[][] = [];
        let cursor: string | undefined;
        do {
          const given = cursor === undefined ? {} : { cursor };
          const page = await ada.api.messages.list.query({
            conversationId: room.id,
            direction,
            limit: 3,
            ...given,
          });
          seen.push(page.items.map(({ seq }) => seq));
          cursor = page.nextCursor ?? undefined;
        } while (cursor !== undefined);
        return seen;
      };
      expect(await pages('older')).to.deep.equal([[5, 6, 7], [2, 3, 4], [1]]);
      expect(await pages('newer')).to.deep.equal([[1, 2, 3], [4, 5, 6], [7]]);
      const from = async (direction: 'older' | 'newer', fromSeq: number): Promise<number[]> => {
        const input = { conversationId: room.id, direction, fromSeq, limit: 3 };
        return (await ada.api.messages.list.query(input)).items.map(({ seq }) => seq);
      };
      expect(await from('older', 6)).to.deep.equal([3, 4, 5]);
      expect(await from('newer', 6)).to.deep.equal([7]);
      expect(await from('newer', 0)).to.deep.equal([1, 2, 3]);
      expect(await from('older', 1)).to.deep.equal([]);
    });
  });

  describe('who may', () => {
    it('hides a conversation from everybody else: not found, not forbidden', async () => {
      for (const call of [
        () => eve.api.messages.list.query({ conversationId }),
        () => eve.api.messages.send.mutate({ conversationId, text: 'let me in' }),
        () => eve.api.messages.list.query({ conversationId: newId() }),
      ]) {
        expect(await refusalOf(call())).to.include({ code: 'NOT_FOUND', httpStatus: 404 });
      }
    });

    it('lets a public room be seen, but neither read nor written before joining', async () => {
      const { room } = await ada.api.rooms.joinOrCreate.mutate({ name: 'for members' });
      for (const call of [
        () => eve.api.messages.list.query({ conversationId: room.id }),
        () => eve.api.messages.send.mutate({ conversationId: room.id, text: 'let me in' }),
      ]) {
        expect(await refusalOf(call())).to.include({ code: 'FORBIDDEN', httpStatus: 403 });
      }
      await eve.api.rooms.joinOrCreate.mutate({ name: 'for members' });
      await eve.api.messages.send.mutate({ conversationId: room.id, text: 'thank you' });
    });
  });
});
