import { createHash } from 'node:crypto';
import express from 'express';
import { z } from 'zod';
import { AppError } from '../../../shared/errors.ts';
import { limits } from '../../../shared/limits.ts';
import { parseInput } from '../../../shared/parse-input.ts';
import { bodyUpTo } from '../../gateway/body-up-to.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import type { PaymentProvider } from './payment-provider.ts';
import type { Payments } from './payments.ts';
import { pageDelaysSeconds, sandboxPage } from './sandbox-page.ts';
import type { SandboxProvider } from './sandbox-provider.ts';

/** Where the providers call; nothing but the signature says who may. */
export const webhookPath = '/api/webhooks/payments/:provider';

const rawBody = bodyUpTo(limits.messageBytesMax, (limit) => express.raw({ type: () => true, limit }));
const formBody = bodyUpTo(4_096, (limit) => express.urlencoded({ extended: false, limit }));

const Tick = z
  .literal('yes')
  .optional()
  .transform((tick) => tick === 'yes');

const PageForm = z.strictObject({
  choice: z.enum(['pay', 'decline']),
  delaySeconds: z.enum(pageDelaysSeconds.map(String)).transform(Number),
  twice: Tick,
  silent: Tick,
  refundFails: Tick,
});

export function registerWebhooks(gateway: Gateway, payments: Payments, provider: PaymentProvider): void {
  gateway.route(`POST ${webhookPath}`, rawBody, async (request, response) => {
    if (request.params['provider'] !== provider.name) throw new AppError('UNKNOWN_ROUTE');
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const event = provider.readEvent({ headers: request.headers, rawBody: body });
    await payments.receive(event, createHash('sha256').update(body).digest());
    response.status(204).end();
  });
}

/** The page of the sandbox provider. Whoever has its address may pay: the token in it is the secret. */
export function registerSandboxPage(gateway: Gateway, sandbox: SandboxProvider): void {
  gateway.route('GET /pay/:pageToken', async (request, response) => {
    const payment = await sandbox.find(request.params['pageToken'] as string);
    if (!payment) throw new AppError('NOT_FOUND');
    response.set('Cache-Control', 'no-store').type('html').send(sandboxPage(payment));
  });

  gateway.route('POST /pay/:pageToken', formBody, async (request, response) => {
    if (!request.is('application/x-www-form-urlencoded')) throw new AppError('UNSUPPORTED_MEDIA_TYPE');
    const form = parseInput(PageForm, request.body);
    const pageToken = request.params['pageToken'] as string;
    await sandbox.choose(pageToken, form);
    response.redirect(303, `/pay/${encodeURIComponent(pageToken)}`);
  });
}
