import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { policy, routePolicy } from '../../server/app/policy.ts';
import type { App } from '../../server/app/app.ts';
import { commands, type CommandName } from '../../shared/protocol/index.ts';
import type { Command } from '../../shared/protocol/define.ts';
import { account, call, freshStores, guest, startTestApp } from '../support/app.ts';
import { sampleInput } from '../support/sample-input.ts';
import { buildWorld, specialInputs, type World } from './world.ts';

/**
 * Every cell of the policy table: each command is tried by people whom its rule does not name, on real objects of somebody
 * else, through the one path that sockets and HTTP share. They must be refused before anything happens.
 */
const personas = [
  ...['nobody', 'guest', 'account', 'operator', 'other-host', 'host', 'moderator', 'assistant'],
  ...['viewer', 'visitor', 'member', 'fan', 'no-fan', 'buyer'],
] as const;
type Persona = (typeof personas)[number];

const accountHolds = ['anyone', 'guest', 'account'];
const hostHolds = [
  ...['room.viewer', 'room.host', 'giveaway.viewer', 'giveaway.entrant', 'giveaway.host', 'club.host', 'shop.owner'],
  ...['product.merchant', 'sku.merchant', 'offer.merchant', 'order.merchant', 'address.owner'],
];
const staffHolds = [...accountHolds, 'room.viewer', 'giveaway.viewer', 'giveaway.entrant'];

/**
 * What each persona is, to the objects of the test world. `other-host` has a room, a shop and orders, but their own; `viewer` and
 * `visitor`, a guest, are in a show that everybody may see, `fan` in one for fans, `no-fan` before its door; everybody else knocks at the
 * rehearsal.
 */
const heldBy: Record<Persona, readonly string[]> = {
  nobody: ['anyone'],
  guest: ['anyone', 'guest'],
  account: accountHolds,
  operator: [...accountHolds, 'operator'],
  'other-host': accountHolds,
  host: [...accountHolds, ...hostHolds],
  moderator: [...staffHolds, 'room.moderator', 'giveaway.moderator'],
  assistant: [...staffHolds, 'room.assistant', 'giveaway.assistant'],
  // Of the live room, not of the rehearsal.
  viewer: [...accountHolds, 'room.viewer'],
  visitor: ['anyone', 'guest', 'room.viewer'],
  member: [...accountHolds, 'club.member'],
  fan: [...accountHolds, 'club.member', 'room.viewer'],
  'no-fan': accountHolds,
  buyer: [...accountHolds, 'order.buyer'],
};
const refusals = ['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND'];

const holds = (persona: Persona, relation: string): boolean =>
  relation.split(' & ').every((each) => heldBy[persona].includes(each));

const refusedCells = (Object.keys(policy) as CommandName[]).flatMap((name) =>
  personas
    .filter((persona) => !policy[name].some((relation) => holds(persona, relation)))
    .map((persona) => ({ name, persona })),
);

const refusedRoutes = Object.entries(routePolicy).flatMap(([route, rule]) =>
  personas
    .filter((persona) => !rule.some((relation) => holds(persona, relation)))
    .map((persona) => ({ route, persona })),
);

