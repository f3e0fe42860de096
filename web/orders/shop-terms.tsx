import { language } from '../i18n/language.ts';
import { localized } from '../room/offers.ts';
import { useStore } from '../state/store.ts';
import type { Order } from '../../shared/protocol/order.ts';

/** The terms of the shop as the order keeps them, folded; nothing where the shop has none. */
export function ShopTerms({ order, summary }: { order: Order; summary: string }) {
  const terms = localized(order.terms, useStore(language));
  if (!terms) return null;
  return (
    <details class="card">
      <summary>{summary}</summary>
      <p class="quiet small user-text terms">{terms}</p>
    </details>
  );
}
