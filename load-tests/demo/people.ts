import { createClient, type Client } from '../../shared/client/client.ts';
import type { Reply } from '../../shared/protocol/define.ts';
import type { Session } from '../../shared/protocol/session.ts';

/** Somebody of the demo, signed in and connected. */
export type DemoPerson = { session: Session; client: Client };

/** Known on purpose: it is a demo, and whoever runs it may want to sign in as its host. */
export const demoPassword = 'demo lantern market';

export async function asGuest(url: string, name: string): Promise<DemoPerson> {
  return connect(url, await post(url, '/api/session/guest', { name }));
}

/** The account of the demo with this e-mail; made at the first run. */
export async function asAccount(url: string, name: string, email: string): Promise<DemoPerson> {
  const known = { email, password: demoPassword };
  const session = await post(url, '/api/session/register', { name, ...known }).catch(() =>
    post(url, '/api/session/sign-in', known),
  );
  return connect(url, session);
}

function connect(url: string, first: Session): DemoPerson {
  let session = first;
  const client = createClient({
    url,
    credentials: async (fresh) => {
      if (fresh) session = await post(url, '/api/session/refresh', { refreshToken: session.refreshToken });
      return session;
    },
  });
  return { session, client };
}

async function post(url: string, path: string, body: object): Promise<Session> {
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const reply = (await response.json()) as Reply<Session>;
  if (!reply.ok) throw new Error(`${path}: ${reply.error.code} ${reply.error.message}`);
  return reply.data;
}
