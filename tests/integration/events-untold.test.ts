// What has happened and could not be told, as the store failed just then: everybody hears that there is a gap, and nobody is left behind.
import { newId } from '@parley/shared';
import { expect } from 'chai';
import mongoose from 'mongoose';
import { streamOverSocket } from '../harness/event-stream.js';
import { chat, converse } from '../harness/json-client.js';
import { signUp, type TestPerson } from '../harness/kit.js';
import { type ServerOnStore, startServerOnStore } from '../harness/server-on-store.js';

describe('what could not be told at first', () => {
  let place: ServerOnStore;
  let ada: TestPerson;
  let bob: TestPerson;
  const { find } = mongoose.mongo.Collection.prototype;
  before(async () => {
    place = await startServerOnStore('events-untold');
  });
  after(() => place.close());
  beforeEach(async () => {
    [ada, bob] = await Promise.all([signUp(place.server), signUp(place.server)]);
  });
  afterEach(() => {
    mongoose.mongo.Collection.prototype.find = find;
  });

  /** The next so many questions to a collection fail. */
  const fail = (collection: string, times: number): void => {
    let left = times;
    mongoose.mongo.Collection.prototype.find = function (this: mongoose.mongo.Collection, ...some: never[]) {
      if (this.collectionName !== collection || left === 0) return find.apply(this, some as never);
      left -= 1;
      throw new Error('the store has failed');
    } as typeof find;
  };

  it('is a message that mentions somebody: they are notified, and every socket hears it once', async () => {
    const { conversation } = await ada.api.conversations.start.mutate({ userId: bob.id });
    const conversationId = conversation.id;
    await using direct = await chat(place.server, bob.token).opened();
    await using inIt = await converse(place.server, bob.token, conversationId).opened();
    using stream = streamOverSocket(place.server, () => bob.token);
    await stream.until(({ heard }) => heard.length > 0);
    fail('notification_preferences', 2);
    await ada.api.messages.send.mutate({ conversationId, text: 'you', mentions: [bob.id] });
    await ada.api.messages.send.mutate({ conversationId, text: 'and then' });
    await Promise.all([direct.has(2), inIt.has(2)]);
    expect([direct.texts, inIt.texts]).to.deep.equal(Array(2).fill(['you', 'and then']));
    await stream.until(({ of }) => of('notification.created').length > 0);
    const told = stream.of('message.added').flatMap(({ messages }) => messages.map(({ seq }) => seq));
    expect(told).to.deep.equal([1, 2]);
    expect((await bob.api.notifications.list.query({})).items).to.have.length(1);
  });

  it('is that somebody was put out: their socket is closed, and they hear nothing more', async () => {
    const { id: group } = await ada.api.groups.create.mutate({
      ...{ name: newId(), visibility: 'private', members: [bob.id] },
    });
    const his = await converse(place.server, bob.token, group).opened();
    using stream = streamOverSocket(place.server, () => bob.token);
    await stream.until(({ heard }) => heard.length > 0);
    fail('notifications', 1);
    await ada.api.groups.removeMember
      .mutate({ conversationId: group, userId: bob.id })
      .catch(() => undefined);
    expect((await his.closed).code).to.be.oneOf([4403, 4404]);
    expect(stream.of('conversation.memberLeft')).to.deep.equal([]);
    await stream.until(({ of }) => of('stream.gap').length > 0);
    await ada.api.messages.send.mutate({ conversationId: group, text: 'without him' });
    // Something that he is told of.
    await bob.api.projects.create.mutate({ name: 'his own' });
    await stream.until(({ of }) => of('project.created').length > 0);
    expect(stream.of('message.added')).to.deep.equal([]);
  });
});
