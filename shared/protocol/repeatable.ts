import type { CommandName } from './index.ts';

/**
 * Commands without a `requestKey` that may arrive twice: those that read, and those after which something is so, and still so after the
 * second time. The typed client sends the latter again by itself when their answer was lost; whoever reads is shown that it failed, and asks again. Names alone, because pages have no schemas. The API
 * documents mark them as `x-repeatable`; test/client/requests.test.ts holds that none has a key and no command that reads is missing.
 */
const reading = [
  ...['room:actions', 'address:list', 'room:audience', 'room:numbers', 'session:who'],
  ...[
    'shop:read',
    'shop:products',
    'shop:orders',
    'shop:shipping',
    'product:search',
    'product:read',
    'stock:movements',
  ],
  ...['chat:history', 'chat:state', 'chat:held', 'chat:reports', 'moderation:list', 'moderation:settings'],
  ...['moderation:words', 'moderation:platform-words', 'follow:host', 'follow:mine'],
  ...['fan-club:get', 'fan-club:members', 'fan-club:requests', 'fan-club:points', 'fan-club:warnings'],
  ...['giveaway:list', 'giveaway:get', 'giveaway:own', 'giveaway:wins', 'giveaway:winners', 'giveaway:inclusion'],
  ...['giveaway:funnel', 'media:status', 'media:stream-key', 'offer:list', 'offer:get', 'offer:place', 'cart:get'],
  ...['order:list', 'order:read', 'order:delivery-choices', 'payment:list', 'webhook:list', 'webhook:deliveries'],
  ...['reminder:bells', 'reminder:list', 'room:mine', 'room:get', 'room:products', 'room:list', 'room:poster'],
  ...['room:staff', 'room:possible-staff'],
] as const satisfies readonly CommandName[];

const setting = [
  ...['room:start', 'room:pause', 'room:resume', 'room:end', 'room:cancel', 'room:set-staff'],
  ...['chat:delete', 'chat:configure', 'chat:pin', 'chat:announce', 'chat:decide', 'chat:report', 'chat:settle'],
  ...['moderation:lift', 'moderation:configure', 'moderation:add-words', 'moderation:remove-words'],
  ...['follow:start', 'follow:stop', 'reminder:bell', 'reminder:follow', 'reminder:read', 'session:rename'],
  ...['offer:open', 'offer:close', 'offer:edit', 'offer:order', 'offer:unpin', 'cart:put'],
  ...['address:change', 'payment:start'],
  ...['media:produce', 'media:invite', 'media:accept', 'media:decline', 'media:mute', 'media:kick'],
] as const satisfies readonly CommandName[];

export const reads: ReadonlySet<string> = new Set(reading);
export const repeatable: ReadonlySet<string> = new Set([...reading, ...setting]);
