import { errorCodes } from '../../shared/errors.ts';

/** The error table of docs/protocol.md, from the codes themselves. `npm run docs` writes it; a test keeps it in step. */
function errorTable(): string {
  const rows = Object.entries(errorCodes).map(
    ([code, { status, retryable, message }]) =>
      `| \`${code}\` | ${status} | ${retryable ? 'yes' : 'no'} | ${message} |`,
  );
  return ['| code | HTTP | retryable | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

/** Puts the table where the page has one. @throws Error when the page has none. */
export function withErrorTable(page: string): string {
  const table = /\| code \| HTTP \|[^\n]*\n(\|[^\n]*\n)+/;
  if (!table.test(page)) throw new Error('docs/protocol.md has no error table');
  return page.replace(table, `${errorTable()}\n`);
}
