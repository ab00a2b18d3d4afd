/** A file that came with a form, whole and on this machine's disk until the request is answered. `type`: what its sender takes it for. */
export interface SentFile {
  readonly path: string;
  readonly name: string;
  readonly type: string;
  readonly size: number;
}
