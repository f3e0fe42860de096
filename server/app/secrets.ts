import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { secretFile } from '../platform/secret-file.ts';
import type { Config } from './config.ts';

export type Secrets = { tokenSecret: string; paymentWebhookSecret: string };

/** The secrets of this installation: from the settings, else made once and kept in the data folder. */
export function readSecrets(config: Config): Secrets {
  const kept = (name: string, make: () => string) =>
    secretFile(join(config.NIGHTMARKET_DATA_DIR, 'secrets', name), make);
  const random = () => randomBytes(32).toString('base64url');
  const webhookKey = () => `whsec_${randomBytes(32).toString('base64')}`;
  return {
    tokenSecret: config.NIGHTMARKET_TOKEN_SECRET ?? kept('token', random),
    paymentWebhookSecret: config.NIGHTMARKET_PAYMENT_WEBHOOK_SECRET ?? kept('webhook', webhookKey),
  };
}
