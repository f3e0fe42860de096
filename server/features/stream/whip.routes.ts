import express, { type Request, type RequestHandler, type Response } from 'express';
import { AppError } from '../../../shared/errors.ts';
import { mediaLimits, type IceServer } from '../../../shared/protocol/media.ts';
import { bodyUpTo } from '../../gateway/body-up-to.ts';
import type { PublicUrl } from '../../gateway/call.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import type { FloodLimit } from '../../gateway/flood-limit.ts';
import type { Access } from './access.ts';
import { iceLinks } from './ice-servers.ts';
import type { MutedPublishers } from './muted-publishers.pg.ts';
import type { Sfu } from './sfu.ts';
import { newSessionId } from './socket-sessions.ts';
import type { StreamKeys } from './stream-keys.pg.ts';
import type { WatchGrants } from './watch-grants.ts';

type Needs = {
  sfu: Sfu;
  access: Access;
  streamKeys: Pick<StreamKeys, 'use' | 'revokedAmong'>;
  mutedPublishers: Pick<MutedPublishers, 'of'>;
  watchGrants: WatchGrants;
  iceServers: (personId: string) => IceServer[];
  publicUrl: PublicUrl;
  /** Per address, before anything is looked up: keys can't be guessed by the thousand. */
  floodLimit: FloodLimit;
  /** The same for what clients say about sessions they have. */
  changeLimit: FloodLimit;
};
/** Who may open a session, as their bearer token says. */
type Admission = { ownerId: string; keyId: string | null };

const sdp = 'application/sdp';
const sdpFragment = 'application/trickle-ice-sdpfrag';

/** WHIP (RFC 9725) for encoders and WHEP for players: one HTTP request in, one session out. */
export function registerWhip(gateway: Gateway, needs: Needs): void {
  const { sfu } = needs;
  const limitBy =
    (limit: FloodLimit): RequestHandler =>
    (request, _response, next) => {
      limit.take(gateway.http.networkOf(request));
      next();
    };
  const limited = limitBy(needs.floodLimit);
  const limitedInChanges = limitBy(needs.changeLimit);

  const newSession = (request: Request, { ownerId }: Admission) => ({
    roomId: roomIdOf(request),
    sessionId: newSessionId(),
    ownerId,
    offer: bodyOf(request),
    network: gateway.http.networkOf(request),
  });

  /** A whole path, which also clients understand that put it into the address they called; behind a proxy that takes one away, with it. */
  const locationOf = (way: 'whip' | 'whep', { roomId, sessionId }: { roomId: string; sessionId: string }): string =>
    new URL(`${needs.publicUrl(undefined)}/${way}/${roomId}/${sessionId}`).pathname;

  gateway.route('POST /whip/:roomId', limited, only(sdp), text(sdp), async (request, response) => {
    const admission = await admitPublisher(needs, request);
    const muted = await needs.mutedPublishers.of(roomIdOf(request), admission.ownerId);
    const offered = { ...newSession(request, admission), keyId: admission.keyId!, muted };
    const answer = await sfu.publish(offered);
    await endIfRevoked(needs, offered);
    sendAnswer(response, locationOf('whip', offered), answer, needs.iceServers(admission.ownerId));
  });
  gateway.route('POST /whep/:roomId', limited, only(sdp), text(sdp), async (request, response) => {
    const admission = await admitViewer(needs, request);
    const offered = newSession(request, admission);
    sendAnswer(response, locationOf('whep', offered), await sfu.play(offered), needs.iceServers(admission.ownerId));
  });

  for (const way of ['whip', 'whep'] as const) {
    gateway.route(
      `PATCH /${way}/:roomId/:sessionId`,
      limitedInChanges,
      only(sdpFragment),
      text(sdpFragment),
      async (request, response) => {
        const ifMatch = request.get('if-match') ?? null;
        const { fragment, etag } = await sfu.patch({ ...sessionOf(request), ifMatch, fragment: bodyOf(request) });
        response.set('ETag', etag);
        if (fragment === null) return response.status(204).end();
        return sendText(response.status(200), sdpFragment, fragment);
      },
    );
    gateway.route(`DELETE /${way}/:roomId/:sessionId`, limitedInChanges, async (request, response) => {
      const { ended } = await sfu.end({ ...sessionOf(request), reason: 'left' });
      if (!ended) throw new AppError('NOT_FOUND', 'This media session has ended.');
      response.status(200).end();
    });
    const describe = async (_request: Request, response: Response): Promise<unknown> => response.status(204).end();
    gateway.route(`OPTIONS /${way}/:roomId`, acceptsPost, describe);
    gateway.route(`OPTIONS /${way}/:roomId/:sessionId`, describe);
  }
}

