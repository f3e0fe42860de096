import { serverNowMs } from '../../state/server-clock.ts';
import { linesMax, type ChatLine } from '../../room/chat-feed.ts';

const minuteMs = 60_000;

/** Messages of the last minute. A chat so fast that its list does not reach back a minute is counted by what the list spans. */
export function chatPerMinute(lines: readonly ChatLine[], nowMs = serverNowMs()): number {
  const isFull = lines.length === linesMax;
  const spanMs = isFull ? Math.min(minuteMs, Math.max(1_000, nowMs - lines[0]!.atMs)) : minuteMs;
  const said = lines.reduce((sum, line) => (line.atMs > nowMs - spanMs ? sum + messagesOf(line) : sum), 0);
  return Math.round((said * minuteMs) / spanMs);
}

function messagesOf(line: ChatLine): number {
  if (line.kind === 'omitted') return line.messages;
  return line.kind === 'message' ? 1 : 0;
}
