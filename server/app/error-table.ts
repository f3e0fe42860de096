import { errorCodes, errorReasons } from '../../shared/errors.ts';

/** The error table of docs/protocol.md, from the codes themselves. `npm run docs` writes it; a test keeps it in step. */
function errorTable(): string {
  const rows = Object.entries(errorCodes).map(
    ([code, { status, retryable, message }]) =>
      `| \`${code}\` | ${status} | ${retryable ? 'yes' : 'no'} | ${message} |`,
  );
  return ['| code | HTTP | retryable | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

const reasonsLine = (): string =>
  `Reasons, of a \`CONFLICT\`, of a guest and of who was put out of a room or is no fan (\`FORBIDDEN\`), of a media server that has no place (\`RATE_LIMITED\`) and of addresses: ${errorReasons.map((reason) => `\`${reason}\``).join(', ')}.`;

/** Puts table and reasons where the page has them. @throws Error when the page has none. */
export function withErrorTable(page: string): string {
  const table = /\| code \| HTTP \|[^\n]*\n(\|[^\n]*\n)+/;
  const reasons = /^Reasons, of a `CONFLICT`.*: .*$/m;
  if (!table.test(page) || !reasons.test(page)) throw new Error('docs/protocol.md has no error table');
  return page.replace(table, `${errorTable()}\n`).replace(reasons, reasonsLine());
}
