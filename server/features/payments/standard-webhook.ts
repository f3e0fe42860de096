import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { AppError } from '../../../shared/errors.ts';
import type { WebhookMessage } from './payment-provider.ts';

export type WebhookSignature = ReturnType<typeof createWebhookSignature>;

/**
 * Standard Webhooks: an HMAC over id, timestamp and the raw body, valid for 5 minutes around the timestamp.
 *
 * @param secrets one or several `whsec_…`, separated by spaces: while a key is being rotated, messages are signed with
 * each of them and accepted with any.
 */
export function createWebhookSignature(secrets: string) {
  const keys = secrets
    .split(' ')
    .filter(Boolean)
    .map((secret) => new Webhook(secret));

  return {
    /** Headers of a message that is sent now. */
    sign(messageId: string, body: string, at: Date): Record<string, string> {
      return {
        'webhook-id': messageId,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
        'webhook-signature': keys.map((key) => key.sign(messageId, at, body)).join(' '),
      };
    },
    /** @returns the message id. @throws AppError UNAUTHENTICATED when no key fits, or it is older or newer than 5 minutes. */
    verify({ headers, rawBody }: WebhookMessage): string {
      const given = Object.fromEntries(names.map((name) => [name, textOf(headers[name])]));
      const fits = keys.some((key) => verifies(key, rawBody, given));
      if (!fits) throw new AppError('UNAUTHENTICATED', 'The signature of this message does not fit.');
      return given['webhook-id']!;
    },
  };
}

const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];

/** A header given twice is a list, and then no signature fits. */
const textOf = (value: string | string[] | undefined): string => (typeof value === 'string' ? value : '');

function verifies(key: Webhook, rawBody: Buffer, headers: Record<string, string>): boolean {
  try {
    key.verify(rawBody, headers, { jsonParse: false });
    return true;
  } catch (error) {
    if (error instanceof WebhookVerificationError) return false;
    throw error;
  }
}
