import type { Gateway } from '../../gateway/gateway.ts';
import type { TellEach } from '../../gateway/tell-person.ts';
import type { Platform } from '../../platform/platform.ts';
import { createNotifications } from './notifications.pg.ts';
import { createReminders } from './reminders.ts';
import { createRounds } from './rounds.pg.ts';

const tellEveryMs = 2_000;
const deleteEveryMs = 60_000;
const keepDays = 90;
const deletedMax = 5_000;

export function createReminderFeature(
  platform: Platform,
  { tellEach, leadMinutes }: { tellEach: TellEach; leadMinutes: readonly number[] },
) {
  const notifications = createNotifications(platform.db);
  const reminders = createReminders({ notifications, rounds: createRounds(platform.db), tellEach, leadMinutes });
  const deleteOld = () => notifications.deleteOlderThan(keepDays, deletedMax);

  return {
    register(gateway: Gateway): void {
      gateway.expose('reminder:bell', ({ personId }, { roomId, on }) => reminders.bell(personId, roomId, on));
      gateway.expose('reminder:bells', ({ personId }) => reminders.bells(personId));
      gateway.expose('reminder:follow', ({ personId }, { hostId, on }) => reminders.follow(personId, hostId, on));
      gateway.expose('reminder:list', ({ personId }, { rows, beforeMs }) =>
        reminders.list(personId, beforeMs ?? null, rows),
      );
      gateway.expose('reminder:read', ({ personId }, { untilMs }) => reminders.read(personId, untilMs));
      platform.every({ name: 'reminders', everyMs: tellEveryMs, exclusive: true, run: reminders.run });
      platform.every({ name: 'forget notifications', everyMs: deleteEveryMs, exclusive: true, run: deleteOld });
    },
  };
}
