import { moneyRange } from '../i18n/format.ts';
import { language } from '../i18n/language.ts';
import { localized } from '../room/offers.ts';
import { useStore } from '../state/store.ts';
import type { PlannedProduct } from '../../shared/protocol/room.ts';
import './planned.css';

/** A planned product in words, the same in every list. */
export function PlannedWords({ product }: { product: PlannedProduct }) {
  const title = localized(product.title, useStore(language));
  const { fromMinor, toMinor, currency } = product;
  return (
    <span class="grow planned__words">
      <span class="planned__title user-text">{title}</span>
      <span class="quiet small numbers">{moneyRange(fromMinor, toMinor, currency)}</span>
    </span>
  );
}
