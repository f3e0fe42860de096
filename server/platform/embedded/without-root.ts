import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { StartError } from '../start-error.ts';

/** "nobody" on every Linux. It has to be a known user: PostgreSQL looks its name up. */
const nobody = '65534';

/**
 * In a user namespace root is seen as nobody, while its files stay root's. Containers with Docker's defaults forbid such
 * namespaces; they do let root become nobody, who may then pass folders that are root's alone but owns what it makes. Such a
 * PostgreSQL can read what root can (it has to, to be found below root's home): it listens on this machine only, behind a
 * password made for it, and a server in production does not start it.
 */
const ways = {
  namespace: ['unshare', '--user', `--map-user=${nobody}`],
  user: [
    'setpriv',
    ...[`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups'],
    ...['--inh-caps=+dac_override', '--ambient-caps=+dac_override'],
  ],
} as const;

/**
 * What goes before a program that refuses to run as root; nothing when we are not root. The way that a folder was made
 * in is the only one in which it can be used again.
 *
 * @param folder whose owner decides; one that is not there yet may be made in either way
 * @throws StartError when this machine allows neither.
 */
export function withoutRoot(folder: string): readonly string[] {
  if (process.getuid?.() !== 0) return [];
  const owner = statSync(folder, { throwIfNoEntry: false })?.uid;
  const usable = owner === undefined ? [ways.namespace, ways.user] : [owner === 0 ? ways.namespace : ways.user];
  const allowed = usable.find(([command, ...args]) => spawnSync(command, [...args, 'true']).status === 0);
  if (!allowed) {
    throw new StartError(
      'PostgreSQL does not run as root, and this machine forbids to be somebody else: start as an ordinary user or set DATABASE_URL.',
    );
  }
  return allowed;
}
