import { useEffect, useRef, useState } from 'preact/hooks';
import { useMessages } from '../../i18n/messages.ts';
import { useRoom } from '../../room/room-context.ts';
import { onNotice } from '../../session/connection.ts';
import { serverNowMs } from '../../state/server-clock.ts';
import type { OrderSummary } from '../../../shared/protocol/order.ts';
import type { Room } from '../../../shared/protocol/room.ts';
import { ordersOfShow } from '../orders-of-show.ts';
import { studioTexts } from '../studio.messages.ts';
import { sumsOf } from './order-sums.ts';

export type Point = { atMs: number; viewers: number; orders: number };
export type Mark = { atMs: number; label: string };

const pointEveryMs = 2_000;
/** Two hours of points; older ones go. */
const pointsMax = 3_600;
/** Orders are read again after news of one, but not more often than this. */
const readEveryMs = 3_000;

/** The figures of a running show, and their way since this page was opened. */
export function useLiveNumbers({ roomId }: Room) {
  const t = useMessages(studioTexts);
  const { figures, chat, offers } = useRoom();
  const [orders, setOrders] = useState<readonly OrderSummary[]>([]);
  const [points, setPoints] = useState<readonly Point[]>([]);
  const [marks, setMarks] = useState<readonly Mark[]>([]);
  const latest = useRef(orders);
  latest.current = orders;

  useEffect(() => {
    const timer = setInterval(() => {
      const viewers = numberOf(figures.get()['viewers']);
      const point = { atMs: serverNowMs(), viewers, orders: sumsOf(latest.current).orders };
      setPoints((known) => [...known, point].slice(-pointsMax));
    }, pointEveryMs);
    return () => clearInterval(timer);
  }, []);

  useEffect(() => {
    let waiting: ReturnType<typeof setTimeout> | undefined;
    const read = async () => {
      waiting = undefined;
      const found = await ordersOfShow(roomId).catch(() => null);
      if (found) setOrders(found);
    };
    const readSoon = () => void (waiting ??= setTimeout(() => void read(), readEveryMs));
    void read();
    const stops = [onNotice('order:changed', readSoon), offers.subscribe(readSoon)];
    return () => {
      clearTimeout(waiting);
      for (const stop of stops) stop();
    };
  }, [roomId]);

  useEffect(() => {
    const known = new Set<string>();
    const look = () => {
      for (const { offerId, itemNumber, pinnedAtMs, opensAtMs, kind } of offers.get()) {
        if (pinnedAtMs !== null) add(`${offerId}:${pinnedAtMs}`, pinnedAtMs, t.markPin(itemNumber));
        if (kind === 'flash' && opensAtMs !== null) add(`${offerId}:opens`, opensAtMs, t.markSale(itemNumber));
      }
    };
    const add = (id: string, atMs: number, label: string) => {
      if (known.has(id)) return;
      known.add(id);
      setMarks((all) => [...all, { atMs, label }]);
    };
    look();
    return offers.subscribe(look);
  }, [roomId]);

  const minuteAgoMs = serverNowMs() - 60_000;
  const said = chat.get().lines.filter(({ kind, atMs }) => kind === 'message' && atMs > minuteAgoMs).length;
  const now = {
    viewers: numberOf(figures.get()['viewers']),
    visitors: numberOf(figures.get()['visitors']),
    likes: numberOf(figures.get()['likes']),
    chatPerMinute: said,
    ...sumsOf(orders),
  };
  return { now, points, marks };
}

const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0);
