import type { ComponentChildren } from 'preact';
import './bar.css';

/** A line about the state of the whole view (offline, reconnecting, rehearsal), above everything else. */
export function Bar({
  tone = 'quiet',
  children,
}: {
  tone?: 'quiet' | 'bad' | 'good' | 'gold';
  children: ComponentChildren;
}) {
  return (
    <div class={`bar bar--${tone}`} role="status">
      {children}
    </div>
  );
}
