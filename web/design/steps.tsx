import { useMessages } from '../i18n/messages.ts';
import { IconButton } from './button.tsx';
import { stepsTexts } from './steps.messages.ts';
import './steps.css';

type Props = { value: number; min: number; max: number; onChoose: (value: number) => void; of?: string };

/** A small number by one less and one more. `of` says of what, for those who don't see what stands beside it. */
export function Steps({ value, min, max, onChoose, of }: Props) {
  const t = useMessages(stepsTexts);
  const labelOf = (act: string) => (of ? `${act}: ${of}` : act);
  return (
    <>
      <IconButton
        kind="plain"
        icon="minus"
        label={labelOf(t.less)}
        disabled={value <= min}
        onClick={() => onChoose(value - 1)}
      />
      <output class="steps__value">{value}</output>
      <IconButton
        kind="plain"
        icon="plus"
        label={labelOf(t.more)}
        disabled={value >= max}
        onClick={() => onChoose(value + 1)}
      />
    </>
  );
}
