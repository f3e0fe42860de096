import { loadConnection } from './lazy-connection.ts';

type Connection = Awaited<ReturnType<typeof loadConnection>>;

/**
 * Hears what the server says of its own accord, from when the code of the connection is there until the returned function is
 * called.
 *
 * @param begin subscribes, and answers how to stop each.
 */
export function followNotices(begin: (connection: Connection) => readonly (() => void)[]): () => void {
  let isOver = false;
  let stops: readonly (() => void)[] = [];
  void loadConnection().then(
    (connection) => {
      if (!isOver) stops = begin(connection);
    },
    () => undefined, // Without its code there is no connection that could tell anything; the next page tries again.
  );
  return () => {
    isOver = true;
    for (const stop of stops) stop();
  };
}
