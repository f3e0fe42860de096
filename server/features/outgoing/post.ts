import { request as httpRequest, type ClientRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { NameLookup } from './name-lookup.ts';
import { NoAnswer, type WhyNoAnswer } from './no-answer.ts';
import { addressRefusals, hostOf, refusalOf, type AddressRule } from './public-address.ts';

/** One message on its way. */
export type Message = { url: string; headers: Record<string, string>; body: string };

type Needs = {
  rule: AddressRule;
  lookup: NameLookup;
  /** How long a try may take altogether, finding the address of the name included, ms. */
  answerMsMax?: number;
};

/**
 * Posts a message to an address a merchant chose, and resolves with the status of the answer. The name is resolved once and the
 * connection goes to exactly the address that was checked, so a name that answers differently the second time gains nothing.
 * Redirects are answers like any other; the body of the answer is not read.
 *
 * @throws NoAnswer when there is none.
 */
export function createPost({ rule, lookup, answerMsMax = 10_000 }: Needs) {
  return async function post({ url, headers, body }: Message, stop: AbortSignal): Promise<number> {
    const target = new URL(url);
    const deadline = AbortSignal.timeout(answerMsMax);
    const signal = AbortSignal.any([stop, deadline]);
    const address = await allowedAddress(target, signal, deadline);
    const send = target.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = send(target, {
      method: 'POST',
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      lookup: pinnedTo(address),
      agent: false,
      signal,
    });
    request.end(body);
    return statusOf(request, deadline);
  };

  async function allowedAddress(target: URL, signal: AbortSignal, deadline: AbortSignal): Promise<string> {
    const host = hostOf(target);
    const found = isIP(host) ? [host] : await lookup(host, signal);
    if (signal.aborted) throw new NoAnswer(lateOr('no answer', deadline), 'the name was not resolved');
    const first = found.find((address) => refusalOf(target, rule(address)) === null);
    if (first !== undefined) return first;
    throw new NoAnswer(
      'no answer',
      found[0] ? addressRefusals[refusalOf(target, rule(found[0]))!] : 'the name has no address',
    );
  }
}

function statusOf(request: ClientRequest, deadline: AbortSignal): Promise<number> {
  return new Promise((answered, failed) => {
    let why: WhyNoAnswer = 'no answer';
    request.on('socket', (socket) => {
      if (!(socket instanceof TLSSocket)) return;
      socket.on('connect', () => (why = 'no secure connection'));
      socket.on('secureConnect', () => (why = 'no answer'));
    });
    const fail = (cause?: Error): void =>
      failed(new NoAnswer(lateOr(why, deadline), 'the connection ended', { cause }));
    request.on('error', fail);
    // Comes alone after `101 Switching Protocols`; otherwise last, when nothing is left to say.
    request.on('close', fail);
    request.on('response', (response) => {
      answered(response.statusCode!);
      response.destroy();
    });
  });
}

const lateOr = (why: WhyNoAnswer, deadline: AbortSignal): WhyNoAnswer => (deadline.aborted ? 'no answer in time' : why);

function pinnedTo(address: string): LookupFunction {
  const family = isIP(address);
  return (_host, options, done) => (options.all ? done(null, [{ address, family }]) : done(null, address, family));
}
