// Every procedure × who calls it, by both doors: as a procedure, and over REST. A procedure without a row fails the first test.
import { createAppRouter } from '@parley/server/internal/app-router';
import { expect } from 'chai';
import { rawCall, signUp } from '../harness/kit.js';
import { createRestClient, type RestClient } from '../harness/rest.js';
import { callByRest } from '../harness/rest-door.js';
import { type ServerOnStore, startServerOnStore } from '../harness/server-on-store.js';
import { type Caller, callers, fresh, type World } from './access-rows.js';
import { accessTable } from './access-table.js';

interface Said {
  readonly status: number;
  readonly code: string | null;
}

describe('who may do what', () => {
  let place: ServerOnStore;
  let world: World;
  let rest: RestClient;
  before(async () => {
    place = await startServerOnStore('access-matrix');
    world = await makeWorld();
    rest = await createRestClient(place.server);
  });
  after(() => place.close());

  const makeWorld = async (): Promise<World> => {
    const [stranger, admin, member, owner] = await Promise.all(
      (['stranger', 'admin', 'member', 'owner'] as const).map((name) => signUp(place.server, name)),
    );
    if (!stranger || !admin || !member || !owner) throw new Error('nobody came');
    await place.makeAdmin(admin.id);
    const name = fresh('matrix');
    const { room } = await owner.api.rooms.joinOrCreate.mutate({ name });
    await member.api.rooms.joinOrCreate.mutate({ name });
    const { conversation } = await owner.api.conversations.start.mutate({ userId: member.id });
    const people = { stranger, admin, member, owner };
    return { people, url: place.server.url, room: room.id, direct: conversation.id };
  };

  it('is said of every procedure', () => {
    const { procedures } = createAppRouter({} as never)._def;
    const told = new Set(Object.keys(accessTable).map((name) => name.split(' ', 1)[0]));
    expect([...told].sort()).to.deep.equal(Object.keys(procedures).sort());
  });

  /** By the other door fewer ask: behind it are the same procedures. */
  const asking: readonly Caller[] = ['anonymous', 'stranger', 'owner'];

  for (const [name, row] of Object.entries(accessTable)) {
    const path = name.split(' ', 1)[0] ?? name;
    const ask = async (people: readonly Caller[], call: (input: object, token?: string) => Promise<Said>) => {
      const here = row.isLast ? await makeWorld() : world;
      let made: object | null = null;
      for (const caller of people) {
        const token = caller === 'anonymous' ? undefined : here.people[caller].token;
        const input: object = made ?? (await row.input(here, caller));
        const { status, code } = await call(input, token);
        const found = status < 300 ? 'ok' : (code ?? `status ${status}`);
        expect(found, caller).to.equal(row.outcomes[caller]);
        // What was refused has used nothing up: the next one asks for the same.
        made = found === 'ok' ? null : input;
      }
    };

    it(name, () =>
      ask(callers, (json, token) =>
        rawCall({
          ...{ url: place.server.url, path, type: row.type, payload: { json } },
          ...(token !== undefined && { token }),
        }),
      ),
    );

    if (row.type === 'subscription') continue;
    it(`${name}, over REST`, () =>
      ask(asking, (input, token) =>
        callByRest(rest, { path, input, ...(token !== undefined && { token }) }),
      ));
  }
});
