// One conversation on a real server, the people in it, and what befalls them, drawn from a seed.
// Does not own what must hold in the end (world-checks.ts).
import { newId } from '@parley/shared';
import type { Connection } from 'mongoose';
import { createApi, signUp, TEST_PASSWORD } from '../harness/kit.js';
import { Line } from '../harness/line.js';
import { Random } from '../harness/random.js';
import { Ledger } from './ledger.js';
import { LiarTab } from './liar-tab.js';
import { EMOJI } from './life.js';
import type { Person, Surroundings, Tab } from './person.js';
import { SdkTab } from './sdk-tab.js';
import { Servers, type Weather } from './servers.js';
import { StockTab } from './stock-tab.js';

const ROOM = 'World';
const WEATHERS: readonly Weather[] = ['calm', 'calm', 'calm', 'fails', 'lags', 'loses answers'];

const EVENTS = {
  say: 40,
  change: 22,
  send: 6,
  lie: 9,
  cut: 5,
  offline: 5,
  stall: 3,
  reload: 7,
  weather: 5,
  crash: 2,
  mute: 3,
  leave: 3,
  logout: 2,
} as const;
type Event = keyof typeof EVENTS;
const BAG = (Object.keys(EVENTS) as Event[]).flatMap((event) =>
  Array.from({ length: EVENTS[event] }, () => event),
);

/** How long what is under way may take once the weather is fine. */
const REST_MS = 15_000;

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export interface Member extends Person {
  isMuted: boolean;
  /** Something about their rights is under way. */
  isChanging: boolean;
}

export class World implements Surroundings {
  room = '';
  ledger = new Ledger('');
  readonly script: string[] = [];
  readonly faults: string[] = [];
  readonly random: Random;
  readonly servers: Servers;
  readonly tabs: Tab[] = [];
  readonly members: Member[] = [];
  #liar: LiarTab | null = null;
  readonly #store: Connection;
  readonly #lines: Line[] = [];
  /** What is under way, by name. */
  readonly #tasks = new Map<Promise<void>, string>();
  #restarting = false;
  #isOver = false;

  constructor(seed: bigint, { uri, store }: { uri: string; store: Connection }) {
    this.random = new Random(seed);
    this.servers = new Servers(uri, new Random(seed + 1n));
    this.#store = store;
  }

  async begin(): Promise<void> {
    await this.servers.start();
    const [eve, ada, bob, cat, mallory] = [
      await this.#join('eve'),
      await this.#join('ada'),
      await this.#join('bob'),
      await this.#join('cat'),
      await this.#join('mallory'),
    ];
    this.ledger = new Ledger(mallory.person.id);
    for (const { person } of [ada, cat]) await this.#openStock(person);
    await this.#openStock(ada.person);
    for (const { person } of [eve, bob]) {
      const tab = new SdkTab(person, await this.#line());
      this.tabs.push(tab);
      await tab.signIn();
    }
    const random = new Random(this.random.bits());
    this.#liar = new LiarTab(mallory.person, await this.#line(), { token: mallory.token, random });
    this.#liar.join();
    this.members.pop();
  }

  fault(text: string): void {
    this.faults.push(text);
    this.script.push(`FAULT: ${text}`);
  }

  async step(): Promise<void> {
    const event = this.random.pick(BAG);
    this.#happen(event);
    await pause(this.random.below(this.random.pick([1, 5, 15, 40])));
  }

  /** Whatever was begun has come to an end. */
  async rest(): Promise<void> {
    const until = Date.now() + REST_MS;
    while (this.#tasks.size > 0 && Date.now() < until) await pause(10);
    for (const name of this.#tasks.values()) this.fault(`never came to an end: ${name}`);
    this.#tasks.clear();
  }

  /** The weather is fine, lines are up, nobody is silenced; who is out stays out. */
  async calm(): Promise<void> {
    this.servers.weather = 'calm';
    for (const line of this.#lines) {
      line.up();
      line.stall(false);
    }
    await this.rest();
    for (const line of this.#lines) line.leadTo(this.servers.url);
    for (const person of this.members) if (person.isMuted && !person.isOut) this.#mute(person);
    await this.rest();
    for (const tab of this.tabs) tab.connect();
  }

  async end(): Promise<void> {
    this.#isOver = true;
    for (const tab of this.tabs) tab.close();
    await this.#liar?.close();
    for (const line of this.#lines) await line[Symbol.asyncDispose]();
    await this.servers.close();
  }

  #happen(event: Event): void {
    const tab = this.random.pick(this.tabs);
    const who = `${tab.person.name}/${this.tabs.indexOf(tab)}`;
    this.script.push(`${this.script.length} ${event} ${who}`);
    const member = this.members.find(({ id }) => id === tab.person.id);
    if (event === 'say') {
      for (let count = 1 + this.random.below(4); count > 0; count -= 1)
        tab.say(`${who} says ${this.script.length}.${count}`);
    } else if (event === 'change') this.#change(tab);
    else if (event === 'send')
      this.#task(`${who} sends`, this.#send(tab.person, `${who} sends ${this.script.length}`));
    else if (event === 'lie') this.#note(this.#liar?.lie(this.members.map(({ id }) => id)) ?? 'none');
    else if (event === 'cut') tab.line.cut();
    else if (event === 'offline') tab.line.isDown ? tab.line.up() : tab.line.down();
    else if (event === 'stall') this.#stall(tab);
    else if (event === 'reload') this.#task(`${who} reloads`, Promise.resolve(tab.reload()));
    else if (event === 'weather') this.#turn(this.random.pick(WEATHERS));
    else if (event === 'crash') this.#task('a crash', this.#crash());
    else if (event === 'logout') this.#task(`${who} signs in again`, this.#logout(tab));
    else if (member === undefined || member.isAdmin) this.#note('not of an admin');
    else if (event === 'mute') this.#mute(member);
    else this.#leave(member);
  }

  #note(text: string): void {
    this.script[this.script.length - 1] += `: ${text}`;
  }

  #task(name: string, work: Promise<void>): void {
    const task = work
      .catch((error: unknown) => this.fault(`${name} failed: ${String(error)}`))
      .finally(() => this.#tasks.delete(task));
    this.#tasks.set(task, name);
  }

  #change(tab: Tab): void {
    const { messages } = tab;
    if (messages.length === 0) return;
    const act = this.random.pick(['edit', 'edit', 'react', 'react', 'delete'] as const);
    const [message, emoji] = [this.random.pick(messages), this.random.pick(EMOJI)];
    this.#note(`${act} ${message.text}`);
    tab.change({ act, message, text: `edited ${this.script.length}`, emoji });
  }

  /** By procedure, under the same id until there is an answer. */
  async #send({ id: author, api }: Person, text: string): Promise<void> {
    const id = newId();
    this.ledger.said(id, author, text);
    for (let tries = 0; tries < 100; tries += 1) {
      try {
        await api.messages.send.mutate({ conversationId: this.room, id, text });
        this.ledger.acknowledged(id);
        return;
      } catch (error) {
        if (this.#isDenied(error)) return;
        await pause(20);
      }
    }
  }

  #isDenied(error: unknown): boolean {
    return /FORBIDDEN|NOT_FOUND/.test(codeOf(error));
  }

  #turn(weather: Weather): void {
    this.servers.weather = weather;
    this.#note(weather);
  }

