import { timingSafeEqual } from 'node:crypto';
import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import { AppError, describeError } from '../shared/errors.ts';
import { mediaVerbs, type MediaVerb, type MediaVerbs } from '../shared/media-link.ts';
import { parseInput } from '../shared/parse-input.ts';
import { mediaLimits } from '../shared/protocol/media.ts';
import { linkVerbs, type LinkVerb } from './edges/link-verbs.ts';
import type { Links } from './edges/links.ts';
import type { MediaLog } from './log.ts';
import type { Sfu } from './sfu.ts';

type Needs = {
  sfu: Sfu;
  /** For media servers that have viewers carried here. */
  links: Links;
  token: string;
  log: MediaLog;
  /** Called whenever a gateway asks for something; other media servers have a lease of their own. */
  onAsked: () => unknown;
};

/** An offer of the largest size allowed, each byte of it escaped as \uXXXX, and room for what names its session. */
const bodyBytesMax = 6 * mediaLimits.offerBytesMax + 4 * 1024;
/** Says that we are alive to gateways with nothing else to hear. */
const heartbeatEveryMs = 2_000;
/** A gateway that is this far behind with reading events is cut off; it comes back and asks what is. */
const backlogBytesMax = 1024 * 1024;

/**
 * The media server for gateways on other hosts: `POST /<verb>` with JSON, and `GET /events?gateway=ID` as a line of JSON for each
 * event that concerns this gateway, with empty lines as heartbeats. And for media servers that have viewers carried here: they keep a
 * link, and ask `POST /<verb>?relay=NAME` of a room that they relay. For trusted callers only; it belongs on an internal network.
 */
export function createInternalApi({ sfu, links, token, log, onAsked }: Needs): Router {
  const router = express.Router();
  router.use(guard(token));
  router.get('/events', ({ query }, response) => streamEvents(sfu, response, query['gateway']));
  router.post('/:verb', express.json({ limit: bodyBytesMax }), async (request, response) => {
    try {
      response.json({ ok: true, data: await run({ sfu, links, onAsked }, request) });
    } catch (error) {
      if (!(error instanceof AppError)) log.error({ err: error, path: request.path }, 'media verb failed');
      response.json({ ok: false, error: describeError(error) });
    }
  });
  return router;
}

async function run(
  { sfu, links, onAsked }: Pick<Needs, 'sfu' | 'links' | 'onAsked'>,
  { params, query, body }: Request,
): Promise<unknown> {
  const name = String(params['verb']);
  if (Object.hasOwn(linkVerbs, name)) {
    const verb = name as LinkVerb;
    return links.verbs[verb](parseInput(linkVerbs[verb].input, body) as never);
  }
  const { relay } = query;
  if (relay === undefined) onAsked();
  if (!Object.hasOwn(mediaVerbs, name)) throw new AppError('UNKNOWN_COMMAND');
  const verb = name as MediaVerb;
  const input = parseInput(mediaVerbs[verb].input, body) as { roomId?: string };
  const asked: MediaVerbs = relay === undefined ? sfu : links.sfuOf(relay, input.roomId);
  return (asked as Record<keyof MediaVerbs, (input: unknown) => Promise<unknown>>)[verb](input);
}

function streamEvents(sfu: Sfu, response: Response, gatewayId: unknown): void {
  response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
  response.flushHeaders();
  const write = (line: string): void => {
    if (response.writableLength > backlogBytesMax) response.destroy();
    else response.write(`${line}\n`);
  };
  const stopListening = sfu.listen((event) => {
    const isForOne = event.type === 'quality' || event.type === 'lost';
    if (!isForOne || event.gatewayId === gatewayId) write(JSON.stringify(event));
  });
  const heartbeat = setInterval(write, heartbeatEveryMs, '');
  response.on('close', () => {
    stopListening();
    clearInterval(heartbeat);
  });
}

const guard = (token: string): RequestHandler => {
  const expected = Buffer.from(`Bearer ${token}`);
  return (request, response, next) => {
    const given = Buffer.from(request.headers.authorization ?? '');
    if (given.length === expected.length && timingSafeEqual(given, expected)) return next();
    response.status(401).json({ ok: false, error: describeError(new AppError('UNAUTHENTICATED')) });
  };
};
