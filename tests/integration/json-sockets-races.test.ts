// Everything at once: what is said through all doors of two servers, changed and taken back meanwhile, comes out of every socket once.
import { newId } from '@parley/shared';
import { expect } from 'chai';
import { readHistory } from '../harness/history.js';
import { chat, converse, type JsonClient } from '../harness/json-client.js';
import { createApi, signUp, startTestServer } from '../harness/kit.js';
import { startServerOnStore } from '../harness/server-on-store.js';
import { StockClient } from '../harness/stock-client.js';

const ROUNDS = 15;
const DOORS = 6;

const answersOf = ({ frames }: JsonClient) => frames.filter(({ ok }) => ok === true).map(({ id }) => id);
const toldOf = ({ frames }: JsonClient) =>
  frames.filter(({ sender }) => sender !== undefined).map(({ id }) => id);

describe('JSON sockets while everybody speaks through every door', () => {
  for (const servers of [1, 2]) {
    it(`hear each message once and in the order of history (${servers} of one store)`, async () => {
      const place = await startServerOnStore(`json-sockets-races-${servers}`, { nodeBeatMs: 100 });
      const one = place.server;
      const other = servers === 1 ? one : await startTestServer({ mongodbUri: place.uri, nodeBeatMs: 100 });
      const [ada, bob] = await Promise.all([signUp(one, 'ada'), signUp(one, 'bob')]);
      const { conversation } = await ada.api.conversations.start.mutate({ userId: bob.id });
      const conversationId = conversation.id;
      const stock = new StockClient({
        ...{ wsUrl: one.wsUrl, conversationId, userId: bob.id, token: bob.token },
      });
      await stock.synced();
      const his = await chat(one, bob.token).opened();
      const hers = await chat(other, ada.token).opened();
      const inIt = await converse(one, ada.token, conversationId).opened();
      const inItThere = await converse(other, bob.token, conversationId).opened();
      const elsewhere = createApi(other.url, bob.token);
      const sending: Promise<unknown>[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        his.send({ message: `his ${round}`, receiver: ada.id });
        hers.send({ message: `hers ${round}`, receiver: bob.id });
        inIt.send({ message: `in it ${round}` });
        stock.say(`from Yjs ${round}`);
        const id = newId();
        const sent = ada.api.messages.send.mutate({ conversationId, text: `changed ${round}`, id });
        sending.push(
          sent.then(() => ada.api.messages.edit.mutate({ conversationId, id, text: `edited ${round}` })),
          elsewhere.messages.send.mutate({ conversationId, text: `from elsewhere ${round}` }),
        );
      }
      await Promise.all(sending);
      const all = ROUNDS * DOORS;
      await inIt.has(all);
      await inItThere.has(all);
      // Those who sent are answered in place of being told.
      await Promise.all([his.has(all), hers.has(all)]);
      const history = (await readHistory(ada.api, conversationId)).map(({ id }) => id);
      expect(history.length).to.equal(all);
      for (const socket of [his, hers, inIt, inItThere]) {
        const own = answersOf(socket);
        expect(toldOf(socket)).to.deep.equal(history.filter((id) => !own.includes(id)));
        expect(toldOf(socket).length + own.length).to.equal(all);
        await socket[Symbol.asyncDispose]();
      }
      stock[Symbol.dispose]();
      if (other !== one) await other.close();
      await place.close();
    });
  }
});
