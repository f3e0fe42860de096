/** What media needs of a logger; pino has it. */
export type MediaLog = Record<'debug' | 'info' | 'warn' | 'error', (fields: object, message: string) => void>;
