import { AppError } from '../../../shared/errors.ts';
import { limits } from '../../../shared/limits.ts';
import type { Notification } from '../../../shared/protocol/reminder.ts';
import type { TellEach } from '../../gateway/tell-person.ts';
import type { Notifications } from './notifications.pg.ts';
import type { Rounds } from './rounds.pg.ts';

type Needs = { notifications: Notifications; rounds: Rounds; tellEach: TellEach; leadMinutes: readonly number[] };

/** People told in one transaction; their sockets hear of it when it is committed. */
const pagePeopleMax = 2_000;
/** Pages of one round in one run, so that a host with a million followers does not keep the others waiting. */
const pagesMax = 10;
const roundsMax = 100;

export type Reminders = ReturnType<typeof createReminders>;

/** Followers and those who rang the bell are told once when a show is near, moves, is cancelled or begins. */
export function createReminders({ notifications, rounds, tellEach, leadMinutes }: Needs) {
  return {
    /** @throws AppError CONFLICT when the show is not coming any more. */
    async bell(personId: string, roomId: string, on: boolean): Promise<{ on: boolean; bells: number }> {
      const bells = await notifications.setBell(roomId, personId, on);
      if (bells === null)
        throw new AppError('CONFLICT', 'This show is not coming: it has begun or will not take place.', {
          reason: 'show-not-coming',
        });
      return { on, bells };
    },
    bells: async (personId: string): Promise<{ roomIds: string[] }> => ({
      roomIds: await notifications.bells(personId, limits.pageRowsMax),
    }),
    /** @throws AppError CONFLICT for a host one does not follow. */
    async follow(personId: string, hostId: string, on: boolean): Promise<{ on: boolean }> {
      if (!(await notifications.setFollow(hostId, personId, on)))
        throw new AppError('CONFLICT', 'You do not follow this host.', { reason: 'not-following' });
      return { on };
    },
    async list(personId: string, beforeMs: number | null, rows: number) {
      const [told, unread] = await Promise.all([
        notifications.list(personId, beforeMs, rows),
        notifications.unread(personId),
      ]);
      return { notifications: told satisfies Notification[], unread };
    },
    async read(personId: string, untilMs: number): Promise<{ unread: number }> {
      await notifications.readUntil(personId, untilMs);
      return { unread: await notifications.unread(personId) };
    },
    /** Begins what is due and goes on with what was begun. Run by one process at a time, again after a crash. */
    async run(): Promise<void> {
      await rounds.begin(leadMinutes);
      for (const round of await rounds.open(roundsMax)) {
        for (let pages = 0; pages < pagesMax; pages += 1) {
          const { told, done } = await rounds.tellPage(round, pagePeopleMax);
          await tellEach('reminder:told', told);
          if (done) break;
        }
      }
    },
  };
}
