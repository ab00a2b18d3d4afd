/** The platform's own. */
export const PlatformWebSocket = globalThis.WebSocket;
