import { AppError } from '../../shared/errors.ts';
import type { Shop } from '../../shared/protocol/catalog.ts';
import { language } from '../i18n/language.ts';
import { ask } from '../session/connection.ts';
import { person } from '../session/session.ts';

/** A person's shop has the person's id: account and shop are one. */
export const myShopId = (): string => person()!.personId;

/** What a shop is most likely run in, before there is one. */
export const usualCurrency = (): string => (language.get() === 'zh-CN' ? 'CNY' : 'EUR');

/** The own shop; null before it was opened. */
export const readMyShop = (): Promise<Shop | null> => readShop(myShopId());

/** Somebody's shop; null before it was opened. */
export async function readShop(shopId: string): Promise<Shop | null> {
  try {
    return await ask('shop:read', { shopId });
  } catch (error) {
    if (error instanceof AppError && error.code === 'NOT_FOUND') return null;
    throw error;
  }
}
