import { lookup as resolve } from 'node:dns/promises';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';

/** One message on its way. */
export type Message = { url: string; headers: Record<string, string>; body: string };

/** How long the other side may take altogether, ms. */
const answerMsMax = 10_000;

/**
 * Posts a message to an address a merchant chose, and resolves with the status of the answer. The name is resolved once and the
 * connection goes to exactly the address that was checked, so a name that answers differently the second time gains nothing.
 * Redirects are answers like any other; the body of the answer is not read.
 *
 * @throws Error saying in a few words why there is no answer.
 */
export function createPost(isAllowed: (address: string) => boolean) {
  return async function post({ url, headers, body }: Message, stop: AbortSignal): Promise<number> {
    const target = new URL(url);
    const host = target.hostname.replace(/^\[|\]$/g, '');
    const address = await checked(host, isAllowed);
    const pinned: LookupFunction = (_host, options, done) =>
      options.all ? done(null, [{ address, family: isIP(address) }]) : done(null, address, isIP(address));
    const send = target.protocol === 'https:' ? httpsRequest : httpRequest;
    return new Promise((answered, failed) => {
      const request = send(target, {
        method: 'POST',
        headers: { ...headers, 'content-length': Buffer.byteLength(body) },
        lookup: pinned,
        agent: false,
        signal: AbortSignal.any([stop, AbortSignal.timeout(answerMsMax)]),
      });
      request.on('error', failed);
      request.on('response', (response) => {
        answered(response.statusCode!);
        response.destroy();
      });
      request.end(body);
    });
  };
}

async function checked(host: string, isAllowed: (address: string) => boolean): Promise<string> {
  const found = isIP(host) ? [{ address: host }] : await resolve(host, { all: true });
  const first = found.find(({ address }) => isAllowed(address));
  if (!first) throw new Error('not a public address');
  return first.address;
}
