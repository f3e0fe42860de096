import type { TypedEntry } from '../../shared/frames.ts';
import { language } from '../i18n/language.ts';
import type { ChatNews } from './chat-feed.ts';
import { localized } from './offers.ts';

/** What an entry of the room log means for the chat list; most kinds mean nothing. */
export function newsOf(entry: TypedEntry): ChatNews[] {
  const { atMs } = entry;
  switch (entry.kind) {
    case 'chat:message':
      return [{ kind: 'message', atMs, message: entry.body }];
    case 'chat:deleted':
      return [{ kind: 'deleted', messageIds: new Set(entry.body.messageIds) }];
    case 'chat:purged':
      return [{ kind: 'silenced', personId: entry.body.personId, untilMs: entry.body.saidUntilMs ?? null }];
    case 'chat:cleared':
      // Said again, it was told already.
      if (entry.body.saidUntilMs !== undefined) return [{ kind: 'cleared', untilMs: entry.body.saidUntilMs }];
      return [
        { kind: 'cleared', untilMs: null },
        { kind: 'system', atMs, event: { what: 'cleared' } },
      ];
    case 'chat:announced':
      return entry.body.text ? [{ kind: 'system', atMs, event: { what: 'announcement', text: entry.body.text } }] : [];
    case 'giveaway:published':
      return [{ kind: 'system', atMs, event: { what: entry.body.rules.kind, title: entry.body.rules.title } }];
    case 'giveaway:drawn':
      return [{ kind: 'system', atMs, event: { what: 'winners', names: entry.body.winners.map(({ name }) => name) } }];
    case 'offer:bought': {
      const { offerId, name, others, otherLines } = entry.body;
      const names = name === null ? [] : [name];
      const soleId = otherLines ? null : offerId;
      return [{ kind: 'system', atMs, event: { what: 'bought', offerId: soleId, names, people: 1 + others } }];
    }
    case 'fan-club:joined': {
      const { name, others } = entry.body;
      return [{ kind: 'system', atMs, event: { what: 'joined-club', names: [name], people: 1 + others } }];
    }
    case 'offer:pinned': {
      const { itemNumber, title } = entry.body;
      const event = { what: 'pinned' as const, itemNumber, title: localized(title, language.get()) };
      return [{ kind: 'system', atMs, event }];
    }
    default:
      return [];
  }
}
