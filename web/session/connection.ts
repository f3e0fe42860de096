import { createClient, type Client } from '../../shared/client/client.ts';
import type { Request } from '../../shared/client/requests.ts';
import { heardServerOffset } from '../state/server-clock.ts';
import { createStore } from '../state/store.ts';
import { language } from '../i18n/language.ts';
import { accessToken, session, startAsGuest } from './session.ts';

type NoticeListener = (name: string, body: unknown) => void;

const listeners = new Set<NoticeListener>();
let open: { client: Client; personId: string } | null = null;

/** Whether the one connection of this page is there. */
export const online = createStore(true);

/** Asks the server over the one connection of this page, made on first use; a person without a name becomes a guest. */
export const ask: Request = async (name, input, options) => (await connected()).request(name, input, options);

/** Calls back for each notice of this name; returns how to stop. */
export function onNotice<Body = { orderId: string }>(name: string, listener: (body: Body) => void): () => void {
  const hear: NoticeListener = (heard, body) => heard === name && listener(body as Body);
  listeners.add(hear);
  return () => void listeners.delete(hear);
}

let making: Promise<Client> | null = null;

/** The client of the person of this moment. */
export async function connected(): Promise<Client> {
  if (open && open.personId === session.get()?.person.personId) return open.client;
  making ??= make().finally(() => (making = null));
  return making;
}

async function make(): Promise<Client> {
  if (!session.get()) await startAsGuest(guestName());
  open?.client.close();
  const client = createClient({
    url: location.origin,
    credentials: async (fresh) => {
      const token = await accessToken(fresh);
      return { accessToken: token, accessExpiresAtMs: session.get()!.accessExpiresAtMs };
    },
  });
  client.on('state', (state) => {
    online.set(state === 'online');
    heardServerOffset(client.clock.offsetMs());
  });
  client.on('notice', ({ name, body }) => {
    for (const listener of [...listeners]) listener(name, body);
  });
  open = { client, personId: session.get()!.person.personId };
  return client;
}

/** A guest who registered is the same person with more rights: the open connection learns of them. */
session.subscribe(() => {
  const current = session.get();
  if (!open) return;
  if (current?.person.personId === open.personId)
    void open.client.request('session:renew', { accessToken: current.accessToken }).catch(() => undefined);
  else if (!current) open.client.close();
});

const guestName = (): string => {
  const digits = String(crypto.getRandomValues(new Uint16Array(1))[0]! % 10_000).padStart(4, '0');
  return language.get() === 'zh-CN' ? `游客${digits}` : `Guest ${digits}`;
};
