import { TextField, type InputProps } from './field.tsx';

/** A number that must be given: whole and at least 1 where nothing else is said. */
export const NumberField = (props: InputProps) => (
  <TextField type="number" inputMode="numeric" required min={1} step={1} {...props} />
);
