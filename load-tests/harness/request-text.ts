import { newId } from '../../shared/ids.ts';
import { markOf } from './delivery-counter.ts';
import type { RequestTemplate } from './fleet-tasks.ts';

/** Makes the event text of request `number` from its template, without building and printing objects each time. */
export function requestText({ name, input }: RequestTemplate): (number: number) => string {
  const text = JSON.stringify([name, input]);
  const parts = text.split(/(\{mark\}|\{number\}|\{id\})/);
  return (number) => parts.map((part) => gapOf(part, number) ?? part).join('');
}

function gapOf(part: string, number: number): string | undefined {
  if (part === '{mark}') return markOf(number);
  if (part === '{number}') return String(number);
  return part === '{id}' ? newId() : undefined;
}
