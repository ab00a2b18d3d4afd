import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { signUp, startTestServer, TEST_PASSWORD } from '../harness/kit.js';
import { listen, watchBoard } from './events.js';

describe('docs/events.md', () => {
  it('shows code that stands in the example', () => {
    const page = readFileSync(new URL('../../docs/events.md', import.meta.url), 'utf8');
    const example = readFileSync(new URL('events.ts', import.meta.url), 'utf8').replace(/^ {2}/gm, '');
    const pieces = [...page.matchAll(/```ts\n(.*?)```/gs)].map((match) => match[1] ?? '');
    expect(pieces).to.have.length.above(0);
    for (const piece of pieces) expect(example).to.include(piece);
  });

  it('hears what it says', async () => {
    await using server = await startTestServer();
    const ada = await signUp(server);
    const lines: string[] = [];
    let look = (): void => undefined;
    const until = (line: string) =>
      new Promise<void>((resolve) => {
        look = () => {
          if (lines.includes(line)) resolve();
        };
        look();
      });
    const log = (line: string): void => {
      lines.push(line);
      look();
    };
    const { client, stop } = await listen(server.url, { login: ada.username, password: TEST_PASSWORD }, log);
    await until('events: open');
    const { id: projectId } = await ada.api.projects.create.mutate({ name: 'The bridge' });
    const { id: taskId } = await ada.api.tasks.create.mutate({ projectId, title: 'Measure it' });
    await ada.api.tasks.update.mutate({ taskId, status: 'done' });
    await until(`${taskId} is done`);
    const board = watchBoard(client, projectId, log);
    await ada.api.tasks.update.mutate({ taskId, status: 'inProgress' });
    await until('Measure it (inProgress)');
    board.close();
    stop();
    client.close();
  });
});
