import { count, money } from '../i18n/format.ts';
import type { Prize, Task } from '../../shared/raffle/rules.ts';
import type { giveawayTexts } from './giveaway.messages.ts';

type Texts = (typeof giveawayTexts)['en'];

export function prizeText(prize: Prize, t: Texts): string {
  if (prize.prize === 'points') return t.points(count(prize.points));
  return prize.prize === 'right-to-buy'
    ? t.right(prize.what, money({ minor: prize.priceMinor, currency: prize.currency }), prize.minutes)
    : prize.what;
}

export function taskText(task: Task, t: Texts): string {
  switch (task.task) {
    case 'fan-club':
      return t.taskFans(task.levelMin);
    case 'comment':
      return t.taskComment(task.keyword);
    case 'watch':
      return t.taskWatch(task.minutes);
    default:
      return t.task[task.task];
  }
}