describe('policy', () => {
  let app: App;
  let world: World;
  const tokens: Partial<Record<Persona, string>> = {};

  beforeAll(async () => {
    app = await startTestApp(await freshStores());
    world = await buildWorld(app);
    for (const persona of ['guest', 'visitor'] as const) tokens[persona] = (await guest(app)).accessToken;
    tokens.account = (await account(app)).accessToken;
    tokens['other-host'] = (await buildWorld(app)).hostToken;
    for (const role of ['moderator', 'assistant'] as const) tokens[role] = await staffToken(app, world, role);
    for (const persona of ['operator', 'viewer', 'no-fan'] as const) tokens[persona] = (await account(app)).accessToken;
    for (const persona of ['member', 'fan'] as const) tokens[persona] = await memberToken(app, world);
    tokens.host = world.hostToken;
    tokens.buyer = world.buyerToken;
  });
  afterAll(() => app.close());

  test('the table has cells to try', () => {
    expect(refusedCells.length).toBeGreaterThan(0);
    expect(refusedRoutes.length).toBeGreaterThan(0);
  });

  test.each(refusedCells)('$name refuses $persona', async ({ name, persona }) => {
    const definition: Command = commands[name];
    const roomId = placeOf(persona);
    const input = sampleInput(definition.input, { ...world.ids, roomId, ...specialInputs[name] });
    const parsed = definition.input.safeParse(input);
    expect(parsed.error?.issues, `test/support/sample-input.ts can't make an input for ${name}`).toBeUndefined();

    const known = tokens[persona] ? await app.authenticate(tokens[persona]) : null;
    const viewer = known && persona === 'operator' ? { ...known, roles: ['operator' as const] } : known;
    const reply = await app.gateway.run(name, viewer, input, fromHere);

    expect(reply.ok, `${name} let ${persona} in`).toBe(false);
    expect(refusals).toContain(reply.ok ? 'let in' : reply.error.code);
  });

  test.each(['room:get', 'room:join', 'chat:history', 'media:transport'] as const)(
    '%s lets in a fan, and tells who is none why not',
    async (name) => {
      const input = sampleInput(commands[name].input, { ...world.ids, roomId: world.fansRoomId });
      const [fan, stranger] = await Promise.all(
        [tokens.fan!, tokens['no-fan']!].map((token) => app.authenticate(token)),
      );
      const run = (viewer: typeof fan) => app.gateway.run(name, viewer!, input, fromHere);

      const refused = await run(stranger);
      expect(refused).toMatchObject({ ok: false, error: { code: 'FORBIDDEN', reason: 'fans-only' } });
      expect(await run(fan)).not.toMatchObject({ error: { code: 'FORBIDDEN' } });
    },
  );

  test('every kind of object that a rule names stands in the test world', () => {
    const kinds = Object.values(policy).flatMap((rule) =>
      rule
        .flatMap((each) => each.split(' & '))
        .filter((each) => each.includes('.'))
        .map((each) => each.split('.')[0]),
    );

    for (const kind of new Set(kinds)) expect(world.ids, `${kind}Id`).toHaveProperty(`${kind}Id`);
  });

  test.each([
    ['room:get', 'hostToken'],
    ['shop:products', 'hostToken'],
    ['product:change', 'hostToken'],
    ['stock:movements', 'hostToken'],
    ['address:change', 'hostToken'],
    ['fan-club:members', 'hostToken'],
    ['order:read', 'buyerToken'],
  ] as const)(
    '%s lets in whom the object belongs to, so the refusals above are about real objects',
    async (name, token) => {
      const definition: Command = commands[name];
      const input = sampleInput(definition.input, { ...world.ids, ...specialInputs[name] });

      const viewer = await app.authenticate(world[token]);

      expect(await app.gateway.run(name, viewer, input, fromHere)).toMatchObject({
        ok: true,
      });
    },
  );

  test.each(refusedRoutes)('$route refuses $persona', async ({ route, persona }) => {
    const answer = await ask(route, tokens[persona]);

    expect(refusals).toContain(answer.body.error?.code);
  });

  test.each(Object.keys(routePolicy))('%s is there, and lets in whom its rule names', async (route) => {
    const answer = await ask(route, routePolicy[route]!.includes('anyone') ? undefined : world.hostToken);

    expect(answer.headers.get('x-request-id')).toBeTruthy();
    // There a foreign client shows a key, a grant or a signature of its own, which this one has not.
    const ownBearer = /^\w+ \/(wh[ie]p|api\/webhooks)\//.test(route);
    const refused = ['UNKNOWN_ROUTE', 'FORBIDDEN', 'INTERNAL', ...(ownBearer ? [] : ['UNAUTHENTICATED'])];
    expect(refused).not.toContain(answer.body.error?.code);
  });

  /** The room at whose door they are. */
  function placeOf(persona: Persona): string {
    if (persona === 'viewer' || persona === 'visitor') return world.liveRoomId;
    return persona === 'fan' || persona === 'no-fan' ? world.fansRoomId : world.ids['roomId']!;
  }

  const ask = (route: string, token: string | undefined) => {
    const [method, path] = route.split(' ') as [string, string];
    const ids: Record<string, string> = { ...world.ids, hostId: world.ids['shopId']!, provider: 'sandbox' };
    const filled = path.replaceAll(/:(\w+)/g, (_all, name: string) => ids[name] ?? 'x'.repeat(32));
    return call(app, method, filled, token ? { token } : {});
  };

  test('a command over HTTP goes through the same rules', async () => {
    const answer = await call(app, 'PATCH', '/api/session', { body: { name: 'Ana' } });

    expect(answer).toMatchObject({ status: 401, body: { error: { code: 'UNAUTHENTICATED' } } });
  });
});

const fromHere = { requestId: 'policy-test', network: '127.0.0.1', reachedAt: undefined, order: 0 };

async function staffToken(app: App, { ids, hostToken }: World, role: 'moderator' | 'assistant'): Promise<string> {
  const { person, accessToken } = await account(app);
  const path = `/api/rooms/${ids['roomId']}/staff/${person.personId}`;
  const answer = await call(app, 'PUT', path, { body: { role }, token: hostToken });
  expect(answer.status).toBe(200);
  return accessToken;
}

async function memberToken(app: App, { ids }: World): Promise<string> {
  const { accessToken } = await account(app);
  const answer = await call(app, 'POST', `/api/fan-clubs/${ids['clubId']}/join`, { body: {}, token: accessToken });
  expect(answer.body).toMatchObject({ data: { outcome: 'joined' } });
  return accessToken;
}
