import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from './config.ts';

export type Secrets = { tokenSecret: string; paymentWebhookSecret: string; mediaToken: string };

/** The secrets of this installation: from the settings, else made once and kept in the data folder, readable by us alone. */
export async function readSecrets(config: Config): Promise<Secrets> {
  const kept = (name: string, make: () => string) => keep(join(config.NIGHTMARKET_DATA_DIR, 'secrets', name), make);
  const random = () => randomBytes(32).toString('base64url');
  return {
    tokenSecret: config.NIGHTMARKET_TOKEN_SECRET ?? (await kept('token', random)),
    mediaToken: config.NIGHTMARKET_MEDIA_TOKEN ?? (await kept('media', random)),
    paymentWebhookSecret:
      config.NIGHTMARKET_PAYMENT_WEBHOOK_SECRET ??
      (await kept('webhook', () => `whsec_${randomBytes(32).toString('base64')}`)),
  };
}

/** Reads a file, or writes it first. `wx` makes one of two processes the writer. */
async function keep(path: string, make: () => string): Promise<string> {
  await mkdir(join(path, '..'), { recursive: true, mode: 0o700 });
  try {
    const file = await open(path, 'wx', 0o600);
    await file.writeFile(make());
    await file.close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFile(path, 'utf8');
}
