import type { App } from '../../server/app/app.ts';
import { account, call } from '../support/app.ts';

/** Ids of one object of each kind that rules name, all of them somebody else's. */
export type World = Record<string, unknown>;

/** Makes the objects as their owners would. */
export async function buildWorld(app: App): Promise<World> {
  return { clubId: await fanClub(app) };
}

async function fanClub(app: App): Promise<string> {
  const { person, accessToken } = await account(app);
  await call(app, 'PUT', `/api/fan-clubs/${person.personId}`, { token: accessToken, body: {} });
  return person.personId;
}
