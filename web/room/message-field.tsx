import { useId, useState } from 'preact/hooks';
import type { RefObject } from 'preact';
import { limits } from '../../shared/limits.ts';
import { useMessages } from '../i18n/messages.ts';
import { nameBegunIn, speakersIn, thoseWhoMatch, withName, type NameBegun, type Named } from './mentions.ts';
import { useRoom } from './room-context.ts';
import { roomTexts } from './room.messages.ts';
import type { Draft } from './use-draft.ts';

type FieldProps = { input: RefObject<HTMLInputElement | null>; draft: Draft; placeholder: string };

/** Where a message is written. Behind an `@` it offers those who spoke lately, for the arrow keys and Enter, or a finger. */
export function MessageField({ input, draft, placeholder }: FieldProps) {
  const t = useMessages(roomTexts);
  const listId = useId();
  const names = useNames(input, draft);
  return (
    <>
      <input
        ref={input}
        dir="auto"
        value={draft.text}
        maxLength={limits.chatTextLengthMax}
        placeholder={placeholder}
        aria-label={t.say}
        autocomplete="off"
        enterkeyhint="send"
        role="combobox"
        aria-autocomplete="list"
        aria-expanded={names.offered.length > 0}
        aria-controls={listId}
        aria-activedescendant={names.offered.length > 0 ? `${listId}-${names.at}` : undefined}
        onInput={names.onInput}
        onKeyDown={names.onKeyDown}
        onBlur={names.close}
      />
      <ul id={listId} class="names" role="listbox" aria-label={t.whoIsNamed} hidden={names.offered.length === 0}>
        {names.offered.map((person, index) => (
          <li
            key={person.personId}
            id={`${listId}-${index}`}
            class="names__one one-line user-text"
            role="option"
            aria-selected={index === names.at}
            onMouseDown={(event) => event.preventDefault() /* The field keeps the focus. */}
            onClick={() => names.choose(person)}
          >
            {person.name}
          </li>
        ))}
      </ul>
    </>
  );
}

/** These lead away from the name that is being written. */
const caretKeys = new Set(['ArrowLeft', 'ArrowRight', 'Home', 'End']);

type Offer = { begun: NameBegun; people: readonly Named[]; at: number };

/** Whom the field offers to name. It stays as it is while the talk goes on, so that nothing moves under a finger. */
function useNames(input: RefObject<HTMLInputElement | null>, draft: Draft) {
  const { chat, myId } = useRoom();
  const [offer, setOffer] = useState<Offer | null>(null);
  const close = () => setOffer(null);

  const onInput = () => {
    const { value, selectionStart } = input.current!;
    draft.write(value);
    const begun = nameBegunIn(value, selectionStart ?? 0);
    // Read now and not watched: in a busy chat it changes many times a second.
    const people = begun && thoseWhoMatch(begun.typed, speakersIn(chat.get().lines, myId));
    setOffer(begun && people?.length ? { begun, people, at: 0 } : null);
  };
  const choose = (person: Named) => {
    const chosen = offer && withName(draft.text, offer.begun, person.name);
    close();
    if (!chosen) return;
    const field = input.current!;
    field.value = chosen.text; // At once, for the caret to have its place.
    field.setSelectionRange(chosen.caret, chosen.caret);
    draft.write(chosen.text);
    draft.name(person);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!offer || event.isComposing) return;
    const { people, at } = offer;
    const goTo = (index: number) => setOffer({ ...offer, at: index % people.length });
    const does: Record<string, (() => void) | undefined> = {
      ArrowDown: () => goTo(at + 1),
      ArrowUp: () => goTo(at + people.length - 1),
      Enter: () => choose(people[at]!),
      Escape: close,
    };
    const act = does[event.key];
    if (!act) return caretKeys.has(event.key) ? close() : undefined;
    event.preventDefault();
    event.stopPropagation(); // Escape leaves the list, and nothing around it.
    act();
  };
  return { offered: offer?.people ?? [], at: offer?.at ?? 0, onInput, onKeyDown, choose, close };
}