  #stall(tab: Tab): void {
    tab.line.stall();
    this.#task(
      'a stall',
      pause(100).then(() => tab.line.stall(false)),
    );
  }

  async #crash(): Promise<void> {
    if (this.#restarting) return;
    this.#restarting = true;
    for (const line of this.#lines) line.leadTo(null);
    await this.servers.crash();
    for (const line of this.#lines) line.leadTo(this.servers.url);
    this.#restarting = false;
  }

  async #logout(tab: Tab): Promise<void> {
    if (tab instanceof SdkTab) {
      await tab.signIn();
      return;
    }
    if (!(tab instanceof StockTab)) return;
    const { token } = tab;
    // Asked again, it is no longer known.
    await this.#again(() => createApi(tab.line.url, token).auth.logout.mutate().catch(ignoreUnknown));
    tab.signIn(await this.#login(tab.person));
  }

  async #login({ username, api }: Person): Promise<string> {
    const login = () => api.auth.login.mutate({ login: username, password: TEST_PASSWORD });
    return (await this.#again(login)).tokens.accessToken;
  }

  #mute(member: Member): void {
    if (member.isChanging || member.isOut) return;
    member.isMuted = !member.isMuted;
    member.wasLimited = true;
    this.#note(member.isMuted ? 'silenced' : 'may speak');
    this.#rights(member, async () => {
      await this.#setMember(member, { silenced: member.isMuted, state: 'left' });
      await this.#again(() => member.api.rooms.joinOrCreate.mutate({ name: ROOM }));
    });
  }

  #leave(member: Member): void {
    if (member.isChanging) return;
    member.wasLimited = true;
    this.#note(member.isOut ? 'comes back' : 'goes');
    const mine = this.tabs.filter((tab) => tab.person === member);
    this.#rights(member, async () => {
      if (member.isOut) {
        member.isOut = false;
        await this.#again(() => member.api.rooms.joinOrCreate.mutate({ name: ROOM }));
        for (const tab of mine) tab.connect();
      } else {
        await this.#again(() => member.api.rooms.leave.mutate({ conversationId: this.room }));
        member.isOut = true;
      }
    });
  }

  #rights(member: Member, change: () => Promise<void>): void {
    member.isChanging = true;
    this.#task(
      `rights of ${member.name}`,
      change().finally(() => {
        member.isChanging = false;
      }),
    );
  }

  async #setMember({ id }: Person, to: object): Promise<void> {
    await this.#store
      .collection('memberships')
      .updateOne({ conversation: this.room, user: id }, { $set: to });
  }

  /** Until it is answered. */
  async #again<T>(call: () => Promise<T>): Promise<T> {
    for (;;) {
      if (this.#isOver) throw new Error('the world has ended');
      try {
        return await call();
      } catch (error) {
        if (this.#isDenied(error)) throw error;
        await pause(20);
      }
    }
  }

  async #line(): Promise<Line> {
    const line = await Line.open();
    line.leadTo(this.servers.url);
    this.#lines.push(line);
    return line;
  }

  async #join(name: string): Promise<{ person: Member; token: string }> {
    const desk = await this.#line();
    const { id, username, token } = await signUp(desk, name);
    const api = createApi(desk.url, token);
    const { room, created } = await api.rooms.joinOrCreate.mutate({ name: ROOM });
    this.room = room.id;
    const person: Member = {
      ...{ world: this, id, name, username, api, isAdmin: created },
      ...{ isOut: false, isMuted: false, isChanging: false, wasLimited: false },
    };
    this.members.push(person);
    return { person, token };
  }

  async #openStock(person: Person): Promise<void> {
    this.tabs.push(new StockTab(person, await this.#line(), await this.#login(person)));
  }
}

const codeOf = (error: unknown): string => JSON.stringify((error as { data?: unknown }).data ?? '');

const ignoreUnknown = (error: unknown): void => {
  if (!/SESSION_ENDED|TOKEN_INVALID/.test(codeOf(error))) throw error;
};
