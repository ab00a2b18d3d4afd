import { Connected } from '@parley/server/internal/features/presence/connected';
import { expect } from 'chai';

describe('who is connected to one process', () => {
  const start = (graceMs: number) => {
    const told: string[] = [];
    let heard = (): void => undefined;
    const connected = new Connected({
      graceMs,
      onChange: (userId, isHere) => {
        told.push(`${userId} ${isHere ? 'came' : 'left'}`);
        heard();
      },
    });
    const tells = (line: string): Promise<void> =>
      new Promise((resolve) => {
        heard = () => (told.includes(line) ? resolve() : undefined);
        heard();
      });
    return { connected, told, tells };
  };

  it('is told of once, however often somebody is', async () => {
    const { connected, told, tells } = start(0);
    for (let tab = 0; tab < 3; tab += 1) connected.came('ada');
    connected.left('ada');
    connected.left('ada');
    expect(told).to.deep.equal(['ada came']);
    expect(connected.all()).to.deep.equal(['ada']);
    connected.left('ada');
    await tells('ada left');
    expect(connected.all()).to.deep.equal([]);
    connected.came('ada');
    expect(told).to.deep.equal(['ada came', 'ada left', 'ada came']);
  });

  it('holds nobody for gone who comes back within the grace', async () => {
    const { connected, told, tells } = start(50);
    connected.came('ada');
    for (let round = 0; round < 20; round += 1) {
      connected.left('ada');
      connected.came('ada');
    }
    connected.came('bob');
    connected.left('bob');
    expect(connected.all()).to.have.members(['ada', 'bob']);
    await tells('bob left');
    expect(told).to.deep.equal(['ada came', 'bob came', 'bob left']);
  });

  it('tells nothing more once it is closed', async () => {
    const { connected, told } = start(1);
    connected.came('ada');
    connected.left('ada');
    connected.close();
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(told).to.deep.equal(['ada came']);
  });
});
