import { hostname } from 'node:os';
import type { CommandRequest } from './request.js';

/** A command that has not been answered yet. */
export interface RunningOperation {
  readonly opId: number;
  readonly request: CommandRequest;
  readonly connectionId: number;
  /** The client's address and port. */
  readonly client: string;
  readonly startedAtMs: number;
}

/** The words `serverStatus` and `$currentOp` have for kinds of commands. */
type OperationKind = 'insert' | 'query' | 'update' | 'delete' | 'getmore' | 'command';

const KIND_OF_COMMAND: ReadonlyMap<string, OperationKind> = new Map([
  ['insert', 'insert'],
  ['find', 'query'],
  ['update', 'update'],
  ['delete', 'delete'],
  ['getMore', 'getmore'],
]);

/** How a command is counted; a bulk counts once for each of its statements. */
export function kindOf(request: CommandRequest): OperationKind {
  return KIND_OF_COMMAND.get(request.name) ?? 'command';
}

/** What a running server knows about itself. Only what is counted here is ever reported; nothing is estimated. */
export class ServerState {
  readonly startedAtMs = Date.now();
  /** Set once the server listens, which is before anybody can ask. */
  port = 0;
  connections = 0;
  connectionsCreated = 0;
  readonly counters: Record<OperationKind, number> = {
    insert: 0,
    query: 0,
    update: 0,
    delete: 0,
    getmore: 0,
    command: 0,
  };
  private readonly operations = new Map<number, RunningOperation>();
  private lastOpId = 0;

  constructor(readonly maxConnections: number) {}

  /** Host and port as MongoDB writes them. */
  get address(): string {
    return `${hostname()}:${this.port}`;
  }

  get running(): RunningOperation[] {
    return [...this.operations.values()];
  }

  /** Note a new connection; returns its number. */
  connected(): number {
    this.connections++;
    return ++this.connectionsCreated;
  }

  disconnected(): void {
    this.connections--;
  }

  /** Note that a command begins; the caller ends it by the number it gets. */
  begin(request: CommandRequest, from: { readonly connectionId: number; readonly client: string }): number {
    const opId = ++this.lastOpId;
    this.counters[kindOf(request)] += Math.max(request.documents.length, 1);
    const { connectionId, client } = from;
    this.operations.set(opId, { opId, request, connectionId, client, startedAtMs: performance.now() });
    return opId;
  }

  end(opId: number): void {
    this.operations.delete(opId);
  }
}