/** The stream key says which room: of another one it is refused, whoever holds it. */
async function admitPublisher({ access, streamKeys }: Needs, request: Request): Promise<Admission> {
  const use = await streamKeys.use(bearerOf(request));
  if (!use) throw keyRefused();
  if (use.roomId !== roomIdOf(request)) throw new AppError('FORBIDDEN', 'This stream key is for another room.');
  const { hostId } = await access.open(use.roomId);
  return { ownerId: hostId, keyId: use.keyId };
}

/** Whoever revoked the key after it was looked at, and before there was a session, found none to end. */
async function endIfRevoked(
  { sfu, streamKeys }: Needs,
  { roomId, sessionId, keyId }: { roomId: string; sessionId: string; keyId: string },
): Promise<void> {
  const revoked = await streamKeys.revokedAmong([keyId]);
  if (revoked.length === 0) return;
  await sfu.end({ roomId, sessionId, reason: 'key-revoked' });
  throw keyRefused();
}

const keyRefused = (): AppError => new AppError('UNAUTHENTICATED', 'This stream key does not work.');

async function admitViewer({ access, watchGrants }: Needs, request: Request): Promise<Admission> {
  const grant = watchGrants.read(bearerOf(request));
  if (!grant) throw new AppError('UNAUTHENTICATED', 'Ask for a watch grant first: this one does not work.');
  if (grant.roomId !== roomIdOf(request)) throw new AppError('FORBIDDEN', 'This grant is for another room.');
  await access.toWatch(grant.roomId, grant.personId);
  return { ownerId: grant.personId, keyId: null };
}

function sendAnswer(
  response: Response,
  location: string,
  { answer, etag }: { answer: string; etag: string },
  iceServers: IceServer[],
): void {
  const links = iceLinks(iceServers);
  if (links.length > 0) response.set('Link', links.join(', '));
  response.status(201).set({ Location: location, ETag: etag, 'Accept-Patch': sdpFragment });
  sendText(response, sdp, answer);
}

/** As bytes: to a text Express adds a charset, which these types do not have and a client that compares them does not expect. */
const sendText = (response: Response, type: string, text: string): Response =>
  response.type(type).send(Buffer.from(text));

const acceptsPost: RequestHandler = (_request, response, next) => {
  response.set('Accept-Post', sdp);
  next();
};

const only =
  (type: string): RequestHandler =>
  (request, _response, next) => {
    if (!request.is(type)) throw new AppError('UNSUPPORTED_MEDIA_TYPE', `Send ${type}.`);
    next();
  };

const text = (type: string): RequestHandler =>
  bodyUpTo(mediaLimits.offerBytesMax, (limit) => express.text({ type, limit }));

const bodyOf = ({ body }: Request): string => (typeof body === 'string' ? body : '');
const roomIdOf = ({ params }: Request): string => String(params['roomId']);
const sessionOf = (request: Request) => ({ roomId: roomIdOf(request), sessionId: String(request.params['sessionId']) });

function bearerOf(request: Request): string {
  const token = /^Bearer\s+(\S+)$/i.exec(request.get('authorization') ?? '')?.[1];
  if (!token) throw new AppError('UNAUTHENTICATED', 'Send a bearer token.');
  return token;
}
