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

  'order:list': ['guest'],
  'order:read': ['order.buyer', 'order.merchant'],
  'order:delivery-choices': ['order.buyer'],
  'order:choose-delivery': ['order.buyer'],
  'order:cancel': ['order.buyer'],
  'order:ship': ['order.merchant'],
  'order:deliver': ['order.merchant'],
  'order:refund': ['order.merchant'],
  'shop:orders': ['shop.owner'],
  'shop:shipping': ['guest'],
  'shop:set-shipping': ['shop.owner'],
  'payment:start': ['order.buyer'],
  'payment:list': ['order.buyer', 'order.merchant'],

  'media:status': ['room.viewer'],
  'media:capabilities': ['room.viewer'],
  // Who may publish is asked again inside: the host, or somebody who has accepted an invitation.
  'media:transport': ['room.viewer'],
  'media:connect': ['room.viewer'],
  'media:produce': ['room.viewer'],
  'media:consume': ['room.viewer'],
  'media:resume': ['room.viewer'],
  'media:layers': ['room.viewer'],
  'media:restart-ice': ['room.viewer'],
  'media:close': ['guest'],
  'media:watch-grant': ['room.viewer'],
  'media:stream-key': ['room.host'],
  'media:make-stream-key': ['room.host'],
  'media:revoke-stream-key': ['room.host'],
  'media:invite': ['room.host', 'room.assistant'],
  'media:accept': ['room.viewer'],
  'media:mute': ['room.host', 'room.moderator', 'room.assistant'],
  'media:kick': ['room.host', 'room.moderator'],
};

/** Routes that are not commands: files, webhooks, WHIP and WHEP. */
export const routePolicy: Readonly<Record<string, Rule>> = {
  // The signature says who it is.
  'POST /api/webhooks/payments/:provider': ['anyone'],
  // The secret is in the address.
  'GET /pay/:pageToken': ['anyone'],
  'POST /pay/:pageToken': ['anyone'],
  // Their bearer tokens are stream keys and watch grants, which the routes check themselves; the session's address is
  // unguessable, and knowing it is the right to change it.
  'POST /whip/:roomId': ['anyone'],
  'OPTIONS /whip/:roomId': ['anyone'],
  'PATCH /whip/:roomId/:sessionId': ['anyone'],
  'DELETE /whip/:roomId/:sessionId': ['anyone'],
  'OPTIONS /whip/:roomId/:sessionId': ['anyone'],
  'POST /whep/:roomId': ['anyone'],
  'OPTIONS /whep/:roomId': ['anyone'],
  'PATCH /whep/:roomId/:sessionId': ['anyone'],
  'DELETE /whep/:roomId/:sessionId': ['anyone'],
  'OPTIONS /whep/:roomId/:sessionId': ['anyone'],
};
