import { amountIn, amountPattern, toMajor } from '../i18n/amounts.ts';
import { money } from '../i18n/format.ts';
import { messages, useMessages } from '../i18n/messages.ts';
import { TextField } from './field.tsx';

type Props = { label: string; currency: string; value: string; onText: (text: string) => void; required?: boolean };

/** An amount as the person types it, and below it as it was understood. A form with one that is none is not sent. */
export function AmountField({ label, currency, value, onText, required = false }: Props) {
  const t = useMessages(texts);
  const minor = amountIn(value, currency);
  const howToWrite = t.write(toMajor(exampleMinor, currency));
  const isOdd = value.trim() !== '' && minor === null;
  return (
    <TextField
      label={`${label} (${currency})`}
      required={required}
      inputMode="decimal"
      autocomplete="off"
      pattern={amountPattern(currency)}
      title={howToWrite}
      value={value}
      onText={onText}
      hint={minor === null ? undefined : money({ minor, currency })}
      problem={isOdd ? howToWrite : undefined}
    />
  );
}

/** Long enough to show that thousands get no separator. */
const exampleMinor = 123_450;

const texts = messages(
  { write: (example: string) => `Write it like ${example}, without a separator for thousands.` },
  { write: (example: string) => `请写成 ${example} 的形式，不加千位分隔符。` },
);
