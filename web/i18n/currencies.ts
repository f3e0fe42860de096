import { currencyCodes } from '../../shared/codes.ts';
import { namedChoices } from './named-codes.ts';

/** Currencies to choose from. The code stands with the name: it is what a merchant knows from the bank. */
export const currencyChoices = () =>
  namedChoices(currencyCodes, 'currency').map(({ key, label }) => ({ key, label: `${label} (${key})` }));
