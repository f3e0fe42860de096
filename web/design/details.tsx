import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';

/** Something to open; what is in it is made, and read, only while it is open. */
export function Details({ summary, children }: { summary: ComponentChildren; children: () => JSX.Element }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{summary}</summary>
      {isOpen && children()}
    </details>
  );
}
