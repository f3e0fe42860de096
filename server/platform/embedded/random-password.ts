import { randomBytes } from 'node:crypto';

/** Of an embedded server: 32 hex digits, which need no escaping in a URL or a configuration file. */
export const randomPassword = (): string => randomBytes(16).toString('hex');
