// The least a server can do: hands each message to all others in its room. It reads, keeps and checks nothing. With `batched` it
// hands on what came in one turn of the event loop in one write for each socket. Prints its address, ends when its standard
// input does.
import { WebSocketServer } from 'ws';

const batched = process.argv[2] === 'batched';
const rooms = new Map();

const roomOf = (name) => {
  const room = rooms.get(name) ?? { sockets: new Set(), waiting: [] };
  rooms.set(name, room);
  return room;
};

const relay = ({ sockets }, from, bytes) => {
  for (const socket of sockets) if (socket !== from) socket.send(bytes);
};

const relayLater = (room, from, bytes) => {
  room.waiting.push({ from, bytes });
  if (room.waiting.length === 1) setImmediate(() => flush(room));
};

const flush = (room) => {
  const waiting = room.waiting;
  room.waiting = [];
  for (const socket of room.sockets) {
    socket._socket.cork();
    for (const { from, bytes } of waiting) if (socket !== from) socket.send(bytes);
    socket._socket.uncork();
  }
};

const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
server.on('connection', (socket, request) => {
  const room = roomOf(request.url);
  room.sockets.add(socket);
  socket.on('message', (bytes) => (batched ? relayLater : relay)(room, socket, bytes));
  socket.on('close', () => room.sockets.delete(socket));
});
server.on('listening', () => console.log(`ws://127.0.0.1:${server.address().port}`));
process.stdin.resume().once('end', () => process.exit());
