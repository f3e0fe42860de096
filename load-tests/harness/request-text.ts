import { newId } from '../../shared/ids.ts';
import { markOf } from './delivery-counter.ts';
import type { RequestTemplate } from './fleet-tasks.ts';

/** Makes the event text of request `number` from its template, without building and printing objects each time. */
export function requestText({ name, input, choices = [] }: RequestTemplate): (number: number) => string {
  const gaps: Record<string, (number: number) => string> = {
    '{mark}': markOf,
    '{number}': String,
    '{id}': newId,
    '{choice}': (number) => choices[number % choices.length]!,
  };
  const parts = JSON.stringify([name, input]).split(/(\{(?:mark|number|id|choice)\})/);
  return (number) => parts.map((part) => gaps[part]?.(number) ?? part).join('');
}
