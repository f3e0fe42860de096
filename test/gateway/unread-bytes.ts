/** What is asked of a connection of engine.io on the side of the server. */
type Connection = { transport: { socket: { bufferedAmount: number } } };

/** What was written to a connection and is not read yet. */
export const unreadBytesOf = (connection: unknown): number =>
  (connection as Connection).transport.socket.bufferedAmount;
