import { createClient, type Client } from '../../shared/client/client.ts';
import type { Request } from '../../shared/client/requests.ts';
import { AppError, type ErrorCode } from '../../shared/errors.ts';
import type { Person } from '../../shared/protocol/session.ts';
import { heardServerOffset } from '../state/server-clock.ts';
import { online } from '../state/online.ts';
import { language } from '../i18n/language.ts';
import { ended } from './ended.ts';
import { accessToken, forgetSession, session, startAsGuest } from './session.ts';

type NoticeListener = (name: string, body: unknown) => void;
/** `token`: the access token the server has of us; renewed now and then. */
type Open = { client: Client; personId: string; kind: Person['kind']; token: string };

const listeners = new Set<NoticeListener>();
let open: Open | null = null;

/** Asks the server over the one connection of this page, made on first use; a person without a name becomes a guest. */
export const ask: Request = async (name, input, options) => {
  await learned;
  return (await connected()).request(name, input, options);
};

/** The server knows what this person may do: a guest who registers in order to buy would else be refused as a guest. */
let learned: Promise<unknown> = Promise.resolve();

/** Calls back for each notice of this name; returns how to stop. */
export function onNotice<Body = { orderId: string }>(name: string, listener: (body: Body) => void): () => void {
  const hear: NoticeListener = (heard, body) => heard === name && listener(body as Body);
  listeners.add(hear);
  return () => void listeners.delete(hear);
}

let making: Promise<Client> | null = null;

/** The client of the person of this moment. @throws AppError UPGRADE_REQUIRED when only a reload helps. */
export async function connected(): Promise<Client> {
  if (open) return open.client;
  if (ended.get()?.code === 'UPGRADE_REQUIRED') throw new AppError('UPGRADE_REQUIRED');
  making ??= make().finally(() => (making = null));
  return making;
}

async function make(): Promise<Client> {
  if (!session.get()) await startAsGuest(guestName());
  const { person, accessToken: token } = session.get()!;
  const client = createClient({
    url: location.origin,
    credentials: async (fresh) => {
      const given = await accessToken(fresh);
      if (open?.client === client) open.token = given;
      return { accessToken: given, accessExpiresAtMs: session.get()!.accessExpiresAtMs };
    },
  });
  client.on('clock', ({ offsetMs }) => heardServerOffset(offsetMs));
  client.on('state', (state) => {
    if (open?.client === client) online.set(state === 'online');
  });
  client.on('ended', ({ code }) => {
    if (open?.client === client) end(open, code as ErrorCode);
  });
  client.on('notice', ({ name, body }) => {
    for (const listener of [...listeners]) listener(name, body);
  });
  open = { client, personId: person.personId, kind: person.kind, token };
  return client;
}

let guestsEnded = 0;

/** Another tab may have signed in anew meanwhile: that session is not the one that ended, and stays. */
function end({ token }: Open, code: ErrorCode): void {
  drop();
  const current = session.get();
  const isOfNow = current?.accessToken === token;
  if (code === 'UPGRADE_REQUIRED' || (current && !isOfNow)) return ended.set({ code, mend: 'reload' });
  if (current?.person.kind === 'account') ended.set({ code, mend: 'sign-in' });
  // A guest has nothing to sign in to: a new one takes the place. Once, for a server that refuses that one, too, would be asked for ever.
  else if (++guestsEnded > 1) return ended.set({ code, mend: 'reload' });
  forgetSession();
}

function drop(): void {
  const client = open?.client;
  open = null;
  client?.close();
  online.set(true);
}

addEventListener('online', () => open?.client.returnNow());
// In a pocket nothing runs: the network may have taken the connection along without a word, or a long wait to come back goes on.
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') open?.client.returnNow();
});

session.subscribe(() => {
  const current = session.get();
  if (current?.person.kind === 'account' && ended.get()?.mend === 'sign-in') ended.set(null);
  if (!open) return;
  if (current?.person.personId !== open.personId) return drop();
  // A guest who registered is the same person with more rights: the open connection learns of them.
  open.token = current.accessToken;
  const renewed = open.client.request('session:renew', { accessToken: current.accessToken }).catch(() => undefined);
  if (current.person.kind !== open.kind) learned = renewed;
  open.kind = current.person.kind;
});

const guestName = (): string => {
  const digits = String(crypto.getRandomValues(new Uint16Array(1))[0]! % 10_000).padStart(4, '0');
  return language.get() === 'zh-CN' ? `游客${digits}` : `Guest ${digits}`;
};
