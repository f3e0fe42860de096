import type { Gateway } from '../../gateway/gateway.ts';
import type { Moderation } from './moderation.ts';

export function registerModeration(gateway: Gateway, moderation: Moderation): void {
  gateway.expose('moderation:sanction', ({ personId }, input) => moderation.sanction(personId, input));
  gateway.expose('moderation:lift', ({ personId }, input) => moderation.lift(personId, input));
  gateway.expose('moderation:list', (_viewer, page) => moderation.list(page));
  gateway.expose('moderation:settings', (_viewer, { roomId }) => moderation.settings(roomId));
  gateway.expose('moderation:configure', ({ personId }, { roomId, ...settings }) =>
    moderation.configure(personId, roomId, settings),
  );

  gateway.expose('moderation:words', (_viewer, { roomId }) => moderation.words(roomId));
  gateway.expose('moderation:add-words', ({ personId }, { roomId, words }) =>
    moderation.addWords(personId, roomId, words),
  );
  gateway.expose('moderation:remove-words', ({ personId }, { roomId, words }) =>
    moderation.removeWords(personId, roomId, words),
  );

  gateway.expose('moderation:platform-words', () => moderation.words(null));
  gateway.expose('moderation:add-platform-words', ({ personId }, { words }) =>
    moderation.addWords(personId, null, words),
  );
  gateway.expose('moderation:remove-platform-words', ({ personId }, { words }) =>
    moderation.removeWords(personId, null, words),
  );
}
