import { z } from 'zod';
import { newId } from '../../../shared/ids.ts';
import type { Jobs } from '../../platform/jobs.ts';
import type { Queryable } from '../../platform/postgres.ts';
import type { SandboxEvent } from './sandbox-events.ts';
import type { WebhookSignature } from './standard-webhook.ts';

/** One webhook to be sent: signed when it goes out, so that a late one is not stale. */
const Callback = z.object({ url: z.url(), eventId: z.string(), body: z.string() });

const callbackJob = 'sandbox-callback';

/** How long the other side may take to answer a webhook. */
const answerMsMax = 10_000;

export type SandboxCallbacks = ReturnType<typeof createSandboxCallbacks>;
type EventParts = SandboxEvent extends infer E ? (E extends SandboxEvent ? Omit<E, 'timestamp'> : never) : never;

/** Webhooks of the sandbox provider, sent by the worker until they are answered with 2xx. */
export function createSandboxCallbacks({
  jobs,
  signature,
  nowMs,
}: {
  jobs: Pick<Jobs, 'add' | 'define'>;
  signature: WebhookSignature;
  nowMs: () => number;
}) {
  return {
    /**
     * Plans one event in the caller's transaction. `delaysMs`: one delivery each, all of the same event; two zeros are a
     * provider that tells everything twice.
     */
    async plan(client: Queryable, url: string, event: EventParts, delaysMs: readonly number[] = [0]): Promise<void> {
      const eventId = `evt_${newId()}`;
      const body = JSON.stringify({ ...event, timestamp: new Date(nowMs()).toISOString() });
      for (const delayMs of delaysMs)
        await jobs.add(client, { name: callbackJob, payload: { url, eventId, body }, delayMs });
    },
    register(): void {
      jobs.define(callbackJob, (payload) => deliver(Callback.parse(payload), signature));
    },
  };
}

async function deliver({ url, eventId, body }: z.infer<typeof Callback>, signature: WebhookSignature): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    // The wall clock on purpose: it is what the receiver compares the timestamp with.
    headers: { 'content-type': 'application/json', ...signature.sign(eventId, body, new Date()) },
    body,
    redirect: 'error',
    signal: AbortSignal.timeout(answerMsMax),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`the webhook ${eventId} was answered with ${response.status}`);
}
