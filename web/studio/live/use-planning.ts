import { useState } from 'preact/hooks';
import { ask } from '../../session/connection.ts';
import { useLoaded } from '../../state/use-loaded.ts';
import type { PlannedProduct, Room } from '../../../shared/protocol/room.ts';

export type Planning = ReturnType<typeof usePlanning>;

/** The list of products of a show while it is written. `room`: null for a show that is made just now. */
export function usePlanning(room: Room | null) {
  const [productIds, setProductIds] = useState<readonly string[]>(room?.productIds ?? []);
  const [picked, setPicked] = useState<ReadonlyMap<string, PlannedProduct>>(new Map());
  const [isChoosing, setChoosing] = useState(false);
  const { loaded, again } = useLoaded(async () => {
    if (!room || room.productIds.length === 0) return [];
    return (await ask('room:products', { roomId: room.roomId })).products;
  }, []);
  const known = loaded.state === 'ready' ? loaded.value : [];
  return {
    productIds,
    setProductIds,
    /** What is known of those on the list; who is missing has left the shop. */
    cards: new Map([...known.map((product) => [product.productId, product] as const), ...picked]),
    reading: loaded,
    again: () => void again(),
    toggle(product: PlannedProduct): void {
      const { productId } = product;
      setPicked((before) => new Map([...before, [productId, product]]));
      setProductIds((ids) => (ids.includes(productId) ? ids.filter((id) => id !== productId) : [...ids, productId]));
    },
    isChoosing,
    openChoice: () => setChoosing(true),
    closeChoice: () => setChoosing(false),
  };
}
