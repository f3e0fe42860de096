import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { useMessages } from '../i18n/messages.ts';
import { brokenRule, ruleTexts, wordsOf, type BrokenRule, type Rules } from './broken-rule.ts';
import './field.css';

type FieldProps = {
  label: string;
  hint?: string | undefined;
  problem?: string | undefined;
};

export type InputProps = FieldProps & {
  value: string;
  onText: (text: string) => void;
  type?: 'text' | 'email' | 'password' | 'number' | 'datetime-local' | 'url';
  required?: boolean;
  minLength?: number;
  maxLength?: number;
  min?: number | string;
  max?: number | string;
  step?: number | string;
  placeholder?: string;
  autocomplete?: string;
  /** What it must look like; `title` says so in words. */
  pattern?: string;
  title?: string;
  inputMode?: 'decimal' | 'numeric' | 'text' | 'url';
};

export function TextField({ label, hint, problem: told, value, onText, ...rest }: InputProps) {
  const ids = useFieldIds();
  const input = useRef<HTMLInputElement>(null);
  const { broken, onInvalid, forget } = useBrokenRule(value, rest);
  const problem = told ?? broken;
  // A form with something wrong in it is not sent.
  useEffect(() => input.current?.setCustomValidity(told ?? ''), [told]);
  return (
    <Field {...ids} label={label} hint={hint} problem={problem}>
      <input
        ref={input}
        {...(rest as object)}
        id={ids.id}
        class="input"
        dir="auto"
        value={value}
        aria-invalid={problem !== undefined}
        aria-describedby={ids.noteId}
        onInvalid={onInvalid}
        onInput={(event) => {
          forget();
          onText(event.currentTarget.value);
        }}
      />
    </Field>
  );
}

/**
 * What is wrong with a field, from when its form was to be sent until something else stands in it. Said by the page: the browser would
 * say it in a bubble, of one field alone, and in a language of its own. The first such field of a form gets the focus.
 */
function useBrokenRule(value: string, rules: Rules) {
  const t = useMessages(ruleTexts);
  const [found, setFound] = useState<{ rule: BrokenRule; value: string } | null>(null);
  const onInvalid = (event: Event & { currentTarget: HTMLInputElement }) => {
    const field = event.currentTarget;
    const rule = brokenRule(field.validity);
    event.preventDefault();
    setFound(rule && { rule, value });
    if ((field.form?.querySelector('input:invalid') ?? field) === field) field.focus();
  };
  const isStill = found !== null && found.value === value;
  return { broken: isStill ? wordsOf(found.rule, rules, t) : undefined, onInvalid, forget: () => setFound(null) };
}

type AreaProps = FieldProps & { value: string; onText: (text: string) => void; rows?: number; maxLength?: number };

export function TextArea({ label, hint, problem, value, onText, rows = 3, maxLength }: AreaProps) {
  const ids = useFieldIds();
  return (
    <Field {...ids} label={label} hint={hint} problem={problem}>
      <textarea
        id={ids.id}
        class="input"
        dir="auto"
        rows={rows}
        {...(maxLength ? { maxLength } : {})}
        value={value}
        aria-describedby={ids.noteId}
        onInput={(event) => onText(event.currentTarget.value)}
      />
    </Field>
  );
}

type ChoiceProps<Key extends string> = FieldProps & {
  value: Key;
  choices: readonly { key: Key; label: string }[];
  onChoose: (key: Key) => void;
  autocomplete?: string;
};

export function Choice<Key extends string>(props: ChoiceProps<Key>) {
  const { label, hint, problem, value, choices, onChoose, ...rest } = props;
  const ids = useFieldIds();
  return (
    <Field {...ids} label={label} hint={hint} problem={problem}>
      <select
        {...rest}
        id={ids.id}
        class="input"
        value={value}
        aria-invalid={problem !== undefined}
        aria-describedby={ids.noteId}
        onChange={(event) => onChoose(event.currentTarget.value as Key)}
      >
        {choices.map(({ key, label: text }) => (
          <option key={key} value={key}>
            {text}
          </option>
        ))}
      </select>
    </Field>
  );
}

type TickProps = {
  label: ComponentChildren;
  checked: boolean;
  disabled?: boolean;
  onTick: (checked: boolean) => void;
};

export function Tick({ label, checked, disabled = false, onTick }: TickProps) {
  return (
    <label class="tick">
      <input
        type="checkbox"
        checked={checked}
        disabled={disabled}
        onChange={(event) => onTick(event.currentTarget.checked)}
      />
      <span>{label}</span>
    </label>
  );
}

const useFieldIds = () => {
  const id = useId();
  return { id, noteId: `${id}-note` };
};

type FrameProps = FieldProps & { id: string; noteId: string; children: ComponentChildren };

function Field({ id, noteId, label, hint, problem, children }: FrameProps) {
  return (
    <div class="field">
      <label class="field__label" for={id}>
        {label}
      </label>
      {children}
      <p id={noteId} class={problem ? 'field__note field__note--bad' : 'field__note'}>
        {problem ?? hint}
      </p>
    </div>
  );
}
