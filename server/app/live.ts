import { createActionsFeature } from '../features/actions/feature.ts';
import { createAudienceFeature } from '../features/audience/feature.ts';
import type { ShownProducts } from '../features/catalog/shown-products.ts';
import { createChatFeature } from '../features/chat/feature.ts';
import { createFanClubFeature } from '../features/fan-club/feature.ts';
import { createFollowFeature } from '../features/follow/feature.ts';
import { createModerationFeature } from '../features/moderation/feature.ts';
import { createNumbersFeature } from '../features/numbers/feature.ts';
import { createRoomFeature } from '../features/room/feature.ts';
import { createRoomChangesFeature } from '../features/room/room-changes.feature.ts';
import { createRoomLogFeature } from '../features/room-log/feature.ts';
import { createReminderFeature } from '../features/reminder/feature.ts';
import type { Purchases } from '../features/orders/purchases.ts';
import type { PublicUrl } from '../gateway/call.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { TellEach, TellPerson } from '../gateway/tell-person.ts';
import type { Platform } from '../platform/platform.ts';
import type { Config } from './config.ts';

type Needs = {
  config: Config;
  tell: TellPerson;
  tellEach: TellEach;
  purchases: Purchases;
  publicUrl: PublicUrl;
  shownProducts: ShownProducts;
  /** Takes away the right to be on camera from somebody who is sent away. */
  offCamera: (roomId: string, personId: string) => Promise<void>;
  /** Ends what somebody watches or sends in a room that they are in no more. */
  endMedia: (roomId: string, personId: string) => void;
  /** Whether somebody is invited to be on camera, or is. */
  isCoHost: (roomId: string, personId: string) => Promise<boolean>;
  /** Goes into the marks of networks that the banned came from; the same for all gateways. */
  markSecret: string;
};

/** What makes a room live: its log, the room itself, who follows and belongs, what is said, and order in it. */
export function createLive(platform: Platform, needs: Needs) {
  const { config, tell, tellEach, purchases, publicUrl, shownProducts, offCamera, markSecret } = needs;
  const retentionDays = config.NIGHTMARKET_CHAT_RETENTION_DAYS;
  const roomLog = createRoomLogFeature(platform, {
    chatPerSecondMax: config.NIGHTMARKET_CHAT_PER_SECOND_MAX,
    frameWindow: { minMs: config.NIGHTMARKET_FRAME_MS_MIN, maxMs: config.NIGHTMARKET_FRAME_MS_MAX },
    retentionDays,
  });
  const actions = createActionsFeature(platform, { persist: roomLog.persist, retentionDays });
  const { note } = actions;
  const changes = createRoomChangesFeature(platform);
  const follow = createFollowFeature(platform);
  const moderation = createModerationFeature(platform, {
    roomLog,
    changes,
    room: () => room,
    withdraw: (...who) => chat.withdraw(...who),
    offCamera,
    tell,
    note,
    markSecret,
    retentionDays,
  });
  const audience = createAudienceFeature(platform, { roomLog, room: () => room });
  const numbers = createNumbersFeature(platform, { audienceOf: audience.audienceOf });
  const room = createRoomFeature(platform, {
    roomLog,
    changes,
    sentAway: moderation.sentAway,
    isKeptOut: moderation.isKeptOut,
    viewersOf: audience.viewersOf,
    shownProducts,
    publicUrl,
    note,
  });
  const fanClub = createFanClubFeature(platform, {
    follows: follow.follows,
    changes,
    roomLog,
    openGroup: room.openGroup,
    closeGroup: room.closeGroup,
    rooms: room.rooms,
    presence: room.presence,
    purchases,
    isBannedBy: moderation.isBannedBy,
    tell,
    tellEach,
    onStranger: needs.endMedia,
    onLiked: audience.onLiked,
  });
  room.letFansIn(
    async (entered, personId) =>
      (await fanClub.mayEnter(entered, personId)) || (await needs.isCoHost(entered.roomId, personId)),
  );
  const chat = createChatFeature(platform, {
    roomLog,
    rooms: room.rooms,
    changes,
    snapshots: room.snapshots,
    follows: follow.recentFollows,
    membership: fanClub.membership,
    rulesOf: moderation.rulesOf,
    forgetRules: moderation.forgetRules,
    staffOf: room.staffOf,
    tell,
    note,
  });
  const reminders = createReminderFeature(platform, { tellEach, leadMinutes: config.NIGHTMARKET_REMINDER_MINUTES });

  return {
    roomLog,
    room,
    follows: follow.follows,
    followers: follow.followers,
    fanClub,
    onSaid: chat.onSaid,
    isNameAllowed: moderation.isNameAllowed,
    note,
    register(gateway: Gateway): void {
      for (const feature of [changes, room, audience, numbers, follow, reminders, moderation, chat, fanClub, actions])
        feature.register(gateway);
    },
  };
}
