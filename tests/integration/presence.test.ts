// Who is here: what brings somebody online and keeps them so, and who may know.
import { limits } from '@parley/shared';
import { expect } from 'chai';
import { createDataDir, startTestServer, type TestServer } from '../harness/kit.js';
import {
  type SdkPerson,
  sdkSignIn,
  sdkSignUp as signUpOver,
  type Watch,
  watchPeople,
} from '../harness/sdk-person.js';

const GRACE_MS = 300;

const isOnline =
  (person: SdkPerson) =>
  (watch: Watch): boolean =>
    watch.last(person)?.status === 'available';
const isOffline =
  (person: SdkPerson) =>
  (watch: Watch): boolean =>
    watch.last(person)?.status === 'offline';

const befriend = async (one: SdkPerson, other: SdkPerson): Promise<void> => {
  await one.api.friends.request.mutate({ userId: other.id });
  await other.api.friends.accept.mutate({ userId: one.id });
};

for (const subscriptions of ['socket', 'events'] as const) {
  describe(`presence, over ${subscriptions === 'socket' ? 'one socket' : 'server-sent events'}`, () => {
    const sdkSignUp = (at: { readonly url: string }) => signUpOver(at, { subscriptions });
    let server: TestServer;
    before(async () => {
      server = await startTestServer({ presenceGraceMs: GRACE_MS });
    });
    after(() => server.close());

    const people = async (): Promise<[SdkPerson, SdkPerson, SdkPerson]> =>
      await Promise.all([sdkSignUp(server), sdkSignUp(server), sdkSignUp(server)]);
    /** Comes by a subscription of their own, as an app's first page opens one; resolves once others can see them. */
    const come = async (person: SdkPerson): Promise<Watch> => {
      const watch = watchPeople(person, [person]);
      await watch.until(isOnline(person));
      return watch;
    };
    const onlineIds = async (viewer: SdkPerson, among: 'everyone' | 'friends' = 'everyone') =>
      (await viewer.api.presence.online.query({ among, limit: 100 })).items.map(({ person }) => person.id);

    describe('being here', () => {
      it('is an open conversation', async () => {
        const [ada, bob] = await people();
        const { room } = await ada.api.rooms.joinOrCreate.mutate({ name: `here ${ada.id}` });
        using watch = watchPeople(bob, [ada]);
        await watch.until(isOffline(ada));
        expect(await onlineIds(bob)).not.to.include(ada.id);
        const open = ada.client.conversation(room.id);
        await watch.until(isOnline(ada));
        expect(await onlineIds(bob)).to.include(ada.id);
        open.close();
        await watch.until(isOffline(ada));
        expect(await onlineIds(bob)).not.to.include(ada.id);
        expect(watch.of(ada)).to.deep.equal(['offline', 'available', 'offline']);
      });

      it('is an open subscription; one’s own page of who is here leaves oneself out', async () => {
        const [ada, bob] = await people();
        using _ada = await come(ada);
        const { items } = await bob.api.presence.online.query({});
        const shown = items.find(({ person }) => person.id === ada.id);
        expect(shown).to.include({ status: 'available' });
        expect(shown?.person.username).to.equal(ada.username);
        expect(await onlineIds(ada)).not.to.include(ada.id);
      });

      it('lasts while one of several connections does, and through a moment without any', async () => {
        // With the grace that holds by default: however slowly somebody comes back here, it is sooner.
        await using own = await startTestServer();
        const [ada, bob] = await Promise.all([sdkSignUp(own), sdkSignUp(own)]);
        using watch = watchPeople(bob, [ada]);
        await watch.until(isOffline(ada));
        const tabs = await Promise.all([come(ada), come(ada)]);
        await watch.until(isOnline(ada));
        tabs[0][Symbol.dispose]();
        tabs[1][Symbol.dispose]();
        using _again = await come(ada);
        // Whatever was told before this was told in its order.
        await ada.api.presence.setStatus.mutate({ status: 'away' });
        await watch.until((heard) => heard.last(ada)?.status === 'away');
        expect(watch.of(ada)).to.deep.equal(['offline', 'available', 'away']);
      });

      it('ends with the session, for everybody to see', async () => {
        const [ada, bob] = await people();
        using watch = watchPeople(bob, [ada]);
        using own = await come(ada);
        await watch.until(isOnline(ada));
        const { items } = await ada.api.auth.sessions.query({});
        const device = await sdkSignIn(server, ada);
        await device.api.auth.revokeSession.mutate({ sessionId: items[0]?.id ?? '' });
        await own.until(({ error }) => error !== null);
        expect(own.error?.code).to.equal('SESSION_ENDED');
        await watch.until(isOffline(ada));
      });

      it('ends with signing out, whoever signs in next', async () => {
        const [ada, bob] = await people();
        using own = await come(ada);
        await ada.client.signOut();
        expect(own.error?.code).to.equal('NOT_SIGNED_IN');
        using watch = watchPeople(bob, [ada]);
        await watch.until(isOffline(ada));
      });
    });

    describe('how one is seen', () => {
      it('is as one says: away, not at all, and here again', async () => {
        const [ada, bob] = await people();
        using watch = watchPeople(bob, [ada]);
        await watch.until(isOffline(ada));
        using _ada = await come(ada);
        await watch.until(isOnline(ada));
        expect(await ada.api.presence.status.query()).to.deep.equal({ status: 'available' });
        await ada.api.presence.setStatus.mutate({ status: 'away' });
        await watch.until((heard) => heard.last(ada)?.status === 'away');
        expect(await onlineIds(bob)).to.include(ada.id);
        await ada.api.presence.setStatus.mutate({ status: 'invisible' });
        await watch.until(isOffline(ada));
        expect(await onlineIds(bob)).not.to.include(ada.id);
        expect(await ada.api.presence.status.query()).to.deep.equal({ status: 'invisible' });
        await ada.api.presence.setStatus.mutate({ status: 'available' });
        await watch.until(isOnline(ada));
        expect(watch.of(ada)).to.deep.equal(['offline', 'available', 'away', 'offline', 'available']);
      });

      it('shows nothing of the comings and goings of the invisible', async () => {
        const [ada, bob] = await people();
        await ada.api.users.update.mutate({ lastSeen: 'everyone' });
        using first = await come(ada);
        await ada.api.presence.setStatus.mutate({ status: 'invisible' });
        using watch = watchPeople(bob, [ada]);
        await watch.until(isOffline(ada));
        const seen = watch.last(ada)?.lastSeenAt;
        expect(seen).to.be.a('date');
        first[Symbol.dispose]();
        using back = watchPeople(ada, [ada]);
        await back.until(isOffline(ada));
        await ada.api.presence.setStatus.mutate({ status: 'available' });
        await watch.until(isOnline(ada));
        expect(watch.of(ada)).to.deep.equal(['offline', 'available']);
      });

      it('tells when somebody was last here as far as they want it told, from the moment they say so', async () => {
        const [ada, bob, eve] = await people();
        await befriend(ada, bob);
        const own = await come(ada);
        own[Symbol.dispose]();
        using friend = watchPeople(bob, [ada]);
        using stranger = watchPeople(eve, [ada]);
        await friend.until((heard) => isOffline(ada)(heard) && heard.last(ada)?.lastSeenAt !== null);
        await stranger.until(isOffline(ada));
        expect(Date.now() - Number(friend.last(ada)?.lastSeenAt)).to.be.within(0, 20_000);
        expect(stranger.last(ada)?.lastSeenAt).to.equal(null);
        await ada.api.users.update.mutate({ lastSeen: 'everyone' });
        await stranger.until((heard) => heard.last(ada)?.lastSeenAt !== null);
        await ada.api.users.update.mutate({ lastSeen: 'nobody' });
        await friend.until((heard) => heard.last(ada)?.lastSeenAt === null);
        await stranger.until((heard) => heard.last(ada)?.lastSeenAt === null);
        await ada.api.users.update.mutate({ lastSeen: 'friends' });
        await friend.until((heard) => heard.last(ada)?.lastSeenAt !== null);
        await ada.api.friends.remove.mutate({ userId: bob.id });
        await friend.until((heard) => heard.last(ada)?.lastSeenAt === null);
      });

      it('is hidden both ways by a block, at once, as if nobody was there', async () => {
        const [ada, bob] = await people();
        using ofAda = watchPeople(bob, [ada]);
        using ofBob = watchPeople(ada, [bob]);
        await Promise.all([ofAda.until(isOnline(ada)), ofBob.until(isOnline(bob))]);
        await ada.api.friends.block.mutate({ userId: bob.id });
        await Promise.all([ofAda.until(isOffline(ada)), ofBob.until(isOffline(bob))]);
        expect([await onlineIds(ada), await onlineIds(bob)].flat()).not.to.include.oneOf([ada.id, bob.id]);
        const { items } = await bob.api.presence.get.query({ userIds: [ada.id, 'nobody-at-all'] });
        expect(items).to.deep.equal([
          { userId: ada.id, status: 'offline', lastSeenAt: null },
          { userId: 'nobody-at-all', status: 'offline', lastSeenAt: null },
        ]);
        await ada.api.friends.unblock.mutate({ userId: bob.id });
        await Promise.all([ofAda.until(isOnline(ada)), ofBob.until(isOnline(bob))]);
      });

      it('ends for everybody with the account', async () => {
        const [ada, bob] = await people();
        using watch = watchPeople(bob, [ada]);
        using _own = await come(ada);
        await watch.until(isOnline(ada));
        await ada.api.users.delete.mutate({ password: 'quite-a-long-secret-7' });
        await watch.until(isOffline(ada));
        expect(watch.last(ada)?.lastSeenAt).to.equal(null);
        expect(await onlineIds(bob)).not.to.include(ada.id);
      });
    });

    describe('who is here', () => {
      it('names those who are not listed to their friends alone', async () => {
        const [ada, bob, eve] = await people();
        await befriend(ada, bob);
        await ada.api.users.update.mutate({ isListed: false });
        using _own = await come(ada);
        expect(await onlineIds(bob)).to.include(ada.id);
        expect(await onlineIds(eve)).not.to.include(ada.id);
        expect(await onlineIds(bob, 'friends')).to.deep.equal([ada.id]);
        expect(await onlineIds(eve, 'friends')).to.deep.equal([]);
      });

      it('comes in pages, whoever came last first, with those left out whom one may not see', async () => {
        await using own = await startTestServer({ presenceGraceMs: GRACE_MS });
        const all: SdkPerson[] = [];
        const open: Watch[] = [];
        for (let count = 0; count < 9; count += 1) {
          const person = await sdkSignUp(own);
          const watch = watchPeople(person, [person]);
          await watch.until(isOnline(person));
          all.push(person);
          open.push(watch);
        }
        const [viewer, , hidden] = all;
        if (viewer === undefined || hidden === undefined) throw new Error('nobody');
        await hidden.api.friends.block.mutate({ userId: viewer.id });
        const seen: string[] = [];
        let cursor: string | undefined;
        let pages = 0;
        do {
          const page = await viewer.api.presence.online.query({ limit: 3, ...(cursor && { cursor }) });
          seen.push(...page.items.map(({ person }) => person.id));
          cursor = page.nextCursor ?? undefined;
          pages += 1;
        } while (cursor !== undefined);
        const expected = all.filter((person) => person !== viewer && person !== hidden).reverse();
        expect(seen).to.deep.equal(expected.map(({ id }) => id));
        expect(pages).to.be.at.least(3);
        for (const watch of open) watch[Symbol.dispose]();
      });
    });

    it('is told to one who starts a conversation, which nobody has to be here for', async () => {
      const [ada, bob, eve] = await people();
      using _ada = await come(ada);
      const withAda = await bob.api.conversations.start.mutate({ userId: ada.id });
      expect(withAda.presence).to.deep.equal({ userId: ada.id, status: 'available', lastSeenAt: null });
      const withEve = await bob.api.conversations.start.mutate({ userId: eve.id });
      expect(withEve.presence).to.deep.equal({ userId: eve.id, status: 'offline', lastSeenAt: null });
      expect(withEve.created).to.equal(true);
    });

    describe('a subscription', () => {
      it('goes on with the next token when one is over', async () => {
        await using own = await startTestServer({ accessTokenSeconds: 1 });
        const [ada, bob] = await Promise.all([sdkSignUp(own), sdkSignUp(own)]);
        using watch = watchPeople(bob, [ada]);
        await watch.until(isOffline(ada));
        const opened = (): number => watch.of(ada).length;
        // Each time it is opened anew it begins with everybody.
        await watch.until(() => opened() >= 3);
        expect(watch.error).to.equal(null);
        using _own = watchPeople(ada, [ada]);
        await watch.until(isOnline(ada));
      });

      it('comes back when the server does', async () => {
        await using place = await createDataDir();
        const options = { dataDir: place.path, mongodbUri: place.mongodbUri };
        const first = await startTestServer(options);
        const [ada, bob] = await Promise.all([sdkSignUp(first), sdkSignUp(first)]);
        using watch = watchPeople(bob, [ada]);
        await watch.until(isOffline(ada));
        await first.close();
        await using _again = await startTestServer({ ...options, port: Number(new URL(first.url).port) });
        using _own = watchPeople(ada, [ada]);
        await watch.until(isOnline(ada));
        expect(watch.error).to.equal(null);
      });

      it('is one of so many', async () => {
        const [ada] = await people();
        const open = Array.from({ length: limits.subscriptionsPerUser.value }, () => watchPeople(ada, [ada]));
        await Promise.all(open.map((watch) => watch.until(isOnline(ada))));
        const answer = await fetch(
          `${server.url}/trpc/presence.watch?input=${encodeURIComponent(JSON.stringify({ json: { userIds: [ada.id] } }))}`,
          { headers: { authorization: `Bearer ${await ada.client.accessToken()}` } },
        );
        const text = await answer.text();
        expect(text).to.include('"TOO_MANY_REQUESTS"').and.to.include('serialized-error');
        for (const watch of open) watch[Symbol.dispose]();
      });

      it('says what is wrong with what was asked', async () => {
        const [ada] = await people();
        using many = watchPeople(
          ada,
          Array.from({ length: 201 }, (_, index) => ({ id: `person-${index}` })),
        );
        await many.until(({ error }) => error !== null);
        expect(many.error?.code).to.equal('INVALID_INPUT');
        expect(many.error?.fields).to.have.property('userIds');
      });
    });
  });
}
