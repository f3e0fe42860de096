import { settings, type Setting } from './settings.ts';

/** docs/configuration.md, from the settings themselves. `npm run docs` writes it; a test keeps it in step. */
export function configurationPage(): string {
  const rows = Object.entries<Setting>(settings).map(([name, setting]) => {
    const unset = setting.schema.safeParse(undefined);
    const shown = unset.success && unset.data !== undefined ? `\`${textOf(unset.data)}\`` : '–';
    return `| \`${name}\`${setting.secret ? ' (secret)' : ''} | ${shown} | ${setting.meaning.replaceAll('|', '\\|')} |`;
  });
  return [
    '# Configuration',
    '',
    'Nightmarket is configured by environment variables, read once at the start. Unknown names that begin with `NIGHTMARKET_`',
    'and malformed values stop the start, and every problem is named at once. Secrets never reach the log.',
    '',
    'This page is generated from `server/app/settings.ts` by `npm run docs`.',
    '',
    '| setting | default | meaning |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

const textOf = (value: unknown): string => (Array.isArray(value) ? value.join(',') : String(value)) || ' ';
