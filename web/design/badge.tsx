import type { ComponentChildren } from 'preact';
import './badge.css';

type Tone = 'live' | 'accent' | 'gold' | 'good' | 'bad' | 'quiet';

/** One or two words about the state of what they stand on. */
export function Badge({ tone = 'quiet', children }: { tone?: Tone; children: ComponentChildren }) {
  return <span class={`badge badge--${tone}`}>{children}</span>;
}
