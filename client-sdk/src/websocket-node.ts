// Node before 22 has no WebSocket of its own, and the later one cannot be ended at once.
export { WebSocket as PlatformWebSocket } from 'ws';
