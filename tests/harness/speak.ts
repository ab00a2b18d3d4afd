// Says bytes to a server as they are: for requests that no HTTP client would make.
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

/** What came back until the server hung up. */
export const speak = async (
  { url }: { readonly url: string },
  bytes: string | Uint8Array,
): Promise<string> => {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(bytes);
  return await text(socket);
};
