import { limits } from '../../shared/limits.ts';
import { Icon } from './icon.tsx';
import './search-field.css';

/** `label`: what can be looked for; it stands in the field until something is typed. */
type Props = { label: string; value: string; onText: (text: string) => void };

/** Where one types what a list should be searched for. */
export const SearchField = ({ label, value, onText }: Props) => (
  <label class="search input-row">
    <Icon name="search" sizePx={18} />
    <span class="visually-hidden">{label}</span>
    <input
      type="search"
      dir="auto"
      maxLength={limits.searchLengthMax}
      placeholder={label}
      value={value}
      onInput={(event) => onText(event.currentTarget.value)}
    />
  </label>
);
