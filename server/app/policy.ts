import type { CommandName } from '../../shared/protocol/index.ts';
import type { Rule } from '../gateway/policy.ts';

/**
 * Who may run what. Default deny: a command that is not here does not compile, a route that is not here can't be
 * registered. Words are explained in server/gateway/policy.ts; test/policy tries every cell.
 */
export const policy: Readonly<Record<CommandName, Rule>> = {
  'session:guest': ['anyone'],
  'session:register': ['anyone'],
  'session:sign-in': ['anyone'],
  'session:exchange': ['anyone'],
  'session:refresh': ['anyone'],
  'session:renew': ['guest'],
  'session:who': ['guest'],
  'session:rename': ['guest'],
  'session:sign-out': ['guest'],

  'room:create': ['account'],
  'room:edit': ['room.host', 'room.assistant'],
  'room:get': ['room.viewer'],
  'room:list': ['anyone'],
  'room:mine': ['account'],
  'room:start': ['room.host'],
  'room:pause': ['room.host', 'room.assistant'],
  'room:resume': ['room.host', 'room.assistant'],
  'room:end': ['room.host', 'operator'],
  'room:cancel': ['room.host', 'operator'],
  'room:join': ['room.viewer'],
  'room:leave': ['guest'],
  'room:staff': ['room.host', 'room.moderator', 'room.assistant'],
  'room:set-staff': ['room.host'],
  'chat:send': ['room.viewer'],

  'fan-club:get': ['guest'],
  'fan-club:set': ['club.host'],
  'fan-club:open-group': ['club.host'],
  'fan-club:join': ['account'],
  'fan-club:leave': ['account'],
  'fan-club:members': ['club.host', 'club.member'],
  'fan-club:requests': ['club.host'],
  'fan-club:decide': ['club.host'],
  'fan-club:points': ['account'],

  'shop:open': ['account'],
  'shop:read': ['guest'],
  'shop:products': ['shop.owner'],
  'product:search': ['guest'],
  'product:read': ['guest'],
  'product:add': ['shop.owner'],
  'product:change': ['product.merchant'],
  'product:archive': ['product.merchant'],
  'product:add-sku': ['product.merchant'],
  'sku:change': ['sku.merchant'],
  'sku:archive': ['sku.merchant'],
  'stock:adjust': ['sku.merchant'],
  'stock:movements': ['sku.merchant'],

  'address:list': ['guest'],
  'address:add': ['guest'],
  'address:change': ['address.owner'],
  'address:remove': ['address.owner'],
};

/** Routes that are not commands: files, webhooks, WHIP and WHEP. */
export const routePolicy: Readonly<Record<string, Rule>> = {};
