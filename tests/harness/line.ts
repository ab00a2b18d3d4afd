// A person's line to a server: it can be cut, be down for a while, stall, and lead to another server later on. Its address stays.
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export class Line implements AsyncDisposable {
  readonly url: string;
  readonly wsUrl: string;
  readonly #server: Server;
  /** Its own, so that servers which look at addresses tell the lines apart. */
  readonly #address: string;
  readonly #ends = new Set<Socket>();
  /** The server's ends, which stop being read while the line stalls. */
  readonly #upstreams = new Set<Socket>();
  #port: number | null = null;
  #isDown = false;
  #isStalled = false;

  private constructor(server: Server) {
    this.#server = server;
    const { port } = server.address() as AddressInfo;
    this.#address = `127.1.${port >> 8}.${port & 255}`;
    this.url = `http://127.0.0.1:${port}`;
    this.wsUrl = `ws://127.0.0.1:${port}`;
    server.on('connection', (socket) => this.#join(socket));
  }

  static async open(): Promise<Line> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Line(server);
  }

  get isDown(): boolean {
    return this.#isDown;
  }

  /** Leads to this server from now on, or nowhere; what stood is cut. */
  leadTo(url: string | null): void {
    this.#port = url === null ? null : Number(new URL(url).port);
    this.cut();
  }

  /** Ends every connection, without a word to either side. */
  cut(): void {
    for (const socket of [...this.#ends]) socket.destroy();
  }

  down(): void {
    this.#isDown = true;
    this.cut();
  }

  up(): void {
    this.#isDown = false;
  }

  /** Nothing more comes from the server, and nothing breaks. */
  stall(isStalled = true): void {
    this.#isStalled = isStalled;
    for (const upstream of this.#upstreams) this.#flow(upstream);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(client: Socket): void {
    if (this.#isDown || this.#port === null) {
      client.destroy();
      return;
    }
    const upstream = connect({ port: this.#port, host: '127.0.0.1', localAddress: this.#address });
    this.#upstreams.add(upstream);
    for (const socket of [client, upstream]) {
      this.#ends.add(socket);
      socket.setNoDelay(true);
      // Either end may go first; the other is told by the end of its connection.
      socket.on('error', () => undefined);
      socket.on('close', () => {
        client.destroy();
        upstream.destroy();
        this.#ends.delete(socket);
        this.#upstreams.delete(upstream);
      });
    }
    client.pipe(upstream);
    upstream.on('data', (chunk) => {
      client.write(chunk);
    });
    upstream.on('end', () => client.end());
    this.#flow(upstream);
  }

  #flow(upstream: Socket): void {
    if (this.#isStalled) upstream.pause();
    else upstream.resume();
  }
}
