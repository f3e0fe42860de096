import { AppError } from '../../../shared/errors.ts';
import type { Call } from '../../gateway/call.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import type { Sfu } from './sfu.ts';
import type { Stream } from './stream.ts';

export function registerMedia(gateway: Gateway, stream: Stream, sfu: Sfu): void {
  gateway.expose('media:status', (_viewer, { roomId }) => stream.status(roomId));
  gateway.expose('media:capabilities', () => stream.capabilities());
  gateway.expose('media:transport', ({ personId }, input, call) => stream.open(personId, input, socketOf(call)));
  gateway.expose('media:connect', (_viewer, input, { socket }) =>
    stream.onOwn(socket, input, () => sfu.connect(input)),
  );
  gateway.expose('media:produce', (_viewer, input, { socket }) =>
    stream.onOwn(socket, input, () => sfu.produce(input)),
  );
  gateway.expose('media:consume', (_viewer, input, { socket }) =>
    stream.onOwn(socket, input, () => sfu.consume(input)),
  );
  gateway.expose('media:resume', (_viewer, input, { socket }) => stream.onOwn(socket, input, () => sfu.resume(input)));
  gateway.expose('media:layers', (_viewer, input, { socket }) => stream.onOwn(socket, input, () => sfu.layers(input)));
  gateway.expose('media:restart-ice', ({ personId }, input, { socket }) =>
    stream.onOwn(socket, input, () => stream.restartIce(personId, input)),
  );
  gateway.expose('media:close', (_viewer, input, { socket }) => stream.onOwn(socket, input, () => stream.close(input)));

  gateway.expose('media:watch-grant', ({ personId }, { roomId }, { reachedAt }) =>
    stream.grantToWatch(personId, roomId, reachedAt),
  );
  gateway.expose('media:stream-key', (_viewer, { roomId }) => stream.keyInfo(roomId));
  gateway.expose('media:make-stream-key', (_viewer, { roomId }, { reachedAt }) => stream.makeKey(roomId, reachedAt));
  gateway.expose('media:revoke-stream-key', (_viewer, { roomId }) => stream.revokeKey(roomId));

  gateway.expose('media:invite', ({ personId: byId }, { roomId, personId }) => stream.invite(byId, roomId, personId));
  gateway.expose('media:accept', ({ personId }, { roomId }) => stream.accept(roomId, personId));
  gateway.expose('media:decline', ({ personId }, { roomId }) => stream.decline(roomId, personId));
  gateway.expose('media:mute', ({ personId }, input) => stream.mute(personId, input));
  gateway.expose('media:kick', ({ personId }, input) => stream.kick(personId, input));
}

/** A session lives as long as its socket, so it can't be opened without one. */
function socketOf({ socket }: Call) {
  if (!socket)
    throw new AppError('BAD_INPUT', 'Media sessions are opened over a socket; WHIP and WHEP work over HTTP.');
  return socket;
}
