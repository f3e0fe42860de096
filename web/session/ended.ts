import type { ErrorCode } from '../../shared/errors.ts';
import { createStore } from '../state/store.ts';

/** The server will not have this page's connection back: why, and what the person can do about it. */
export type Ended = { code: ErrorCode; mend: 'sign-in' | 'reload' };

/** Null while the connection is there or comes back by itself. */
export const ended = createStore<Ended | null>(null);
