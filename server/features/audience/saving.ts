import type { AudienceStore } from './audience-store.pg.ts';

type Needs = {
  store: AudienceStore;
  roomsWithNews: () => Promise<string[]>;
  numbersOf: (roomId: string) => Promise<{ likes: number; viewers: number; visitors: number }>;
  onError: (error: unknown, roomId: string) => void;
};

/** Saves what Redis counts of every room where something happened lately. Run by one process at a time. */
export function createSaving({ store, roomsWithNews, numbersOf, onError }: Needs) {
  return async function saveAll(): Promise<void> {
    for (const roomId of await roomsWithNews()) await save(roomId).catch((error: unknown) => onError(error, roomId));
  };

  async function save(roomId: string): Promise<void> {
    const { likes, viewers, visitors } = await numbersOf(roomId);
    await store.save(roomId, { likes, visitors, viewersPeak: viewers });
  }
}
